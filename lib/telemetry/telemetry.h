// Telemetry: where everything that happens is told, once. Each event is a struct (collect_events.h, deliver_events.h)
// whose record() writes its log line, its counters and the status board together, so that they cannot
// disagree. On the event loop's thread.
#pragma once

#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "telemetry/status_board.h"

namespace mentiond::telemetry {

struct Telemetry {
  Log& log;
  Metrics& metrics;
  StatusBoard& board;

  //   telemetry.emit(WalkDone{.query = "aws", .pages = 3});
  template <class Event>
  void emit(const Event& event) {
    event.record(*this);
  }
};

}  // namespace mentiond::telemetry
