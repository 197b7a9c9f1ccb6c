#include "xapi/request.h"

#include <algorithm>
#include <string_view>

#include "base/ascii.h"

namespace mentiond::xapi {
namespace {

constexpr std::string_view endpoint = "/2/tweets/search/recent";

// What the document needs, in each vocabulary's words; X adds id, text and the edit history by itself. author_id is no
// field of the post vocabulary: there only expansions give it.
constexpr std::string_view tweet_fields =
    "tweet.fields=author_id,created_at,edit_history_tweet_ids,entities,id,lang,note_tweet,public_metrics,text";
constexpr std::string_view post_fields = "post.fields=created_at,entities,id,lang,note_post,public_metrics,text";
constexpr std::string_view author_expansion = "expansions=author_id&user.fields=username";

bool is_unreserved(char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~'; }

// RFC 3986: a blank becomes %20 ('+' is a form's habit, and X's query language has none to spare).
void append_encoded(std::string& out, std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  for (const char c : text) {
    if (is_unreserved(c)) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(hex[byte >> 4U]);
    out.push_back(hex[byte & 0xFU]);
  }
}

void append_id(std::string& target, std::string_view name, const std::optional<TweetId>& id) {
  if (id && *id != TweetId{}) target.append(name).append(id->to_string());
}

}  // namespace

std::string_view to_text(Vocabulary vocabulary) { return vocabulary == Vocabulary::tweet ? "tweet" : "post"; }

Vocabulary other(Vocabulary vocabulary) {
  return vocabulary == Vocabulary::tweet ? Vocabulary::post : Vocabulary::tweet;
}

Vocabulary first_vocabulary(const std::optional<Vocabulary>& configured, const std::optional<std::string>& remembered) {
  if (configured) return *configured;
  return remembered == to_text(Vocabulary::post) ? Vocabulary::post : Vocabulary::tweet;
}

HttpRequest to_http(const SearchRequest& request, const Secret& bearer) {
  HttpRequest http;
  std::string& target = http.target;
  target.assign(endpoint).append("?query=");
  append_encoded(target, request.query);
  append_id(target, "&since_id=", request.since_id);
  append_id(target, "&until_id=", request.until_id);
  const int page_size = std::clamp(request.max_results, min_page_size, max_page_size);
  target.append("&max_results=").append(std::to_string(page_size)).append("&sort_order=recency&");
  target.append(request.vocabulary == Vocabulary::tweet ? tweet_fields : post_fields);
  if (request.expand_authors) target.append("&").append(author_expansion);
  if (!request.next_token.empty()) {
    target.append("&next_token=");
    append_encoded(target, request.next_token);
  }
  http.headers.add("Authorization", "Bearer " + bearer.reveal());
  http.headers.add("Accept", "application/json");
  return http;
}

}  // namespace mentiond::xapi
