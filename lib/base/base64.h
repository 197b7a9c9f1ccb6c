// Base64 as RFC 4648 section 4 has it. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mentiond {

std::string base64_encode(std::string_view bytes);
// Padding may be left out; anything else outside the alphabet is refused, and so are stray bits in the last character
// (so that a text decodes only if encoding the result gives it back, but for padding).
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace mentiond
