// SIGHUP: the configuration is read again. It takes effect whole or not at all. What takes effect is two new halves on
// the same ledger: the old ones finish the page and the bulk in flight, and all that they know stands in the ledger,
// gaps and rows set aside included. So whatever waited is tried at once, too.
#include <csignal>

#include "daemon/reload.h"
#include "daemon/service.h"
#include "daemon/start.h"
#include "daemon/systemd.h"

namespace mentiond {

using telemetry::Level;

void Service::wait_for_hangup() {
  hangups_.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    reload_wanted_.notify();
    wait_for_hangup();
  });
}

Task<void> Service::keep_reloading() {
  constexpr std::chrono::hours far{24};
  for (;;) {
    const auto woke = co_await clock_.sleep_until(clock_.now().steady + far, reload_wanted_);
    // A run that ends by itself has its configuration for good.
    if (woke == Clock::Woke::elapsed || ending_.begun() || mode_ == RunMode::once) continue;
    notify_reloading();
    co_await reload();
    if (!ending_.stopping()) notify_ready();
  }
}

bool Service::refuse_reload(const std::vector<std::string>& mistakes) {
  for (const auto& mistake : mistakes) log_.write(Level::error, "reload_refused", {{"detail", mistake}});
  return !mistakes.empty();
}

Task<void> Service::reload() {
  auto fresh = read_config(config_option_);
  if (!fresh) {
    refuse_reload(fresh.error());
    co_return;
  }
  if (refuse_reload(needs_restart(config_, *fresh))) co_return;
  auto parts = make_parts(*fresh, &config_);
  if (!parts) {
    refuse_reload({parts.error().message});
    co_return;
  }
  co_await take_word();
  if (ending_.begun()) co_return;  // meanwhile
  // A client that was closed to end a request is of no use any more.
  if (co_await end_halves() == Ended::cut) parts->keep_x = false;

  const Millis grace = fresh->shutdown_grace;
  config_ = std::move(*fresh);
  log_.set_level(config_.log.level);
  if (admin_) admin_->set_token(config_.admin.token);
  install(std::move(*parts));
  if (!ending_.stopping()) ending_ = Ending{mode_, deliverer_ != nullptr, grace};
  replacing_ = false;
  upkeep_wakeup_.notify();
  start_deliver();
  start_collect();
  if (ending_.stopping()) collector_->stop();  // told to while the halves were ending
  for (const auto& warning : config_.warnings) log_.write(Level::warn, "configuration", {{"warning", warning}});
  log_.write(Level::info, "reloaded", {{"queries", config_.collect.queries.size()}});
}

}  // namespace mentiond
