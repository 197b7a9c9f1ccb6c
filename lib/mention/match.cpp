#include "mention/match.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"

namespace mentiond {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }
bool is_ascii_word(char c) { return is_letter(c) || is_digit(c) || c == '_'; }

struct CodePoint {
  char32_t value;
  std::size_t bytes;
};

// The code point at the front of a text that is not empty; a byte that is no UTF-8 stands for itself.
CodePoint front_point(std::string_view text) {
  const auto byte = [&text](std::size_t at) { return static_cast<char32_t>(static_cast<unsigned char>(text[at])); };
  const char32_t lead = byte(0);
  std::size_t bytes = 1;
  if (lead >= 0xF0) {
    bytes = 4;
  } else if (lead >= 0xE0) {
    bytes = 3;
  } else if (lead >= 0xC0) {
    bytes = 2;
  }
  if (bytes == 1 || text.size() < bytes) return {lead, 1};
  char32_t value = lead & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {lead, 1};
    value = value << 6U | (byte(i) & 0x3FU);
  }
  return {value, bytes};
}

// Blanks and punctuation beyond ASCII, as they stand between words in practice.
bool is_separator(char32_t point) {
  if (point < 0x80) return !is_ascii_word(static_cast<char>(point));
  return (point >= 0xA0 && point <= 0xBF && point != 0xAA && point != 0xB5 && point != 0xBA) ||  // Latin-1's
         (point >= 0x2000 && point <= 0x206F) ||                                                 // General Punctuation
         (point >= 0x3000 && point <= 0x3003) || (point >= 0x3008 && point <= 0x3020) ||         // CJK's
         (point >= 0xFE10 && point <= 0xFE1F) || (point >= 0xFE30 && point <= 0xFE6F) ||  // vertical, small forms
         (point >= 0xFF01 && point <= 0xFF0F) || (point >= 0xFF1A && point <= 0xFF20);    // full width
}

// Letters that make another word of an ASCII one they touch: Latin, Greek, Cyrillic and combining marks. Scripts
// written without blanks (kana, Han, Thai) border on a Latin word as a blank does: "AWS Marketplaceで".
bool joins(char32_t point) { return point >= 0xAA && point <= 0x52F && !is_separator(point); }

// Does a word end before the front of `rest`?
bool at_border(std::string_view rest) {
  if (rest.empty()) return true;
  if (is_ascii(rest.front())) return !is_ascii_word(rest.front());
  return !joins(front_point(rest).value);
}

bool begins_link(std::string_view text) {
  const auto scheme = [text](std::string_view name) {
    return text.size() >= name.size() &&
           std::equal(name.begin(), name.end(), text.begin(), [](char a, char b) { return a == lower(b); });
  };
  return scheme("http://") || scheme("https://");
}

// Takes the separators off the front; nothing if there are none, or something else than a word follows them.
std::optional<std::string_view> after_separators(std::string_view rest) {
  const std::size_t before = rest.size();
  while (!rest.empty()) {
    const CodePoint point = front_point(rest);
    if (!is_separator(point.value)) break;
    rest.remove_prefix(point.bytes);
  }
  if (rest.size() == before || begins_link(rest)) return std::nullopt;
  return rest;
}

// Does `rest`, which begins a word, begin with the words of `phrase`?
bool begins_with(std::string_view rest, std::string_view phrase) {
  for (std::size_t i = 0; i < phrase.size(); ++i) {
    if (phrase[i] == ' ') {
      const auto next = after_separators(rest);
      if (!next) return false;
      rest = *next;
      continue;
    }
    if (rest.empty() || lower(rest.front()) != phrase[i]) return false;
    rest.remove_prefix(1);
  }
  return at_border(rest);
}

// The query's tokens, one after the other.
class QueryReader {
 public:
  explicit QueryReader(std::string_view query) : rest_(query) {}
  std::vector<Phrase> read();

 private:
  void read_token();
  void read_quoted();
  void read_plain();
  void skip_group();
  std::string_view take_until_blank();
  void add_words(std::string_view text);
  void end_run() {
    if (run_.ends_with(' ')) run_.pop_back();
    if (!run_.empty()) phrases_.push_back(std::move(run_));
    run_.clear();
  }

  std::string_view rest_;
  Phrase run_;
  std::vector<Phrase> phrases_;
};

