#include "elastic/json_reading.h"

namespace mentiond::elastic::json_reading {
namespace {

std::string_view cut(std::string_view text, std::size_t longest) {
  if (text.size() <= longest) return text;
  while (longest > 0 && (static_cast<unsigned char>(text[longest]) & 0xC0U) == 0x80U) --longest;
  return text.substr(0, longest);
}

std::string_view without_quotes(std::string_view token) {
  const auto end = token.rfind('"');
  return end == 0 || end == std::string_view::npos ? std::string_view{} : token.substr(1, end - 1);
}

}  // namespace

error_code read_text(od::value value, std::string& out, std::size_t longest) {
  od::json_type type{};
  if (const auto error = value.type().get(type)) return error;
  if (type != od::json_type::string) return simdjson::SUCCESS;
  const std::string_view token = value.raw_json_token();
  std::string_view text;
  const auto error = value.get_string().get(text);
  if (error == simdjson::STRING_ERROR) text = without_quotes(token);
  if (error && error != simdjson::STRING_ERROR) return error;
  out = cut(text, longest);
  return simdjson::SUCCESS;
}

}  // namespace mentiond::elastic::json_reading
