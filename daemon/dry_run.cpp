#include <cinttypes>
#include <cstdio>
#include <map>
#include <memory>

#include "daemon/ask.h"
#include "daemon/check_online.h"
#include "daemon/start.h"
#include "daemon/verbs.h"
#include "deliver/ndjson.h"
#include "ledger/ledger_reader.h"
#include "xapi/page_parser.h"
#include "xapi/reply_reader.h"
#include "xapi/request.h"

namespace mentiond {
namespace {

// What one page a query brought: a tweet that several found stands once, with all their clouds.
struct Found {
  std::string raw;
  ledger::Tags tags;
};
using FoundByRoot = std::map<TweetId, Found>;

// Asks for the page that the daemon would ask for next, and says how that went.
ExitCode ask_page(Asker& asker, const Secret& token, const config::Config& config, const collect::QueryOptions& query,
                  ledger::LedgerReader* reader, FoundByRoot& found, std::int64_t& read) {
  xapi::SearchRequest request;
  request.query = query.text;
  request.max_results = config.collect.page_size;
  request.expand_authors = config.collect.expand_authors;
  request.vocabulary = first_vocabulary(config.collect.vocabulary);
  if (reader != nullptr) {
    const auto state = reader->query_state({query.name, query.text, query.cloud});
    if (state && state->cursor) request.since_id = TweetId::at(state->cursor->time() - config.collect.overlap);
  }
  xapi::PageParser parser;
  xapi::Page page;
  auto reply = read_reply(asker.ask(to_http(request, token)), parser, page);
  if (try_other_vocabulary(config, reply.answer, request.vocabulary)) {
    reply = read_reply(asker.ask(to_http(request, token)), parser, page);
  }
  for (const auto& tweet : page.tweets) {
    auto& entry = found[tweet.root];
    entry.raw = tweet.raw;
    entry.tags.clouds.add(query.cloud);
    entry.tags.queries.add(query.name);
  }
  read += static_cast<std::int64_t>(page.items());
  const Finding finding = judge(reply.answer);
  std::fprintf(stderr, "%s: %s, %zu posts\n", query.name.c_str(), finding.words.c_str(), page.items());
  return finding.code;
}

// The lines of the bulk request, with the revisions that a ledger opened now would draw.
void print(const FoundByRoot& found, const config::Config& config, std::uint64_t revision, Time now) {
  const std::string pattern = config.elasticsearch ? config.elasticsearch->deliver.index : deliver::Options{}.index;
  auto index = elastic::IndexPattern::parse(pattern);
  std::vector<elastic::QueryText> queries;
  for (const auto& query : config.collect.queries) queries.push_back({query.name, query.cloud, query.text});
  deliver::Ndjson ndjson{std::move(*index), elastic::MatchTable{queries}};
  xapi::PageParser parser;
  std::string body;
  for (const auto& [root, entry] : found) {
    if (const auto tweet = parser.parse_post(entry.raw)) ndjson.append(body, *tweet, entry.tags, now, revision++);
  }
  std::fwrite(body.data(), 1, body.size(), stdout);
}

}  // namespace

ExitCode dry_run(const std::string& config) {
  const auto loaded = load_config(config);
  if (!loaded) return ExitCode::configuration;
  const auto token = loaded->bearer_token.read();
  auto asker = Asker::create(loaded->x_http);
  if (!token || !asker) {
    std::fprintf(stderr, "mentiond: %s\n", (token ? asker.error() : token.error()).message.c_str());
    return ExitCode::configuration;
  }
  auto reader = ledger::LedgerReader::open(loaded->ledger.path);  // none yet: every query starts anew
  FoundByRoot found;
  std::int64_t read = 0;
  ExitCode code = ExitCode::done;
  for (const auto& query : loaded->collect.queries) {
    const ExitCode asked = ask_page(*asker, *token, *loaded, query, reader ? reader->get() : nullptr, found, read);
    if (code != ExitCode::configuration && asked != ExitCode::done) code = asked;
  }
  const Time now = std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
  const auto stats = reader ? (*reader)->stats() : ledger::Stats{};
  const auto seconds = static_cast<std::uint64_t>(now.time_since_epoch().count() / 1000);
  print(found, *loaded, std::max(stats ? stats->last_revision + 1 : 0, seconds << 20U), now);
  std::fprintf(stderr, "read %" PRId64 " posts: up to $%.3f; %zu documents; nothing was stored or sent\n", read,
               static_cast<double>(read) * loaded->collect.budget.usd_per_post, found.size());
  return code;
}

}  // namespace mentiond
