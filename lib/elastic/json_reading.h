// Small helpers over simdjson on-demand for reply_json's files. Private to lib/elastic. Values die with their parser.
// https://github.com/simdjson/simdjson/blob/master/doc/basics.md
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <simdjson.h>

namespace mentiond::elastic::json_reading {

namespace od = simdjson::ondemand;
using simdjson::error_code;

// Calls visit(key, value) -> error_code for each member, in order; stops at the first error. A value that is not looked
// at is skipped by counting its brackets.
template <class Visit>
error_code each_member(od::object object, Visit&& visit) {
  for (auto member : object) {
    od::field field;
    if (const auto error = std::move(member).get(field)) return error;
    std::string_view key;
    if (const auto error = field.unescaped_key().get(key)) return error;
    if (const auto error = visit(key, field.value())) return error;
  }
  return simdjson::SUCCESS;
}

// Calls visit(value) -> error_code for each element.
template <class Visit>
error_code each_element(od::array array, Visit&& visit) {
  for (auto element : array) {
    od::value value;
    if (const auto error = std::move(element).get(value)) return error;
    if (const auto error = visit(value)) return error;
  }
  return simdjson::SUCCESS;
}

// Parses one whole JSON object, from the first byte to the last. Anything behind it is an error.
template <class Visit>
error_code each_member_of_text(std::string_view text, Visit&& visit) {
  const simdjson::padded_string padded{text};
  od::parser parser;
  od::document document;
  if (const auto error = parser.iterate(padded).get(document)) return error;
  od::object object;
  if (const auto error = document.get_object().get(object)) return error;
  if (const auto error = each_member(object, visit)) return error;
  const bool at_end = document.current_location().error() == simdjson::OUT_OF_BOUNDS;
  return at_end ? simdjson::SUCCESS : simdjson::TRAILING_CONTENT;
}

// A string, at most `longest` bytes of it and never half a character; anything else leaves `out` as it was. A string
// that no decoder accepts (servers cut quotations in the middle of a surrogate pair) is taken as it is written: the
// words of a fault must not make a whole reply unreadable.
error_code read_text(od::value value, std::string& out, std::size_t longest);

}  // namespace mentiond::elastic::json_reading
