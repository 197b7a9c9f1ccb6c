// Any bytes through JsonWriter: the result is JSON, and a strict reader gets back what was written.
#include "base/json_writer.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "fuzz/oracle.h"
#include "fuzz/promise.h"

namespace mentiond::fuzz {
namespace {

// Every byte that is part of no character as U+FFFD.
std::string made_utf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t length = 1;
    while (length <= std::min<std::size_t>(text.size(), 4) && !is_utf8(text.substr(0, length))) ++length;
    const bool whole = length <= std::min<std::size_t>(text.size(), 4);
    out += whole ? text.substr(0, length) : "\xEF\xBF\xBD";
    text.remove_prefix(whole ? length : 1);
  }
  return out;
}

void check_text(const Json& value, std::string_view written) {
  require(value.is(Json::Kind::string) && value.text() == made_utf8(written),
          "a text reads as it was written, but for bytes that are none");
}

void check(std::string_view bytes, double real, std::int64_t whole) {
  const std::string_view half = bytes.substr(0, bytes.size() / 2);
  std::string out;
  JsonWriter json{out};
  json.begin_object().key("text").text(bytes).key("list").begin_array();
  json.text(half).number(real).number(whole).boolean(true).null().begin_object().end_object().end_array();
  json.key(half).raw("[]").end_object();
  const auto read = read_json(out);
  require(read.has_value(), "what is written is JSON");
  require(read->members().size() == 3 && read->members()[1].second.items().size() == 6, "nothing is lost or added");
  check_text(read->members()[0].second, bytes);
  const auto& list = read->members()[1].second.items();
  check_text(list[0], half);
  require(read->members()[2].first == made_utf8(half), "a name reads as it was written");
  if (std::isfinite(real)) {
    require(std::strtod(list[1].text().c_str(), nullptr) == real, "a number reads back the same");
  } else {
    require(list[1].is(Json::Kind::null), "what is no number is null");
  }
  require(list[2].integer() == whole, "a whole number reads back the same");
}

}  // namespace
}  // namespace mentiond::fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  double real = 0;
  std::int64_t whole = 0;
  if (size >= sizeof(real)) {
    std::memcpy(&real, bytes, sizeof(real));
    std::memcpy(&whole, bytes, sizeof(whole));
  }
  mentiond::fuzz::check(mentiond::fuzz::text_of(bytes, size), real, whole);
  return 0;
}
