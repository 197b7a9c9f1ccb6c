// JsonWalk: reads a JSON text front to back over the index of tokens that simdjson's first stage makes, for this room's
// .cpp files only. It reads on demand, as simdjson's own on-demand does, but looks at every token on its way: what
// nobody asks for is checked too (mismatched brackets, `tru`, `"a" "b"`, a value in a key's place, a bad escape), so
// that a text walked to its end is JSON as RFC 8259 has it, nested at most `max_depth` deep. (On-demand skips such
// values unseen, and visiting them through its interface costs more than its speed: see bench_parser.) The first stage
// checks UTF-8, quotes and control characters. https://arxiv.org/abs/1902.08318 explains the index.
//
// A cursor stands before a value; each reading call takes that value, and the functions given to fields() and items()
// must take exactly one. False means that the text is no JSON: why() says how, and the walk is over. One thread at a
// time.
//
//   JsonWalk walk;
//   bool whole = walk.open(text) && walk.fields([&](std::string_view key) { return walk.skip(); }) && walk.at_end();
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

#include <simdjson.h>

#include "base/ascii.h"

namespace mentiond::xapi {

class JsonWalk {
 public:
  // X's posts nest 8 deep.
  static constexpr int max_depth = 64;

  // Copies the text and indexes it; the cursor stands before its root. All views from before are void.
  bool open(std::string_view text);
  [[nodiscard]] std::string_view source() const { return {source_, size_}; }

  // Takes an object, which it must be: visit(key) -> bool takes each member's value.
  template <class Visit>
  bool fields(Visit&& visit);
  // Takes an array, which it must be: visit() -> bool takes each item.
  template <class Visit>
  bool items(Visit&& visit);
  // The same where the value is an object (an array); anything else is skipped.
  template <class Visit>
  bool fields_if(Visit&& visit) {
    return starts() == '{' ? fields(visit) : skip();
  }
  template <class Visit>
  bool items_if(Visit&& visit) {
    return starts() == '[' ? items(visit) : skip();
  }

  // The first byte of what comes next: { [ " t f n - 0...9 begin a value; NUL at the end.
  [[nodiscard]] char starts() const { return source_[*next_]; }
  [[nodiscard]] bool is_null() const { return starts() == 'n'; }
  [[nodiscard]] bool at_end() const { return next_ == end_; }
  // The next scalar as it stands in the text.
  [[nodiscard]] std::string_view token() const;
  // The place of the next token, and the bytes from such a place to the end of the value just taken.
  [[nodiscard]] const char* here() const { return source_ + *next_; }
  [[nodiscard]] std::string_view raw_since(const char* begin) const;

  // Takes a string, which it must be: a view into the text, or unescaped beside it. A surrogate without its twin
  // becomes U+FFFD: X cuts texts by UTF-16 units, and a poll must not stumble over half an emoji.
  bool read_text(std::string_view& out);
  // Takes any value; leaves `out` alone where it is no string.
  bool read_text_if(std::string_view& out) { return starts() == '"' ? read_text(out) : skip(); }
  // Takes any value: a whole number, bare or as a string; leaves `out` alone for anything else and beyond 64 bits.
  bool read_number_if(std::optional<std::int64_t>& out);
  // Takes any value, which nobody reads.
  bool skip();

  bool fail(std::string_view why) {
    why_ = why;
    return false;
  }
  [[nodiscard]] std::string_view why() const { return why_; }

 private:
  bool reserve(std::size_t bytes);
  bool skip_rest();
  bool read_key(std::string_view& key);
  bool read_other_number(std::optional<std::int64_t>& out);
  bool take_small_number(std::int64_t& out);
  bool take_word(std::string_view word);
  // Is there a backslash in the text's [begin, end)? Asked front to back, so that one search serves many texts.
  bool has_escape(const char* begin, const char* end) {
    if (escape_ < begin) find_escape(begin);
    return escape_ < end;
  }
  void find_escape(const char* begin);
  bool unescape(std::string_view body, std::string_view& out);
  // The closing quote before `next`: between the two stands nothing but white space.
  static const char* quote_before(const char* next) {
    do --next;
    while (*next != '"');
    return next;
  }

