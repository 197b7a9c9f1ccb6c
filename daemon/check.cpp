#include <cstdio>

#include "daemon/check_online.h"
#include "daemon/start.h"
#include "daemon/verbs.h"
#include "ledger/ledger_reader.h"

namespace mentiond {
namespace {

// A query that was never walked under this name and text starts with a first walk, which reads (and bills) up to
// max_pages pages at once.
void print_first_walks(const config::Config& config) {
  const auto reader = ledger::LedgerReader::open(config.ledger.path);
  const int posts = config.collect.max_pages * config.collect.page_size;
  for (const auto& query : config.collect.queries) {
    if (reader) {
      const auto state = (*reader)->query_state({query.name, query.text, query.cloud});
      if (state && state->cursor) continue;
    }
    std::printf("# query %s was never walked: its first poll may read up to %d posts ($%.2f)\n", query.name.c_str(),
                posts, posts * config.collect.budget.usd_per_post);
  }
}

}  // namespace

ExitCode check(const std::string& config, bool online) {
  const auto loaded = load_config(config);
  if (!loaded) return ExitCode::configuration;
  std::printf("%s", config::effective(*loaded).c_str());
  print_first_walks(*loaded);
  for (const auto& warning : loaded->warnings) std::fprintf(stderr, "warning: %s\n", warning.c_str());
  if (!online) return ExitCode::done;
  const ExitCode x = check_x(*loaded);
  const ExitCode sink = check_elasticsearch(*loaded);
  // What a person has to mend weighs more than what may pass.
  if (x == ExitCode::configuration || sink == ExitCode::configuration) return ExitCode::configuration;
  return x == ExitCode::done ? sink : x;
}

}  // namespace mentiond
