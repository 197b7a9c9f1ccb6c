// PageParser: reads a page of X's recent search, or one stored post, with simdjson. Speaks both of X's vocabularies at
// once (edit_history_tweet_ids and edit_history_post_ids, note_tweet and note_post, retweet_count and repost_count);
// unknown fields are ignored, null counts as absent, of a repeated key the last one holds.
//
// Promises: hostile input is an error, never a crash, and a page is looked through to its last byte before it counts as
// one. What is read points into the parser's own copy of the body, or its buffers: valid until its next parse. One
// thread at a time; keep one for a long time, its buffers are reused. Schema:
// https://docs.x.com/x-api/posts/search-recent-posts
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "xapi/page.h"

namespace mentiond::xapi {

class PageParser {
 public:
  // Bytes. A hundred posts of the greatest length (25,000 characters) stay below.
  static constexpr std::size_t max_page_bytes = std::size_t{16} << 20U;
  // Posts. X serves at most 100 a page (500 in full-archive search).
  static constexpr std::size_t max_items = 1000;

  PageParser();
  PageParser(PageParser&&) noexcept;
  PageParser& operator=(PageParser&&) noexcept;
  ~PageParser();

  // Reads a body into `page`, whose former content goes and whose memory is reused. A page is an object with a `meta`
  // object whose `result_count`, if there, equals the items read; `data` may be absent, null or empty. Anything else is
  // an error that says what is wrong (try again: X serves broken pages at times), and leaves `page` empty.
  //
  // A post without a readable `id`, edit history or text is a BadPost and does not fail its page. Other fields of a
  // strange type are left out: a change of X's schema must not turn every post into a dead letter.
  Result<void> parse_page(std::string_view body, Page& page);
  // The same, with a page of its own.
  Result<Page> parse_page(std::string_view body);

  // Reads one post as the ledger stores it (Tweet::raw of some page). What would be a BadPost is an error.
  Result<Tweet> parse_post(std::string_view raw);

 private:
  struct Buffers;
  std::unique_ptr<Buffers> buffers_;
};

}  // namespace mentiond::xapi
