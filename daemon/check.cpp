#include <cstdio>

#include "daemon/check_online.h"
#include "daemon/finding.h"
#include "daemon/past.h"
#include "daemon/start.h"
#include "daemon/verbs.h"

namespace mentiond {
namespace {

// A query that was never walked under this name and text starts with a first walk, which reads (and bills) up to
// max_pages pages at once.
ledger::Outcome<void> print_first_walks(const config::Config& config, const Past& past) {
  const auto& collect = config.collect;
  const std::int64_t posts = std::int64_t{collect.max_pages} * collect.page_size;
  const std::int64_t users = collect.expand_authors ? posts : 0;  // at most: no two posts of one author on a page
  for (const auto& query : collect.queries) {
    const auto cursor = past.cursor(query);
    if (!cursor) return cursor.error();
    if (*cursor) continue;
    std::printf("# query %s was never walked: its first poll may read up to %lld posts%s (at most $%.2f)\n",
                query.name.c_str(), static_cast<long long>(posts), users > 0 ? " and as many authors" : "",
                cost_usd(collect.budget, posts, users));
  }
  return {};
}

}  // namespace

ExitCode check(const std::string& config, bool online) {
  const auto loaded = load_config(config);
  if (!loaded) return ExitCode::configuration;
  std::printf("%s", config::effective(*loaded).c_str());
  const auto past = Past::open(loaded->ledger.path);
  const auto told = past ? print_first_walks(*loaded, *past) : ledger::Outcome<void>{past.error()};
  if (!told) std::fprintf(stderr, "warning: what a first walk costs is not known: %s\n", told.error().message.c_str());
  for (const auto& warning : loaded->warnings) std::fprintf(stderr, "warning: %s\n", warning.c_str());
  if (!online) return ExitCode::done;
  const auto vocabulary = past ? past->vocabulary() : ledger::Outcome<std::optional<std::string>>{std::nullopt};
  const ExitCode x = check_x(*loaded, vocabulary ? *vocabulary : std::nullopt);
  return worse(x, check_elasticsearch(*loaded));
}

}  // namespace mentiond
