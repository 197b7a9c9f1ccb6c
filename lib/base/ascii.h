// Text looked at byte by byte, in ASCII and in no locale: what is not ASCII is left as it is. Pure.
#pragma once

#include <string>
#include <string_view>

namespace mentiond {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Of an ASCII letter its small one.
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
inline std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out) c = lower(c);
  return out;
}

// Without the blanks, tabs and line breaks around it.
inline std::string_view trim(std::string_view text) {
  constexpr std::string_view white_space = " \t\r\n";
  const auto first = text.find_first_not_of(white_space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

inline bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7F'; }

// As messages cite what somebody wrote.
inline std::string quoted(std::string_view text) { return '"' + std::string{text} + '"'; }

}  // namespace mentiond
