#include "fakes/json_value.h"

#include <charconv>

namespace mentiond::fakes {
namespace {

void append_utf8(std::string& out, std::uint32_t code) {
  const auto byte = [&](std::uint32_t value) { out += static_cast<char>(static_cast<unsigned char>(value)); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0U | (code >> 6U));
    byte(0x80U | (code & 63U));
  } else if (code < 0x10000) {
    byte(0xE0U | (code >> 12U));
    byte(0x80U | ((code >> 6U) & 63U));
    byte(0x80U | (code & 63U));
  } else {
    byte(0xF0U | (code >> 18U));
    byte(0x80U | ((code >> 12U) & 63U));
    byte(0x80U | ((code >> 6U) & 63U));
    byte(0x80U | (code & 63U));
  }
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

// One pass over the text; with a null target it only checks, which is what makes a bulk of thousands cheap.
class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text) {}

  bool document(JsonValue* out) {
    space();
    if (!value(out, 0)) return false;
    space();
    return at_ == text_.size();
  }

 private:
  static constexpr int max_depth = 64;

  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool take(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  void space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }

  bool value(JsonValue* out, int depth) {
    if (depth > max_depth) return false;
    switch (peek()) {
      case '{':
        return object(out, depth);
      case '[':
        return array(out, depth);
      case '"':
        return mark(out, JsonValue::Kind::string) && string(out == nullptr ? nullptr : &out->text_);
      case 't':
        return word(out, "true", JsonValue::Kind::boolean);
      case 'f':
        return word(out, "false", JsonValue::Kind::boolean);
      case 'n':
        return take("null");
      default:
        return number(out);
    }
  }
  static bool mark(JsonValue* out, JsonValue::Kind kind) {
    if (out != nullptr) out->kind_ = kind;
    return true;
  }
  bool word(JsonValue* out, std::string_view spelling, JsonValue::Kind kind) {
    if (out != nullptr) out->text_ = spelling;
    return mark(out, kind) && take(spelling);
  }

  bool object(JsonValue* out, int depth) {
    mark(out, JsonValue::Kind::object);
    take('{');
    space();
    if (take('}')) return true;
    do {
      space();
      std::string name;
      if (!string(out == nullptr ? nullptr : &name)) return false;
      space();
      if (!take(':')) return false;
      space();
      JsonValue* slot = nullptr;
      if (out != nullptr) slot = &out->members_.emplace_back(std::move(name), JsonValue{}).second;
      if (!value(slot, depth + 1)) return false;
      space();
    } while (take(','));
    return take('}');
  }

  bool array(JsonValue* out, int depth) {
    mark(out, JsonValue::Kind::array);
    take('[');
    space();
    if (take(']')) return true;
    do {
      space();
      if (!value(out == nullptr ? nullptr : &out->items_.emplace_back(), depth + 1)) return false;
      space();
    } while (take(','));
    return take(']');
  }

  bool digits() {
    const std::size_t start = at_;
    while (is_digit(peek())) ++at_;
    return at_ > start;
  }
  bool number(JsonValue* out) {
    const std::size_t start = at_;
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      if (!digits()) return false;
    }
    if (out != nullptr) out->text_ = text_.substr(start, at_ - start);
    return mark(out, JsonValue::Kind::number);
  }

  std::optional<std::uint32_t> hex4() {
    if (at_ + 4 > text_.size()) return std::nullopt;
    std::uint32_t code = 0;
    const char* const first = text_.data() + at_;
    const auto [end, error] = std::from_chars(first, first + 4, code, 16);
    if (error != std::errc{} || end != first + 4) return std::nullopt;
    at_ += 4;
    return code;
  }
  bool unicode(std::string* out) {
    const auto unit = hex4();
    if (!unit) return false;
    std::uint32_t code = *unit;
    if (code >= 0xD800 && code < 0xDC00 && take("\\u")) {
      const auto low = hex4();
      if (!low || *low < 0xDC00 || *low > 0xDFFF) return false;
      code = 0x10000 + ((code - 0xD800) << 10U) + (*low - 0xDC00);
    }
    if (out != nullptr) append_utf8(*out, code);
    return true;
  }
  bool escape(std::string* out) {
    static constexpr std::string_view letters = "\"\\/bfnrt";
    static constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    const char letter = peek();
    ++at_;
    if (letter == 'u') return unicode(out);
    const auto which = letters.find(letter);
    if (letter == '\0' || which == std::string_view::npos) return false;
    if (out != nullptr) *out += meanings[which];
    return true;
  }
  bool string(std::string* out) {
    if (!take('"')) return false;
    while (at_ < text_.size()) {
      const std::size_t start = at_;
      while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' &&
             static_cast<unsigned char>(text_[at_]) >= 0x20)
        ++at_;
      if (out != nullptr) out->append(text_.substr(start, at_ - start));
      if (take('"')) return true;
      if (!take('\\') || !escape(out)) return false;
    }
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::optional<JsonValue> JsonValue::parse(std::string_view text) {
  JsonValue value;
  if (!JsonReader{text}.document(&value)) return std::nullopt;
  return value;
}

std::optional<std::int64_t> JsonValue::integer() const {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
  if (text_.empty() || error != std::errc{} || end != text_.data() + text_.size()) return std::nullopt;
  return value;
}

const JsonValue* JsonValue::find(std::string_view name) const {
  for (auto member = members_.rbegin(); member != members_.rend(); ++member) {
    if (member->first == name) return &member->second;
  }
  return nullptr;
}

std::string JsonValue::text_at(std::string_view name, std::string_view otherwise) const {
  const JsonValue* member = find(name);
  return member == nullptr || member->is(Kind::null) ? std::string{otherwise} : member->text();
}

std::optional<std::int64_t> JsonValue::integer_at(std::string_view name) const {
  const JsonValue* member = find(name);
  return member == nullptr ? std::nullopt : member->integer();
}

bool is_json_object(std::string_view text) {
  const auto start = text.find_first_not_of(" \t\r\n");
  return start != std::string_view::npos && text[start] == '{' && JsonReader{text}.document(nullptr);
}

}  // namespace mentiond::fakes
