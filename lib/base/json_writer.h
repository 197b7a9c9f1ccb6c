// JsonWriter: appends compact JSON to a string, placing commas itself. The caller keeps objects and arrays balanced and
// names every member of an object; nothing is checked at run time. Not for reading. One thread at a time.
//
//   std::string out;
//   JsonWriter json{out};
//   json.begin_object().key("id").text("1").key("tags").begin_array().text("a").end_array().end_object();
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace mentiond {

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);
  // Escapes what JSON demands; bytes that are not UTF-8 become U+FFFD, so that the result always parses.
  JsonWriter& text(std::string_view value);
  JsonWriter& number(std::integral auto value) { return bare(std::to_string(value)); }
  JsonWriter& number(double value);  // shortest form that reads back the same; NaN and infinities become null
  JsonWriter& boolean(bool value) { return bare(value ? "true" : "false"); }
  JsonWriter& null() { return bare("null"); }
  // A value that is JSON already.
  JsonWriter& raw(std::string_view json) { return bare(json); }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  JsonWriter& bare(std::string_view value);
  void separate();

  std::string& out_;
  bool comma_ = false;  // the next value or key needs a comma before it
};

}  // namespace mentiond
