// SearchQuery: X's query language, as much of it as the fakes' users need, and whether a post matches. Pure.
// https://docs.x.com/x-api/posts/search/integrate/build-a-query
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "fakes/x_corpus.h"

namespace mentiond::fakes {

// What a query looks at. `folded` is the text, the expanded links and a separator between them, in lower case (ASCII).
struct Searchable {
  std::string folded;
  std::string lang;
  std::string author;  // user name, lower case
  std::vector<std::string> hashtags, mentions;
  bool has_links = false;
};
Searchable searchable(const PostText& text, std::uint32_t author);

class SearchQuery {
 public:
  // OR binds weaker than AND; refuses what X refuses: unknown operators, negated groups, a query of negations only.
  static Result<SearchQuery> parse(std::string_view text);
  [[nodiscard]] bool matches(const Searchable& post) const;

 private:
  friend class QueryReader;
  struct Node {
    enum class Kind : std::uint8_t {
      any_of,
      all_of,
      word,
      phrase,
      lang,
      from,
      hashtag,
      mention,
      never,
      has_links,
      has_hashtags,
      has_mentions
    };
    Kind kind = Kind::all_of;
    bool negated = false;
    std::string text;
    std::vector<Node> parts;
  };
  static bool matches(const Node& node, const Searchable& post);
  static bool only_negations(const Node& node);

  Node root_;
};

}  // namespace mentiond::fakes
