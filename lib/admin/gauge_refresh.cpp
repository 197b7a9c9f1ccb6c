#include "admin/admin.h"
#include "elastic/verdict.h"
#include "xapi/poller_step.h"

namespace mentiond::admin {

namespace {

using telemetry::Gauge;

double seconds_since_epoch(Time time) { return std::chrono::duration<double>{time.time_since_epoch()}.count(); }

}  // namespace

GaugeRefresh::GaugeRefresh() {
  for (const auto reason : xapi::pause_reasons) paused_.emplace(telemetry::Half::collect, to_text(reason));
  for (const auto reason : elastic::pause_reasons) paused_.emplace(telemetry::Half::deliver, to_text(reason));
  for (const auto reason : elastic::hold_reasons) paused_.emplace(telemetry::Half::deliver, to_text(reason));
}

void GaugeRefresh::refresh(const telemetry::StatusBoard& board, telemetry::Metrics& metrics) {
  const auto& ledger = board.ledger;
  metrics.set(Gauge::ledger_pending, static_cast<double>(ledger.pending));
  metrics.set(Gauge::ledger_bytes, static_cast<double>(ledger.file_bytes + ledger.wal_bytes));
  metrics.set(Gauge::held, static_cast<double>(ledger.held));
  metrics.set(Gauge::dead_letters, static_cast<double>(ledger.dead_letters));
  metrics.set(Gauge::spend_usd, board.budget.usd);
  if (board.rate_limit_remaining) {
    metrics.set(Gauge::x_rate_limit_remaining, static_cast<double>(*board.rate_limit_remaining));
  }
  if (board.sink && board.sink->last_success) {
    metrics.set(Gauge::last_delivery_success_timestamp_seconds, seconds_since_epoch(*board.sink->last_success));
  }
  for (const auto& [name, query] : board.queries) {
    metrics.set(Gauge::open_gaps, name, static_cast<double>(query.gaps.size()));
    metrics.set(Gauge::parked, name, query.parked_since ? 1 : 0);
    if (query.last_success) {
      metrics.set(Gauge::last_poll_success_timestamp_seconds, name, seconds_since_epoch(*query.last_success));
    }
  }
  // Several held indices may share a reason: it lasts until the last of them is released.
  for (const auto& [half, reason] : paused_) metrics.set(Gauge::paused, to_text(half), reason, 0);
  for (const auto& pause : board.pauses) {
    metrics.set(Gauge::paused, to_text(pause.half), pause.reason, 1);
    paused_.emplace(pause.half, pause.reason);
  }
}

}  // namespace mentiond::admin
