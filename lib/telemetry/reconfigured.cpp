#include "telemetry/reconfigured.h"

namespace mentiond::telemetry {

void Reconfigured::record(Telemetry& to) const {
  for (const PauseStatus& pause : to.board.pauses) to.metrics.set(Gauge::paused, to_text(pause.half), pause.reason, 0);
  to.board.pauses.clear();
  for (auto query = to.board.queries.begin(); query != to.board.queries.end();) {
    if (queries.contains(query->first)) {
      ++query;
      continue;
    }
    to.metrics.forget_query(query->first);
    query = to.board.queries.erase(query);
  }
  to.board.sink.reset();
  if (!pattern) {  // nothing is pending any more
    to.board.ledger.pending = to.board.ledger.held = 0;
    to.metrics.set(Gauge::ledger_pending, 0);
    to.metrics.set(Gauge::held, 0);
    return;
  }
  to.board.sink.emplace();  // not ready before it has answered once
  to.board.sink->pattern = *pattern;
}

}  // namespace mentiond::telemetry
