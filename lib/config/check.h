// Whether one text is a valid value of one key: type, form and range. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/keys.h"

namespace mentiond::config {

// What is wrong and what was expected; nothing: valid. A secret's value is never repeated.
std::optional<std::string> check(const Key& key, std::string_view text);

struct Listen {
  std::string host;
  std::uint16_t port = 0;
  std::string socket;  // a Unix socket's path, instead of the two; empty: none
};
// "127.0.0.1:9464", "[::1]:9464", "localhost:0", "unix:/run/mentiond/admin.sock".
Result<Listen> parse_listen(std::string_view text);

// Unicode characters (code points) of a text that is UTF-8.
std::size_t count_characters(std::string_view text);
// The offset of the first byte that is not UTF-8.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

}  // namespace mentiond::config
