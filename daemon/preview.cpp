#include "daemon/preview.h"

#include "daemon/start.h"
#include "deliver/ndjson.h"

namespace mentiond {

void Preview::add(const xapi::Page& page, const collect::QueryOptions& query) {
  for (const auto& tweet : page.tweets) {
    auto& entry = found_[tweet.root];
    if (entry.newest < tweet.id) {
      entry.newest = tweet.id;
      entry.raw = tweet.raw;
    }
    entry.tags.clouds.add(query.cloud);
    entry.tags.queries.add(query.name);
  }
}

std::string Preview::ndjson(const config::Config& config, std::uint64_t revision, Time now) const {
  const std::string pattern = config.elasticsearch ? config.elasticsearch->deliver.index : deliver::Options{}.index;
  deliver::Ndjson lines{*elastic::IndexPattern::parse(pattern), elastic::MatchTable{query_texts(config.collect)}};
  xapi::PageParser parser;
  std::string body;
  for (const auto& [root, entry] : found_) {
    if (const auto tweet = parser.parse_post(entry.raw)) lines.append(body, *tweet, entry.tags, now, revision++);
  }
  return body;
}

}  // namespace mentiond
