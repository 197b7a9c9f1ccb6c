// IndexPattern: the configured name of the daily indices, checked once. A document's index is a function of its root
// id's own time (UTC) and never of the clock on the wall: only then does the same tweet, sent again on any later day,
// meet its own document, since `_id` is unique within one index alone. Pure value; any thread.
// https://github.com/elastic/elasticsearch/issues/44794
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "mention/tweet_id.h"

namespace mentiond::elastic {

class IndexPattern {
 public:
  // A name that Elasticsearch accepts for an index (lower case ASCII, none of \ / * ? " < > | , # : or space, not
  // beginning with - _ + or a dot, at most 255 bytes), with %Y and as many of %m %d %H as wanted after some leading
  // text. Names that built-in templates turn into data streams (logs-, metrics-, traces-, synthetics-, profiling-) are
  // refused: data streams take neither external versions nor corrections. The error says what is wrong and what would
  // do.
  static Result<IndexPattern> parse(std::string_view pattern);

  // Where the tweet lives. `created_at` counts only for ids of before November 2010, which bear no time.
  [[nodiscard]] std::string index_of(TweetId root, std::optional<Time> created_at = std::nullopt) const;

  [[nodiscard]] const std::string& text() const { return text_; }          // cloud_marketplace_data_%Y%m%d
  [[nodiscard]] const std::string& alias() const { return alias_; }        // cloud_marketplace_data
  [[nodiscard]] const std::string& wildcard() const { return wildcard_; }  // cloud_marketplace_data_*

 private:
  IndexPattern() = default;

  std::string text_;
  std::string alias_;     // the pattern up to its first date, without trailing separators; names alias and template
  std::string wildcard_;  // every date as *: what the template matches
};

}  // namespace mentiond::elastic