  const char* source_ = nullptr;
  const char* escape_ = nullptr;  // the first backslash at or after the last text asked for
  const std::uint32_t* next_ = nullptr;
  const std::uint32_t* end_ = nullptr;
  char* unescaped_ = nullptr;  // where the next unescaped text goes
  int depth_ = 0;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  std::string_view why_;
  simdjson::dom::parser parser_;  // for its first stage alone
  // The text with simdjson's padding; behind it, as many bytes for unescaped texts, which are never longer.
  std::unique_ptr<char[]> bytes_;  // NOLINT(*-avoid-c-arrays): sized without a pass of zeros
};

inline std::string_view JsonWalk::token() const {
  constexpr std::string_view white_space = " \t\n\r";
  const char* end = source_ + next_[1];
  // A token reaches to the next one. A control character behind it is none of JSON's white space, and stays in it.
  while (end > here() + 1 && white_space.find(end[-1]) != std::string_view::npos) --end;
  return {here(), static_cast<std::size_t>(end - here())};
}

inline std::string_view JsonWalk::raw_since(const char* begin) const {
  const char* const last = source_ + next_[-1];
  return {begin, static_cast<std::size_t>(last - begin) + 1};
}

inline bool JsonWalk::read_key(std::string_view& key) {
  if (starts() != '"') return fail("a member without a name");
  const char* const begin = here() + 1;
  ++next_;
  if (starts() != ':') return fail("no colon after a name");
  const char* const end = quote_before(here());
  ++next_;
  key = {begin, static_cast<std::size_t>(end - begin)};
  return !has_escape(begin, end) || unescape(key, key);
}

template <class Visit>
bool JsonWalk::fields(Visit&& visit) {
  if (++depth_ > max_depth) return fail("nested too deeply");
  ++next_;
  if (starts() == '}') {
    ++next_;
    --depth_;
    return true;
  }
  for (;;) {
    std::string_view key;
    if (!read_key(key) || !visit(key)) return false;
    const char after = starts();
    if (after != ',' && after != '}') return fail("neither a comma nor the end of an object");
    ++next_;
    if (after == ',') continue;
    --depth_;
    return true;
  }
}

template <class Visit>
bool JsonWalk::items(Visit&& visit) {
  if (++depth_ > max_depth) return fail("nested too deeply");
  ++next_;
  if (starts() == ']') {
    ++next_;
    --depth_;
    return true;
  }
  for (;;) {
    if (!visit()) return false;
    const char after = starts();
    if (after != ',' && after != ']') return fail("neither a comma nor the end of an array");
    ++next_;
    if (after == ',') continue;
    --depth_;
    return true;
  }
}

inline bool JsonWalk::read_text(std::string_view& out) {
  const char* const begin = here() + 1;
  ++next_;
  const char* const end = quote_before(here());
  out = {begin, static_cast<std::size_t>(end - begin)};
  return !has_escape(begin, end) || unescape(out, out);
}

// A bare whole number of up to 18 digits, as nearly all are; false leaves it to the full grammar.
inline bool JsonWalk::take_small_number(std::int64_t& out) {
  constexpr int most_digits = 18;
  const char* at = here();
  if (*at == '0' && is_digit(at[1])) return false;
  std::int64_t number = 0;
  int digits = 0;
  for (; digits < most_digits && is_digit(*at); ++at, ++digits) number = number * 10 + (*at - '0');
  if (digits == 0 || (*at != ',' && *at != '}' && *at != ']')) return false;
  ++next_;
  out = number;
  return true;
}

inline bool JsonWalk::read_number_if(std::optional<std::int64_t>& out) {
  std::int64_t number = 0;
  if (!take_small_number(number)) return read_other_number(out);
  out = number;
  return true;
}

inline bool JsonWalk::skip() {
  std::string_view unread;
  std::int64_t number = 0;
  if (starts() == '"') return read_text(unread);
  return take_small_number(number) || skip_rest();
}

}  // namespace mentiond::xapi
