#include "daemon/board.h"

#include <algorithm>

#include "collect/poll_report.h"
#include "collect/poller_options.h"
#include "daemon/version.h"
#include "xapi/budget.h"

namespace mentiond {

Day month_of(Day today, const collect::Budget& budget) { return xapi::month_begin(today, budget.month_starts); }

telemetry::StatusBoard board_of(const ledger::Stats& stats, const collect::Options& collect, const MonthMeter& month) {
  telemetry::StatusBoard board;
  board.version = MENTIOND_VERSION;
  const xapi::Budget budget{collect::limits(collect.budget), month.today, month.meter.posts, month.meter.users};
  board.budget = collect::status_of(budget, month.meter.requests);
  for (const auto& [query, state] : stats.queries) {
    auto& shown = board.queries[query.name];
    shown.cloud = query.cloud;
    const auto configured = std::ranges::find(collect.queries, query.name, &collect::QueryOptions::name);
    if (configured != collect.queries.end()) {
      shown.period = collect::period_of(configured->schedule.every, configured->schedule.daily_at);
    }
    shown.cursor = state.cursor;
    for (const auto& gap : state.gaps) shown.gaps.push_back({gap.low, gap.high, gap.pages_used});
    shown.last_success = state.last_success;
    shown.parked_since = state.parked_since;
  }
  board.ledger.rows = stats.rows;
  board.ledger.file_bytes = stats.file_bytes;
  board.ledger.wal_bytes = stats.wal_bytes;
  board.ledger.last_revision = stats.last_revision;
  if (!stats.sinks.empty()) {
    const auto& [sink, counts] = stats.sinks.front();
    board.sink.emplace();
    board.sink->cluster_uuid = sink.cluster_uuid;
    board.sink->pattern = sink.pattern;
    board.sink->settled_revision = sink.settled_revision;
    board.ledger.pending = counts.pending;
    board.ledger.held = counts.held;
    board.ledger.dead_letters = counts.dead;
  }
  return board;
}

}  // namespace mentiond
