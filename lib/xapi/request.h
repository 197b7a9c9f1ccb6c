// The request for one page of X's recent search. Pure; any thread.
// https://docs.x.com/x-api/posts/search-recent-posts
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/http_message.h"
#include "base/secret.h"
#include "mention/tweet_id.h"
#include "xapi/page.h"

namespace mentiond::xapi {

// X answers 400 to a page size outside these.
inline constexpr int min_page_size = 10;
inline constexpr int max_page_size = 100;

// "tweet" or "post": as the ledger remembers it.
std::string_view to_text(Vocabulary vocabulary);
Vocabulary other(Vocabulary vocabulary);
// Which one to ask in first: the configuration's, else the one that was remembered, else tweet.
Vocabulary first_vocabulary(const std::optional<Vocabulary>& configured, const std::optional<std::string>& remembered);

// Everything a page depends on. Repeat it unchanged for the next page, with the `next_token` of the one before: X does
// not promise anything else. There is no time here: X refuses ids and times together (plhery/node-twitter-api-v2, issue
// 152), and ids say it all.
struct SearchRequest {
  std::string query;                // as the configuration has it; encoded here
  std::optional<TweetId> since_id;  // posts with greater ids only; 0 counts as absent
  std::optional<TweetId> until_id;  // posts with smaller ids only; 0 counts as absent
  std::string next_token;           // empty: the first page
  int max_results = max_page_size;  // posts a page at most; brought into min_page_size ... max_page_size
  Vocabulary vocabulary = Vocabulary::tweet;
  bool expand_authors = false;  // asks for user objects, which are billed
  auto operator<=>(const SearchRequest&) const = default;
};

// GET /2/tweets/search/recent with sort_order=recency and the fields that a document needs. The bearer token stands in
// the Authorization header and nowhere else. The transport adds Host, User-Agent and Accept-Encoding.
HttpRequest to_http(const SearchRequest& request, const Secret& bearer);

}  // namespace mentiond::xapi
