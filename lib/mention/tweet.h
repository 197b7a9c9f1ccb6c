// Tweet: one post of X, as the parser reads it: views into the parser's buffers, nothing copied. Valid until that
// parser reads its next page or post. Texts are as X sends them, with &amp; &lt; &gt; (decoded when a document is
// built). Fields: https://docs.x.com/x-api/fundamentals/data-dictionary
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "mention/tweet_id.h"

namespace mentiond {

// An absent metric is not a zero: it is left out of the document.
struct PublicMetrics {
  std::optional<std::int64_t> likes, reposts, replies, quotes, bookmarks, impressions;
};

struct Tweet {
  TweetId id;    // the newest version
  TweetId root;  // the first version: the oldest of the edit history, else `id`. The mention's identity.
  std::optional<TweetId> author;
  std::optional<Time> created_at;  // as X says; TweetId::time() where it says nothing
  std::string_view text;           // cut near 280 characters where there is a note
  std::string_view note_text;      // the full text of a long post; empty for a short one
  std::string_view lang;
  PublicMetrics metrics;
  std::vector<std::string_view> hashtags;   // without '#', as written
  std::vector<std::string_view> mentioned;  // user names without '@'
  std::vector<std::string_view> urls;       // expanded where X expanded them
  std::string_view raw;                     // the post's JSON object, byte for byte

  [[nodiscard]] std::string_view full_text() const { return note_text.empty() ? text : note_text; }
  [[nodiscard]] Time time() const { return created_at.value_or(id.time()); }
};

}  // namespace mentiond
