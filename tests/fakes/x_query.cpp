#include "fakes/x_query.h"

#include <algorithm>

namespace mentiond::fakes {
namespace {

bool is_ascii_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

std::string folded(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

// Whole words only; letters beyond ASCII part words, so that "AWS\u306e" holds the word AWS.
bool holds_word(std::string_view text, std::string_view word) {
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    const bool starts = at == 0 || !is_ascii_word(text[at - 1]) || !is_ascii_word(word.front());
    const bool ends = end == text.size() || !is_ascii_word(text[end]) || !is_ascii_word(word.back());
    if (starts && ends) return true;
  }
  return false;
}

}  // namespace

Searchable searchable(const PostText& text, std::uint32_t author) {
  Searchable out;
  out.folded = folded(text.plain);
  for (const auto& link : text.links) out.folded += '\n' + folded(link.value);
  out.lang = text.lang;
  out.author = user_name(author);
  for (const auto& tag : text.hashtags) out.hashtags.push_back(folded(tag.value));
  for (const auto& name : text.mentions) out.mentions.push_back(folded(name.value));
  out.has_links = !text.links.empty();
  return out;
}

class QueryReader {
 public:
  using Node = SearchQuery::Node;

  explicit QueryReader(std::string_view text) : text_(text) {}

  Result<Node> read() {
    auto node = either();
    if (!node) return node;
    space();
    if (at_ < text_.size())
      return fail("no viable alternative at character '", std::string{text_[at_]}, "' (at position ",
                  std::to_string(at_ + 1), ")");
    return node;
  }

 private:
  void space() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool takes_or() {
    space();
    if (text_.substr(at_, 3) != "OR " && text_.substr(at_, 3) != "OR(") return false;
    at_ += 2;
    return true;
  }

  Result<Node> either() {
    Node any;
    any.kind = Node::Kind::any_of;
    do {
      auto part = all();
      if (!part) return part;
      any.parts.push_back(std::move(*part));
    } while (takes_or());
    return any.parts.size() == 1 ? Node{any.parts.front()} : any;
  }

  Result<Node> all() {
    Node every;
    for (;;) {
      space();
      const auto rest = text_.substr(at_);
      if (rest.empty() || rest.front() == ')' || rest.starts_with("OR ") || rest.starts_with("OR(")) break;
      auto part = one();
      if (!part) return part;
      every.parts.push_back(std::move(*part));
    }
    if (every.parts.empty()) return fail("missing an operand (at position ", std::to_string(at_ + 1), ")");
    return every;
  }

  Result<Node> one() {
    const bool negated = text_[at_] == '-';
    if (negated) ++at_;
    if (at_ < text_.size() && text_[at_] == '(') {
      if (negated)
        return fail("Reference to a negated group is not supported (at position ", std::to_string(at_ + 1), ")");
      ++at_;
      auto group = either();
      if (!group) return group;
      space();
      if (at_ >= text_.size() || text_[at_] != ')')
        return fail("missing ')' (at position ", std::to_string(at_ + 1), ")");
      ++at_;
      return group;
    }
    auto term = at_ < text_.size() && text_[at_] == '"' ? phrase() : operand();
    if (term) term->negated = negated;
    return term;
  }

  Result<Node> phrase() {
    const auto end = text_.find('"', at_ + 1);
    if (end == std::string_view::npos) return fail("missing '\"' (at position ", std::to_string(at_ + 1), ")");
    Node node;
    node.kind = Node::Kind::phrase;
    node.text = folded(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    if (node.text.empty()) return fail("an empty phrase (at position ", std::to_string(at_), ")");
    return node;
  }

  Result<Node> operand() {
    const auto end = std::min(text_.find_first_of(" ()\"", at_), text_.size());
    const std::string word = folded(text_.substr(at_, end - at_));
    const auto position = std::to_string(at_ + 1);
    at_ = end;
    if (word.empty()) return fail("missing an operand (at position ", position, ")");
    Node node;
    const auto colon = word.find(':');
    const std::string value = colon == std::string::npos ? std::string{} : word.substr(colon + 1);
    const std::string name = word.substr(0, colon);
    node.text = value;
    using Kind = Node::Kind;
    if (colon == std::string::npos) {
      node.kind = word[0] == '#' ? Kind::hashtag : word[0] == '@' ? Kind::mention : Kind::word;
      node.text = node.kind == Kind::word ? word : word.substr(1);
    } else if (name == "lang") {
      node.kind = Kind::lang;
    } else if (name == "from") {
      node.kind = Kind::from;
    } else if (word == "is:retweet" || word == "is:reply" || word == "is:quote") {
      node.kind = Kind::never;  // keyword search has returned no retweets since May 2026; the rest we do not invent
    } else if (word == "has:links") {
      node.kind = Kind::has_links;
    } else if (word == "has:hashtags") {
      node.kind = Kind::has_hashtags;
    } else if (word == "has:mentions") {
      node.kind = Kind::has_mentions;
    } else {
      return fail("Reference to invalid operator '", name,
                  "'. Operator is not available in current product or product packaging. (at position ", position, ")");
    }
    return node;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

Result<SearchQuery> SearchQuery::parse(std::string_view text) {
  auto root = QueryReader{text}.read();
  if (!root) return root.error();
  if (only_negations(*root))
    return fail("Rules must contain at least one positive, non-stopword clause (at position 1)");
  SearchQuery query;
  query.root_ = std::move(*root);
  return query;
}

bool SearchQuery::only_negations(const Node& node) {
  if (node.negated) return true;
  if (node.kind == Node::Kind::all_of) return std::ranges::all_of(node.parts, only_negations);
  return node.kind == Node::Kind::any_of && std::ranges::any_of(node.parts, only_negations);
}

bool SearchQuery::matches(const Node& node, const Searchable& post) {
  using Kind = Node::Kind;
  const auto holds = [&]() -> bool {
    switch (node.kind) {
      case Kind::any_of:
        return std::ranges::any_of(node.parts, [&](const Node& part) { return matches(part, post); });
      case Kind::all_of:
        return std::ranges::all_of(node.parts, [&](const Node& part) { return matches(part, post); });
      case Kind::word:
      case Kind::phrase:
        return holds_word(post.folded, node.text);
      case Kind::lang:
        return post.lang == node.text;
      case Kind::from:
        return post.author == node.text;
      case Kind::hashtag:
        return std::ranges::find(post.hashtags, node.text) != post.hashtags.end();
      case Kind::mention:
        return std::ranges::find(post.mentions, node.text) != post.mentions.end();
      case Kind::never:
        return false;
      case Kind::has_links:
        return post.has_links;
      case Kind::has_hashtags:
        return !post.hashtags.empty();
      case Kind::has_mentions:
        return !post.mentions.empty();
    }
    return false;
  };
  return holds() != node.negated;
}

bool SearchQuery::matches(const Searchable& post) const { return matches(root_, post); }

}  // namespace mentiond::fakes