std::vector<Phrase> QueryReader::read() {
  while (!rest_.empty()) read_token();
  end_run();
  const auto is_single = [](const Phrase& phrase) { return phrase.find(' ') == std::string::npos; };
  if (!std::all_of(phrases_.begin(), phrases_.end(), is_single)) std::erase_if(phrases_, is_single);
  std::sort(phrases_.begin(), phrases_.end());
  phrases_.erase(std::unique(phrases_.begin(), phrases_.end()), phrases_.end());
  return std::move(phrases_);
}

void QueryReader::read_token() {
  const char c = rest_.front();
  if (is_blank(c)) {
    rest_.remove_prefix(1);
  } else if (c == '(' || c == ')') {
    end_run();
    rest_.remove_prefix(1);
  } else if (c == '"') {
    end_run();
    read_quoted();
    end_run();
  } else if (c == '-') {
    rest_.remove_prefix(1);
    if (rest_.starts_with('(')) {
      skip_group();
    } else {
      take_until_blank();
    }
  } else {
    read_plain();
  }
}

void QueryReader::read_quoted() {
  rest_.remove_prefix(1);
  const auto end = std::min(rest_.find('"'), rest_.size());
  add_words(rest_.substr(0, end));
  rest_.remove_prefix(std::min(end + 1, rest_.size()));
}

// A keyword, or an operator in its place: name:value, #tag, @name, $CASHTAG, OR.
void QueryReader::read_plain() {
  const std::string_view token = take_until_blank();
  if (token == "OR") {
    end_run();
    return;
  }
  const auto colon = token.find(':');
  const bool is_operator = colon != std::string_view::npos && colon > 0 &&
                           std::all_of(token.begin(), token.begin() + static_cast<std::ptrdiff_t>(colon),
                                       [](char c) { return is_letter(c) || c == '_'; });
  if (is_operator || token == "AND" || token.starts_with('#') || token.starts_with('@') || token.starts_with('$'))
    return;
  add_words(token);
}

void QueryReader::skip_group() {
  int depth = 0;
  bool quoted = false;
  while (!rest_.empty()) {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '(') ++depth;
    if (c == ')' && --depth == 0) return;
  }
}

// Takes a token, a quoted value within it included (url:"a b"); parentheses end it.
std::string_view QueryReader::take_until_blank() {
  std::size_t end = 0;
  bool quoted = false;
  for (; end < rest_.size(); ++end) {
    const char c = rest_[end];
    if (c == '"') {
      const bool opens_value = end == 0 || rest_[end - 1] == ':';
      if (!quoted && !opens_value) break;
      quoted = !quoted;
    }
    if (!quoted && (is_blank(c) || c == '(' || c == ')')) break;
  }
  const auto token = rest_.substr(0, end);
  rest_.remove_prefix(end);
  return token;
}

void QueryReader::add_words(std::string_view text) {
  while (!text.empty()) {
    const CodePoint point = front_point(text);
    const bool separates = is_separator(point.value);
    if (separates && !run_.empty() && run_.back() != ' ') run_.push_back(' ');
    if (!separates) {
      for (const char c : text.substr(0, point.bytes)) run_.push_back(lower(c));
    }
    text.remove_prefix(point.bytes);
  }
  if (!run_.empty() && run_.back() != ' ') run_.push_back(' ');
}

}  // namespace

std::string_view to_text(Match match) {
  switch (match) {
    case Match::phrase:
      return "phrase";
    case Match::loose:
      return "loose";
  }
  return "loose";
}

std::vector<Phrase> phrases_of(std::string_view query) { return QueryReader{query}.read(); }

Match classify(std::string_view text, std::span<const Phrase> phrases) {
  bool border = true;  // a word can begin at the front of `text`
  while (!text.empty()) {
    if (border && begins_link(text)) {
      while (!text.empty() && !is_blank(text.front())) text.remove_prefix(1);
      continue;
    }
    if (border) {
      for (const Phrase& phrase : phrases) {
        if (!phrase.empty() && begins_with(text, phrase)) return Match::phrase;
      }
    }
    if (is_ascii(text.front())) {
      border = !is_ascii_word(text.front());
      text.remove_prefix(1);
    } else {
      const CodePoint point = front_point(text);
      border = !joins(point.value);
      text.remove_prefix(point.bytes);
    }
  }
  return Match::loose;
}

}  // namespace mentiond
