#include "config/expand.h"

#include <algorithm>

#include "base/ascii.h"

namespace mentiond::config {

namespace {

bool is_name(std::string_view text) {
  const auto ok = [](char c) { return is_letter(c) || c == '_' || is_digit(c); };
  return !text.empty() && !is_digit(text.front()) && std::all_of(text.begin(), text.end(), ok);
}

}  // namespace

Result<std::string> expand(std::string_view text, const Environment& environment) {
  std::string out;
  while (!text.empty()) {
    const auto dollar = text.find('$');
    out += text.substr(0, dollar);
    if (dollar == std::string_view::npos) break;
    text.remove_prefix(dollar);
    if (text.starts_with("$${")) {
      out += "${";
      text.remove_prefix(3);
    } else if (text.starts_with("${")) {
      const auto end = text.find('}');
      const std::string name{text.substr(2, end == std::string_view::npos ? end : end - 2)};
      if (end == std::string_view::npos || !is_name(name)) {
        return fail(
            "a \"${\" that names no variable; expected ${NAME} of letters, digits and _, or $${ for a literal ${");
      }
      const auto value = environment(name);
      if (!value) return fail("the environment variable ", name, " is not set; set it, or write $${ for a literal ${");
      out += *value;
      text.remove_prefix(end + 1);
    } else {
      out += '$';
      text.remove_prefix(1);
    }
  }
  return Result<std::string>{boost::system::in_place_value, std::move(out)};
}

std::string escape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("${")) out += '$';
    out += text[i];
  }
  return out;
}

}  // namespace mentiond::config
