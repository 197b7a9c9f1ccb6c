// A page of X's recent search, parsed. Views point into the parser that made it and die with its next parse.
// https://docs.x.com/x-api/posts/search-recent-posts
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mention/tweet.h"

namespace mentiond::xapi {

// The two names that X uses for the same fields (tweet.fields and post.fields, note_tweet and note_post, ...). Replies
// are read in both at once; requests have to choose.
enum class Vocabulary : std::uint8_t { tweet, post };

// An item of `data` that is no post as we know it: kept raw, among the dead letters.
struct BadPost {
  std::optional<TweetId> id;  // where at least that could be read
  std::string_view raw;
  std::string reason;
  std::optional<TweetId> root = {};  // the first version's, where X named it
};

struct Page {
  std::vector<Tweet> tweets;  // as sent: newest first
  std::vector<BadPost> bad;
  std::vector<TweetId> users;      // the user objects of `includes`: each is billed
  std::string next_token;          // empty: the last page
  std::size_t partial_errors = 0;  // entries of `errors`
  std::string first_error;         // title of the first of them, for the log
  bool bears_asked_field = false;  // some post has a field beyond id, text and edit history
  [[nodiscard]] std::size_t items() const { return tweets.size() + bad.size(); }
};

}  // namespace mentiond::xapi
