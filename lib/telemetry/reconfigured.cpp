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
  if (!pattern) return;
  to.board.sink.emplace();  // not ready before it has answered once
  to.board.sink->pattern = *pattern;
}

}  // namespace mentiond::telemetry
