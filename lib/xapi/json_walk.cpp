#include "xapi/json_walk.h"

#include <algorithm>
#include <bit>
#include <charconv>

#include "base/ascii.h"

namespace mentiond::xapi {
namespace {

// Bytes. Buffers grown beyond this by a rare page are given back at the next usual one.
constexpr std::size_t usual_bytes = std::size_t{2} << 20U;
constexpr std::size_t least_bytes = std::size_t{64} << 10U;

// Takes digits off the front; false if there is none.
bool take_digits(std::string_view& rest) {
  const std::size_t before = rest.size();
  while (!rest.empty() && is_digit(rest.front())) rest.remove_prefix(1);
  return rest.size() < before;
}

// The grammar of RFC 8259 section 6, of any size: ids of accounts go beyond what simdjson reads as a number.
bool is_number(std::string_view rest) {
  if (rest.starts_with('-')) rest.remove_prefix(1);
  if (rest.starts_with('0')) {
    rest.remove_prefix(1);
  } else if (!take_digits(rest)) {
    return false;
  }
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    if (!take_digits(rest)) return false;
  }
  if (rest.starts_with('e') || rest.starts_with('E')) {
    rest.remove_prefix(1);
    if (rest.starts_with('+') || rest.starts_with('-')) rest.remove_prefix(1);
    if (!take_digits(rest)) return false;
  }
  return rest.empty();
}

std::optional<unsigned> hex4(std::string_view digits) {
  unsigned value = 0;
  if (digits.size() < 4) return std::nullopt;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + 4, value, 16);
  if (error != std::errc{} || end != digits.data() + 4) return std::nullopt;
  return value;
}

bool is_high(unsigned unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_surrogate(unsigned unit) { return unit >= 0xD800 && unit < 0xE000; }

// Writes UTF-8 and returns where it ends.
char* put_utf8(char* out, unsigned point) {
  const auto put = [&out](unsigned byte) { *out++ = static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0U | point >> 6U);
    put(0x80U | (point & 0x3FU));
  } else if (point < 0x10000) {
    put(0xE0U | point >> 12U);
    put(0x80U | (point >> 6U & 0x3FU));
    put(0x80U | (point & 0x3FU));
  } else {
    put(0xF0U | point >> 18U);
    put(0x80U | (point >> 12U & 0x3FU));
    put(0x80U | (point >> 6U & 0x3FU));
    put(0x80U | (point & 0x3FU));
  }
  return out;
}

// Takes the four digits behind \u, and the second half of a pair; null if they are none.
char* put_code_point(std::string_view& rest, char* out) {
  constexpr unsigned replacement = 0xFFFD;
  const auto unit = hex4(rest);
  if (!unit) return nullptr;
  rest.remove_prefix(4);
  if (!is_surrogate(*unit)) return put_utf8(out, *unit);
  const auto low = is_high(*unit) && rest.starts_with("\\u") ? hex4(rest.substr(2)) : std::nullopt;
  if (!low || !is_surrogate(*low) || is_high(*low)) return put_utf8(out, replacement);
  rest.remove_prefix(6);
  return put_utf8(out, 0x10000 + ((*unit - 0xD800) << 10U) + (*low - 0xDC00));
}

// Takes an escape behind its backslash; null if JSON does not know it.
char* put_escape(std::string_view& rest, char* out) {
  constexpr std::string_view escapes = "\"\\/bfnrt";
  constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
  const char escape = rest.front();
  rest.remove_prefix(1);
  if (escape == 'u') return put_code_point(rest, out);
  const auto at = escapes.find(escape);
  if (at == std::string_view::npos) return nullptr;
  *out++ = meanings[at];
  return out;
}

}  // namespace

bool JsonWalk::reserve(std::size_t bytes) {
  const bool shrinks = capacity_ > usual_bytes && bytes <= usual_bytes;
  if (capacity_ != 0 && bytes <= capacity_ && !shrinks) return true;
  capacity_ = 0;
  const std::size_t wanted = std::bit_ceil(std::max(bytes, least_bytes));
  parser_ = simdjson::dom::parser{};
  bytes_ = std::make_unique_for_overwrite<char[]>(2 * wanted + simdjson::SIMDJSON_PADDING);  // NOLINT(*-avoid-c-arrays)
  if (const auto error = parser_.allocate(wanted)) return fail(simdjson::error_message(error));
  capacity_ = wanted;
  return true;
}

bool JsonWalk::open(std::string_view text) {
  why_ = {};
  depth_ = 0;
  if (text.empty()) return fail("it is empty");
  if (!reserve(text.size())) return false;
  source_ = bytes_.get();
  size_ = text.size();
  unescaped_ = bytes_.get() + capacity_ + simdjson::SIMDJSON_PADDING;
  std::memcpy(bytes_.get(), text.data(), size_);
  std::memset(bytes_.get() + size_, 0, simdjson::SIMDJSON_PADDING);
  simdjson::internal::dom_parser_implementation& stage = *parser_.implementation;
  const auto error =
      stage.stage1(reinterpret_cast<const std::uint8_t*>(source_), size_, simdjson::stage1_mode::regular);
  if (error) return fail(simdjson::error_message(error));
  next_ = stage.structural_indexes.get();
  end_ = next_ + stage.n_structural_indexes;  // what it points at is the text's size: a NUL, which fits nowhere
  find_escape(source_);
  return true;
}

void JsonWalk::find_escape(const char* begin) {
  const char* const end = source_ + size_;
  const auto* found = std::memchr(begin, '\\', static_cast<std::size_t>(end - begin));
  escape_ = found == nullptr ? end : static_cast<const char*>(found);
}

bool JsonWalk::unescape(std::string_view body, std::string_view& out) {
  char* const begin = unescaped_;
  char* end = begin;
  for (;;) {
    const std::size_t plain = std::min(body.find('\\'), body.size());
    std::memcpy(end, body.data(), plain);
    end += plain;
    body.remove_prefix(plain);
    if (body.empty()) break;
    body.remove_prefix(1);
    end = body.empty() ? nullptr : put_escape(body, end);
    if (end == nullptr) return fail("an escape in a string that JSON does not know");
  }
  out = {begin, static_cast<std::size_t>(end - begin)};
  unescaped_ = end;
  return true;
}

bool JsonWalk::read_other_number(std::optional<std::int64_t>& out) {
  std::string_view digits;
  const char first = starts();
  if (first == '"') {
    if (!read_text(digits)) return false;
  } else if (first == '-' || is_digit(first)) {
    digits = token();
    if (!is_number(digits)) return fail("a number that is none");
    ++next_;
  } else {
    return skip();
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error == std::errc{} && end == digits.data() + digits.size()) out = number;
  return true;
}

bool JsonWalk::take_word(std::string_view word) {
  if (token() != word) return fail("a word that is no JSON");
  ++next_;
  return true;
}

// NOLINTNEXTLINE(misc-no-recursion): max_depth bounds it
bool JsonWalk::skip_rest() {
  switch (starts()) {
    case '{':
      return fields([this](std::string_view) { return skip(); });
    case '[':
      return items([this] { return skip(); });
    case 't':
      return take_word("true");
    case 'f':
      return take_word("false");
    case 'n':
      return take_word("null");
    default:
      if (at_end()) return fail("the text ends too early");
      if (!is_number(token())) return fail("a value that is no JSON");
      ++next_;
      return true;
  }
}

}  // namespace mentiond::xapi
