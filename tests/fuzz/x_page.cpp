// Any bytes as a page of X's search: what PageParser accepts is JSON, has the items it says, and each of them is read
// as the bytes say; what it refuses leaves nothing behind.
#include <algorithm>
#include <string>

#include "fuzz/oracle.h"
#include "fuzz/promise.h"
#include "xapi/page_parser.h"

namespace mentiond::fuzz {
namespace {

const Json* list_of(const Json& root, std::string_view name) {
  const Json* const value = root.find(name);
  return value != nullptr && value->is(Json::Kind::array) ? value : nullptr;
}

// The last member of that name that is no null: null counts as absent.
const Json* last_given(const Json& object, std::string_view name) {
  const Json* found = nullptr;
  for (const auto& [key, value] : object.members()) {
    if (key == name && !value.is(Json::Kind::null)) found = &value;
  }
  return found;
}

void check_tweet(const Tweet& tweet, const Json& item, std::string_view body) {
  require(item.is(Json::Kind::object), "a tweet comes from an object");
  const Json* const id = last_given(item, "id");
  require(id != nullptr && id->is(Json::Kind::string) && TweetId::parse(id->text()) == tweet.id,
          "a tweet's id is the one in the page");
  require(tweet.id != TweetId{} && tweet.root != TweetId{}, "0 is no id");
  const Json* const text = last_given(item, "text");
  require(tweet.text == (text == nullptr ? "" : text->text()), "a tweet's text is the one in the page");
  require(text != nullptr || !tweet.note_text.empty(), "a tweet has a text");
  require(body.find(tweet.raw) != std::string_view::npos, "raw is a part of the page");
  require(read_json(tweet.raw).has_value(), "raw is JSON by itself");
  for (const auto name : tweet.hashtags) require(!name.empty() && is_utf8(name), "a hashtag is text");
  for (const auto url : tweet.urls) require(!url.empty() && is_utf8(url), "a link is text");
}

void check_stored(const Tweet& tweet) {
  static xapi::PageParser again;
  const auto stored = again.parse_post(tweet.raw);
  require(stored.has_value(), "what was stored of a page can be read again");
  require(stored->id == tweet.id && stored->root == tweet.root && stored->author == tweet.author &&
              stored->text == tweet.text && stored->note_text == tweet.note_text && stored->lang == tweet.lang &&
              stored->created_at == tweet.created_at && stored->hashtags == tweet.hashtags &&
              stored->mentioned == tweet.mentioned && stored->urls == tweet.urls && stored->raw == tweet.raw &&
              stored->metrics.likes == tweet.metrics.likes && stored->metrics.reposts == tweet.metrics.reposts,
          "a stored post reads as it did in its page");
}

void check_accepted(const xapi::Page& page, const std::optional<Json>& root, std::string_view body) {
  require(root && root->is(Json::Kind::object), "an accepted page is a JSON object");
  const Json* const meta = root->find("meta");
  require(meta != nullptr && meta->is(Json::Kind::object), "an accepted page has a meta object");
  const Json* const count = last_given(*meta, "result_count");
  require(count == nullptr || count->integer() == static_cast<std::int64_t>(page.items()),
          "meta.result_count equals the items read");
  const Json* const token = last_given(*meta, "next_token");
  require(page.next_token == (token == nullptr ? "" : token->text()), "next_token is the one in the page");
  const Json* const data = list_of(*root, "data");
  const std::size_t items = data == nullptr ? 0 : data->items().size();
  require(page.items() == items && items <= xapi::PageParser::max_items, "every item is a tweet or a bad post");
  auto tweet = page.tweets.begin();
  auto bad = page.bad.begin();
  for (std::size_t i = 0; i < items; ++i) {
    const Json& item = data->items()[i];
    const Json* const id = item.is(Json::Kind::object) ? last_given(item, "id") : nullptr;
    const bool is_next = tweet != page.tweets.end() && id != nullptr && TweetId::parse(id->text()) == tweet->id &&
                         (bad == page.bad.end() || tweet->raw.data() < bad->raw.data());
    if (is_next) {
      check_tweet(*tweet, item, body);
      check_stored(*tweet++);
    } else {
      require(bad != page.bad.end(), "an item that is no tweet is kept among the bad");
      require(read_json(bad->raw).has_value() && !bad->reason.empty(), "a bad post is kept raw, with a reason");
      ++bad;
    }
  }
}

// A JSON text may be refused for what it says, but not for being no JSON.
void check_refused(const xapi::Page& page, const std::string& why, const std::optional<Json>& root) {
  require(page.tweets.empty() && page.bad.empty() && page.users.empty() && page.next_token.empty(),
          "a refused page is empty");
  constexpr std::string_view unreadable = "the page cannot be read: ";
  if (!root || !root->is(Json::Kind::object) || !why.starts_with(unreadable)) return;
  const std::string_view reason = std::string_view{why}.substr(unreadable.size());
  const bool about_content = reason == "data is no array" || reason == "more items than a page can have" ||
                             reason == "meta.result_count is no number" || reason == "meta.next_token is no string" ||
                             reason == "nested too deeply";
  require(about_content, "whole JSON is not called broken");
}

}  // namespace
}  // namespace mentiond::fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  using namespace mentiond;
  const std::string_view body = fuzz::text_of(bytes, size);
  static xapi::PageParser parser;  // kept, as the collector keeps it: old content must not shine through
  static xapi::Page page;
  const auto outcome = parser.parse_page(body, page);
  const auto root = fuzz::read_json(body);
  if (outcome) {
    fuzz::check_accepted(page, root, body);
  } else {
    fuzz::check_refused(page, outcome.error().message, root);
  }
  return 0;
}
