// A reload's way from the old halves to the new ones.
#include "daemon/service.h"

namespace mentiond {

using telemetry::Level;

// Where somebody else has written to the index, a reload is the operator's word that this is over.
Task<void> Service::take_word() {
  const auto other = deliverer_ ? deliverer_->other_writer() : std::nullopt;
  if (!other) co_return;
  const auto drawn =
      co_await ledger_->run([&](ledger::Ledger& ledger) { return ledger.draw_anew(other->sink, other->version); });
  if (drawn)
    log_.write(Level::warn, "drawn_anew", {{"version", other->version}, {"rows", *drawn}});
  else
    log_.write(Level::error, "drawn_anew", {{"detail", drawn.error().message}});
}

// The page and the bulk in flight may end, within the grace; then they are cut, which the ledger survives.
Task<Service::Ended> Service::end_halves() {
  constexpr std::chrono::hours far{24};
  replacing_ = true;
  const auto limit = clock_.now().steady + config_.shutdown_grace;
  collector_->stop();
  if (deliverer_) deliverer_->leave();
  if (deliverer_) {
    const auto woke = co_await clock_.sleep_until(limit, deliver_ended_);
    if (woke == Clock::Woke::elapsed) {
      deliverer_->stop();
      co_await clock_.sleep_until(limit + far, deliver_ended_);
    }
  }
  const auto woke = co_await clock_.sleep_until(limit, collect_ended_);
  if (woke == Clock::Woke::notified) co_return Ended::whole;
  x_->close();
  co_await clock_.sleep_until(limit + far, collect_ended_);
  co_return Ended::cut;
}

}  // namespace mentiond
