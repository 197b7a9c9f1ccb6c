#include "fuzz/oracle.h"

#include <algorithm>
#include <charconv>
#include <string>

#include <simdjson.h>

namespace mentiond::fuzz {
namespace {

// The four hex digits of the \u escape at `at`; nothing if there is none.
std::optional<unsigned> unit_at(std::string_view text, std::size_t at) {
  unsigned unit = 0;
  if (at + 6 > text.size() || text.substr(at, 2) != "\\u") return std::nullopt;
  const char* const digits = text.data() + at + 2;
  const auto [end, error] = std::from_chars(digits, digits + 4, unit, 16);
  return error == std::errc{} && end == digits + 4 ? std::optional{unit} : std::nullopt;
}

bool is_high(unsigned unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool is_low(unsigned unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

std::string without_lone_surrogates(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t length = text[at] == '\\' ? 2 : 1;
    const auto unit = unit_at(text, at);
    if (unit && (is_high(*unit) || is_low(*unit))) {
      length = 6;
      const auto twin = unit_at(text, at + 6);
      if (is_low(*unit) || !twin || !is_low(*twin)) {
        out += "\\ufffd";
        at += length;
        continue;
      }
      length = 12;
    }
    out += text.substr(at, length);
    at += length;
  }
  return out;
}

std::string_view take_line(std::string_view& rest) {
  const auto end = std::min(rest.find('\n'), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

int take_status(std::string_view& line) {
  const auto digits = std::min(line.find_first_not_of("0123456789"), line.size());
  int status = 0;
  if (digits <= 3) std::from_chars(line.data(), line.data() + digits, status);
  line.remove_prefix(digits);
  return status;
}

}  // namespace

bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

std::optional<Json> read_json(std::string_view text) {
  if (!is_utf8(text)) return std::nullopt;
  return Json::parse(without_lone_surrogates(text));
}

TypedReply read_typed_reply(std::string_view input) {
  TypedReply typed;
  typed.behind_status = take_line(input);
  typed.reply.status = take_status(typed.behind_status);
  while (!input.empty()) {
    const std::string_view line = take_line(input);
    if (line.empty()) break;
    const auto colon = line.find(": ");
    if (colon != std::string_view::npos) {
      typed.reply.headers.add(std::string{line.substr(0, colon)}, std::string{line.substr(colon + 2)});
    }
  }
  typed.reply.body = input;
  return typed;
}

}  // namespace mentiond::fuzz
