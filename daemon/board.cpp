#include "daemon/board.h"

namespace mentiond {

telemetry::StatusBoard board_of(const ledger::Stats& stats) {
  telemetry::StatusBoard board;
  for (const auto& [query, state] : stats.queries) {
    auto& shown = board.queries[query.name];
    shown.cloud = query.cloud;
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
