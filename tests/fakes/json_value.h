// JsonValue: a parsed JSON text, and the strict reader behind it. The fakes' own, so that they share no parser with
// what they judge. RFC 8259 to the letter: no comments, no trailing commas, no bare words, 64 levels. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mentiond::fakes {

class JsonValue {
 public:
  enum class Kind : std::uint8_t { null, boolean, number, string, array, object };
  using Member = std::pair<std::string, JsonValue>;

  // Nothing if the text is not exactly one JSON value.
  static std::optional<JsonValue> parse(std::string_view text);

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] bool is(Kind kind) const { return kind_ == kind; }
  // The unescaped text of a string; the digits of a number as written; "true" or "false". Else empty.
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool truth() const { return text_ == "true"; }
  // The number (or the number that a string spells), else nothing.
  [[nodiscard]] std::optional<std::int64_t> integer() const;
  [[nodiscard]] const std::vector<JsonValue>& items() const { return items_; }
  [[nodiscard]] const std::vector<Member>& members() const { return members_; }
  // The member of that name (the last one, if repeated), else null.
  [[nodiscard]] const JsonValue* find(std::string_view name) const;
  // Follows a path of member names: at("aggs", "cloud", "terms").
  template <class... Names>
  [[nodiscard]] const JsonValue* at(std::string_view name, Names... rest) const {
    const JsonValue* member = find(name);
    if constexpr (sizeof...(rest) == 0) {
      return member;
    } else {
      return member == nullptr ? nullptr : member->at(rest...);
    }
  }
  [[nodiscard]] std::string text_at(std::string_view name, std::string_view otherwise = "") const;
  [[nodiscard]] std::optional<std::int64_t> integer_at(std::string_view name) const;

 private:
  friend class JsonReader;
  Kind kind_ = Kind::null;
  std::string text_;
  std::vector<JsonValue> items_;
  std::vector<Member> members_;
};

// True if the text is exactly one JSON object. Keeps nothing: for documents that are stored as they came.
bool is_json_object(std::string_view text);

}  // namespace mentiond::fakes
