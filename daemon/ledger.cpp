#include <cinttypes>
#include <cstdio>

#include "daemon/start.h"
#include "daemon/verbs.h"
#include "ledger/ledger_reader.h"

namespace mentiond {
namespace {

void print(const ledger::Stats& stats) {
  std::printf("schema %d\nrows %" PRId64 " (%" PRId64 " with payload, %" PRId64
              " tombstones)\nunparsable posts %" PRId64 "\nlast revision %" PRIu64 "\nfile %" PRId64
              " bytes, wal %" PRId64 " bytes\n",
              stats.schema_version, stats.rows, stats.payloads, stats.tombstones, stats.unparsed, stats.last_revision,
              stats.file_bytes, stats.wal_bytes);
  for (const auto& [query, state] : stats.queries) {
    std::printf("query %s (%s): cursor %s, %zu open gaps, last success %s%s\n", query.name.c_str(), query.cloud.c_str(),
                state.cursor ? state.cursor->to_string().c_str() : "none", state.gaps.size(),
                state.last_success ? to_iso8601(*state.last_success).c_str() : "never",
                state.parked_since ? ", parked" : "");
    for (const auto& gap : state.gaps) {
      std::printf("  gap %s .. %s, %d pages used\n", gap.low.to_string().c_str(), gap.high.to_string().c_str(),
                  gap.pages_used);
    }
  }
  for (const auto& [sink, counts] : stats.sinks) {
    std::printf("sink %s %s: settled %" PRIu64 ", pending %" PRId64 " (%" PRId64 " held), dead letters %" PRId64 "\n",
                sink.cluster_uuid.empty() ? "(unknown cluster)" : sink.cluster_uuid.c_str(), sink.pattern.c_str(),
                sink.settled_revision, counts.pending, counts.held, counts.dead);
  }
}

}  // namespace

ExitCode ledger_stats(const std::string& config) {
  const auto loaded = load_config(config);
  if (!loaded) return ExitCode::configuration;
  const auto reader = ledger::LedgerReader::open(loaded->ledger.path);
  if (!reader) return report(reader.error());
  const auto stats = (*reader)->stats();
  if (!stats) return report(stats.error());
  print(*stats);
  return ExitCode::done;
}

ExitCode ledger_verify(const std::string& config) {
  const auto loaded = load_config(config);
  if (!loaded) return ExitCode::configuration;
  const auto reader = ledger::LedgerReader::open(loaded->ledger.path);
  if (!reader) {
    const ExitCode code = report(reader.error());
    return reader.error().kind == ledger::Failure::Kind::damaged ? ExitCode::bad_data : code;
  }
  std::int64_t findings = 0;
  const auto verified = (*reader)->verify([&](const std::string& damage) {
    ++findings;
    std::printf("%s\n", damage.c_str());
  });
  if (!verified) return report(verified.error());
  std::printf("%" PRId64 " rows read, %" PRId64 " damaged\n", verified->rows, verified->damaged);
  return findings == 0 ? ExitCode::done : ExitCode::bad_data;
}

}  // namespace mentiond
