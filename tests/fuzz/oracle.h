// What the fuzzers judge by, sharing no code with what is judged: a strict JSON reader, and inputs that hold a reply.
#pragma once

#include <optional>
#include <string_view>

#include "base/http_message.h"
#include "fakes/json_value.h"

namespace mentiond::fuzz {

using Json = fakes::JsonValue;

inline std::string_view text_of(const unsigned char* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

bool is_utf8(std::string_view text);
// Nothing if the text is not exactly one JSON value in UTF-8, at most 64 deep. A surrogate without its twin, which the
// grammar of RFC 8259 allows, reads as U+FFFD.
std::optional<Json> read_json(std::string_view text);

// A line of its own kind, header lines, an empty line, a body: a reply as one can type it. What is missing is empty.
struct ReplyText {
  std::string_view first_line;
  HttpHeaders headers;
  std::string_view body;
};
ReplyText read_reply_text(std::string_view input);

// The number at the line's beginning, taken off it; 0 if there is none or it has more than three digits.
int take_status(std::string_view& line);

}  // namespace mentiond::fuzz
