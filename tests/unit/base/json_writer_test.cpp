#include "base/json_writer.h"

#include <limits>

#include <gtest/gtest.h>

namespace mentiond {
namespace {

std::string text(std::string_view value) {
  std::string out;
  JsonWriter{out}.text(value);
  return out;
}

std::string number(double value) {
  std::string out;
  JsonWriter{out}.number(value);
  return out;
}

TEST(JsonWriter, PlacesCommasItself) {
  std::string out;
  JsonWriter json{out};
  json.begin_object()
      .key("id")
      .text("1")
      .key("tags")
      .begin_array()
      .text("a")
      .number(2)
      .boolean(true)
      .null()
      .end_array();
  json.key("empty")
      .begin_object()
      .end_object()
      .key("raw")
      .raw("[1,2]")
      .key("none")
      .begin_array()
      .end_array()
      .end_object();
  EXPECT_EQ(out, R"({"id":"1","tags":["a",2,true,null],"empty":{},"raw":[1,2],"none":[]})");
}

TEST(JsonWriter, AppendsToWhatIsThere) {
  std::string out = "line\n";
  JsonWriter{out}.begin_array().begin_array().end_array().begin_array().end_array().end_array();
  EXPECT_EQ(out, "line\n[[],[]]");
}

TEST(JsonWriter, EscapesWhatJsonDemands) {
  EXPECT_EQ(text("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(text("\n\r\t\b\f"), R"("\n\r\t\u0008\u000c")");
  EXPECT_EQ(text(std::string_view{"\0\x1f", 2}), "\"\\u0000\\u001f\"");
}

TEST(JsonWriter, ValidUtf8IsKept) {
  for (const std::string value : {"é", "€", "𝄞", "\u07FF", "\u0800", "\uD7FF", "\uE000", "\uFFFF", "\U00010000",
                                  "\U0010FFFF", "👩‍💻 ok"}) {
    EXPECT_EQ(text(value), "\"" + value + "\"");
  }
}

TEST(JsonWriter, EveryByteThatIsNotUtf8BecomesTheReplacementCharacter) {
  const std::string fffd = "\xEF\xBF\xBD";
  const std::vector<std::pair<std::string, std::string>> table = {
      {"\x80", fffd},                                   // a continuation alone
      {"\xC3", fffd},                                   // cut after its lead
      {"a\xE2\x82", "a" + fffd + fffd},                 // cut in the middle
      {"\xC0\xAF", fffd + fffd},                        // overlong
      {"\xE0\x80\xAF", fffd + fffd + fffd},             // overlong
      {"\xF0\x80\x80\xAF", fffd + fffd + fffd + fffd},  // overlong
      {"\xED\xA0\x80", fffd + fffd + fffd},             // a surrogate
      {"\xF4\x90\x80\x80", fffd + fffd + fffd + fffd},  // beyond U+10FFFF
      {"\xFF\xFE", fffd + fffd},
      {"\xC3(", fffd + "("},
      {"\xE2\x82\"", fffd + fffd + "\\\""},
  };
  for (const auto& [bytes, expected] : table) EXPECT_EQ(text(bytes), "\"" + expected + "\"");
}

TEST(JsonWriter, NumbersReadBackAsTheSame) {
  EXPECT_EQ(number(0.1), "0.1");
  EXPECT_EQ(number(1e300), "1e+300");
  EXPECT_EQ(number(-0.005), "-0.005");
  std::string out;
  JsonWriter{out}
      .begin_array()
      .number(std::numeric_limits<std::int64_t>::min())
      .number(std::numeric_limits<std::uint64_t>::max())
      .end_array();
  EXPECT_EQ(out, "[-9223372036854775808,18446744073709551615]");
}

TEST(JsonWriter, WhatIsNoNumberIsNull) {
  EXPECT_EQ(number(std::numeric_limits<double>::quiet_NaN()), "null");
  EXPECT_EQ(number(std::numeric_limits<double>::infinity()), "null");
}

}  // namespace
}  // namespace mentiond
