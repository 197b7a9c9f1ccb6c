// Any payload of a ledger row on its way to the sink: either it is unsendable and says why, or it becomes an action and
// a document, one line each, both JSON, whose ids are strings and whose text, counts and times are the post's own. Of a
// tombstone nothing goes out but the word to delete.
#include <string>

#include "deliver/ndjson.h"
#include "fuzz/oracle.h"
#include "fuzz/promise.h"
#include "mention/entities.h"

namespace mentiond::fuzz {
namespace {

deliver::Ndjson make_ndjson() {
  const std::vector<elastic::QueryText> queries{{"aws", "AWS", "AWS Marketplace -is:retweet"},
                                                {"gcp", "GCP", "\"GCP Marketplace\" OR (Google Cloud)"}};
  return {*elastic::IndexPattern::parse("cloud_marketplace_data_%Y%m%d"), elastic::MatchTable{queries}};
}

ledger::Row row_of(std::string_view payload) {
  static const auto tags = std::make_shared<const ledger::Tags>(ledger::Tags{{"AWS", "GCP"}, {"aws", "gcp"}});
  ledger::Row row;
  row.root = row.tweet_id = TweetId{1'800'000'000'000'000'000};
  row.revision = 7;
  row.tags = tags;
  row.first_seen = Time{std::chrono::sys_days{std::chrono::year{2026} / 1 / 31}};
  row.payload = payload;
  return row;
}

void check_list(const Json& document, std::string_view name, const std::vector<std::string_view>& values) {
  const Json* const list = document.find(name);
  require((list == nullptr) == values.empty(), "an empty list is left out");
  if (list == nullptr) return;
  require(list->items().size() == values.size(), "every entity is in the document");
  for (std::size_t i = 0; i < values.size(); ++i)
    require(list->items()[i].text() == values[i], "an entity is as it was");
}

void check_counts(const Json& document, const PublicMetrics& metrics) {
  const auto is_own = [&](std::string_view name, std::optional<std::int64_t> count) {
    const Json* const value = document.find(name);
    return (value != nullptr) == count.has_value() && document.integer_at(name) == count;
  };
  require(is_own("like_count", metrics.likes) && is_own("repost_count", metrics.reposts) &&
              is_own("reply_count", metrics.replies) && is_own("quote_count", metrics.quotes) &&
              is_own("bookmark_count", metrics.bookmarks) && is_own("impression_count", metrics.impressions),
          "a count is the post's own, or absent");
}

void check_document(const Json& document, const Tweet& tweet, const ledger::Row& row) {
  const auto is_id = [&](std::string_view name, TweetId id) {
    const Json* const value = document.find(name);
    return value != nullptr && value->is(Json::Kind::string) && value->text() == id.to_string();
  };
  require(is_id("tweet_id", tweet.id) && is_id("root_id", tweet.root), "ids are strings, digit for digit");
  require(tweet.author ? is_id("author_id", *tweet.author) : document.find("author_id") == nullptr,
          "the author's id is a string, where it is known");
  require(document.text_at("text") == decode_entities(tweet.full_text()), "the text is the post's own, decoded");
  require(document.text_at("lang") == tweet.lang, "the language is the post's own");
  require(document.text_at("url") == "https://x.com/i/web/status/" + tweet.id.to_string(),
          "the link leads to the post");
  check_counts(document, tweet.metrics);
  check_list(document, "hashtag", tweet.hashtags);
  check_list(document, "mentioned", tweet.mentioned);
  check_list(document, "cloud", {"AWS", "GCP"});
  check_list(document, "query", {"aws", "gcp"});
  for (const std::string_view name : {"@timestamp", "created_at"}) {
    require(parse_iso8601(document.text_at(name)) == tweet.time(), "a document has the post's own time");
  }
  require(parse_iso8601(document.text_at("collected_at")) == row.first_seen, "a document says when it was first seen");
  for (const std::string_view cloud : {"AWS", "GCP"}) {
    const Json* const match = document.at("match", cloud);
    require(match != nullptr && (match->text() == "phrase" || match->text() == "loose"), "every cloud has its match");
  }
}

void check_built(const deliver::Ndjson::Built& built, const ledger::Row& row) {
  static xapi::PageParser parser;
  const auto tweet = parser.parse_post(row.payload);
  require(built.row.unsendable.has_value() == !tweet.has_value(), "what can be read can be sent");
  if (!tweet) {
    require(built.lines.empty() && !built.row.unsendable->reason.empty(), "what cannot be sent has a reason alone");
    return;
  }
  const std::string_view lines = built.lines;
  const auto first = lines.find('\n');
  require(lines.ends_with('\n') && lines.find('\n', first + 1) == lines.size() - 1, "two lines");
  const auto action = read_json(lines.substr(0, first));
  const auto document = read_json(lines.substr(first + 1, lines.size() - first - 2));
  require(action && document, "both lines are JSON");
  const Json* const index = action->find("index");
  require(index != nullptr && index->find("_id")->is(Json::Kind::string) &&
              index->text_at("_id") == row.root.to_string() && index->integer_at("version") == 7 &&
              index->text_at("_index") == built.op.index,
          "the action names the row");
  check_document(*document, *tweet, row);
}

void check_erased(const deliver::Ndjson::Built& built, const ledger::Row& row) {
  require(!built.row.unsendable && built.op.kind == elastic::Op::Kind::erase, "a tombstone can be sent");
  require(built.lines == R"({"delete":{"_index":")" + built.op.index + R"(","_id":")" + row.root.to_string() +
                             R"(","version":7,"version_type":"external"}})" + '\n',
          "of a tombstone nothing goes out but the word to delete");
}

}  // namespace
}  // namespace mentiond::fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  using namespace mentiond::fuzz;
  static mentiond::deliver::Ndjson ndjson = make_ndjson();
  auto row = row_of(text_of(bytes, size));
  check_built(ndjson.build(row), row);
  row.state = mentiond::ledger::RowState::tombstone;
  check_erased(ndjson.build(row), row);
  return 0;
}
