#include "http/fingerprint.h"

#include "base/ascii.h"

namespace mentiond::http {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

}  // namespace

Result<Fingerprint> parse_fingerprint(std::string_view text) {
  const auto wrong = [&] {
    return fail(quoted(text),
                " is no fingerprint; expected 64 hexadecimal digits (SHA-256), with or without ':' between pairs");
  };
  Fingerprint fingerprint{};
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ':' && i % 3 == 2 && i + 1 < text.size()) continue;
    const auto value = hex_digits.find(lower(text[i]));
    if (value == std::string_view::npos || digits == 2 * fingerprint.size()) return wrong();
    unsigned char& byte = fingerprint[digits / 2];
    byte = static_cast<unsigned char>(std::size_t{byte} << 4U | value);
    ++digits;
  }
  if (digits != 2 * fingerprint.size()) return wrong();
  return fingerprint;
}

std::string to_text(const Fingerprint& fingerprint) {
  std::string text;
  for (const unsigned char byte : fingerprint) {
    text += hex_digits[byte >> 4U];
    text += hex_digits[byte & 0xFU];
  }
  return text;
}

}  // namespace mentiond::http
