// The letters of HTTP: host names, schemes and header names compare without the case of ASCII letters. Pure.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace mentiond::http {

inline std::string lower(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

}  // namespace mentiond::http
