// The two halves, started; and what is done when one of them has ended.
#include <utility>

#include <boost/asio/co_spawn.hpp>

#include "daemon/service.h"
#include "deliver/upkeep.h"

namespace mentiond {
namespace {

// Passes what a half of the daemon returns on, and lets what it throws end the loop: a mistake of ours.
template <class End, class Function>
auto ended(Function function) {
  return [function](const std::exception_ptr& thrown, End end) {
    if (thrown) std::rethrow_exception(thrown);
    function(end);
  };
}

}  // namespace

// For what runs beside them and returns nothing.
void Service::rethrow(const std::exception_ptr& thrown) {
  if (thrown) std::rethrow_exception(thrown);
}

void Service::start_collect() {
  collect::Collector::World world{
      *x_, *ledger_, clock_, random_, telemetry_, [this] { return config_.bearer_token.read(); }, {}, {}};
  if (deliverer_) {
    world.on_new_work = [this] { stored_.notify(); };
    world.backlog = [this] { return board_.ledger.pending; };
  }
  collector_ = std::make_unique<collect::Collector>(config_.collect, std::move(world), mode_ == RunMode::once);
  boost::asio::co_spawn(loop_, collector_->run(),
                        ended<collect::CollectEnd>([this](collect::CollectEnd end) { on_collect_end(end); }));
}

void Service::start_deliver() {
  if (!deliverer_) {
    if (!std::exchange(ledger_is_kept_, true)) boost::asio::co_spawn(loop_, keep_ledger_alone(), rethrow);
    return;
  }
  boost::asio::co_spawn(loop_, deliverer_->run(),
                        ended<deliver::DeliverEnd>([this](deliver::DeliverEnd end) { on_deliver_end(end); }));
}

// Without a sink nobody delivers, but the ledger wants its upkeep all the same.
Task<void> Service::keep_ledger_alone() {
  deliver::Upkeep upkeep{*ledger_, clock_, telemetry_, config_.ledger.retention, deliver::Upkeep::Role::alone};
  while (!deliverer_) {
    const auto done = co_await upkeep.turn(std::nullopt);
    if (!done && done.error().kind != ledger::Failure::Kind::full) {
      log_.write(telemetry::Level::error, "ledger_failed", {{"detail", done.error().message}});
      finish(ExitCode::ledger_io);
      co_return;
    }
    co_await clock_.sleep_until(upkeep.next(), upkeep_wakeup_);
  }
  ledger_is_kept_ = false;
}

void Service::on_collect_end(collect::CollectEnd end) {
  if (replacing_ && end == collect::CollectEnd::ledger) return finish(ExitCode::ledger_io);
  if (replacing_) return collect_ended_.notify();
  const auto next = ending_.collect_ended(end, clock_.now().steady);
  if (const auto* leave = std::get_if<Ending::Leave>(&next)) return finish(leave->code);
  if (const auto* drain = std::get_if<Ending::Drain>(&next)) return deliverer_->drain(drain->grace, drain->kind);
  deliverer_->stop();
}

void Service::on_deliver_end(deliver::DeliverEnd end) {
  if (replacing_ && end != deliver::DeliverEnd::ledger_fatal) return deliver_ended_.notify();
  finish(ending_.deliver_ended(end));
}

}  // namespace mentiond
