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

// A reply as one can type it: a status with whatever else its line says, header lines, an empty line, a body. What is
// missing is empty; a status that is missing, or has more than three digits, is 0.
struct TypedReply {
  HttpReply reply;
  std::string_view behind_status;
};
TypedReply read_typed_reply(std::string_view input);

}  // namespace mentiond::fuzz
