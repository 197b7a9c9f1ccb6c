#include "base/http_message.h"

#include <algorithm>
#include <charconv>

namespace mentiond {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

std::optional<std::string_view> HttpHeaders::find(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (same_name(key, name)) return value;
  }
  return std::nullopt;
}

std::optional<std::int64_t> HttpHeaders::find_number(std::string_view name) const {
  const auto text = find(name);
  if (!text) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
  return value;
}

std::string_view to_text(HttpFailure::Kind kind) {
  switch (kind) {
    case HttpFailure::Kind::resolve:
      return "resolve";
    case HttpFailure::Kind::connect:
      return "connect";
    case HttpFailure::Kind::tls:
      return "tls";
    case HttpFailure::Kind::timeout:
      return "timeout";
    case HttpFailure::Kind::cut:
      return "cut";
    case HttpFailure::Kind::malformed:
      return "malformed";
    case HttpFailure::Kind::too_large:
      return "too_large";
    case HttpFailure::Kind::cancelled:
      return "cancelled";
    case HttpFailure::Kind::no_connection:
      return "no_connection";
  }
  return "unknown";
}

}  // namespace mentiond
