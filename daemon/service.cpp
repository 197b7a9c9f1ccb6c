// The life of a run: from the first turn of the loop to the exit code.
#include "daemon/service.h"

#include <csignal>
#include <random>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <unistd.h>

#include "daemon/systemd.h"

namespace mentiond {

using telemetry::Level;

Service::Service(config::Config config, std::string config_option, RunMode mode, std::unique_ptr<ledger::Ledger> ledger)
    : config_(std::move(config)),
      config_option_(std::move(config_option)),
      mode_(mode),
      ending_(mode, config_.elasticsearch.has_value(), config_.shutdown_grace),
      clock_(loop_.get_executor()),
      random_((std::uint64_t{std::random_device{}()} << 32U) | std::random_device{}()),
      log_(config_.log, logs_to_journal(), isatty(STDERR_FILENO) != 0),
      ledger_(std::make_unique<ledger::LedgerThread>(std::move(ledger))),
      signals_(loop_, SIGTERM, SIGINT),
      hangups_(loop_, SIGHUP),
      grace_(loop_) {
  log_.count_in(metrics_);
  board_.version = MENTIOND_VERSION;
  board_.started = clock_.now().wall;
}

ExitCode Service::run() {
  signals_.async_wait([this](const boost::system::error_code& error, int number) {
    if (!error) begin_stop(number == SIGTERM ? "SIGTERM" : "SIGINT");
  });
  boost::asio::post(loop_, [this] {  // the loop turns
    log_.write(Level::info, "started",
               {{"version", board_.version}, {"pid", getpid()}, {"ledger", config_.ledger.path}});
    notify_ready();
  });
  boost::asio::co_spawn(loop_, keep_manager_told(), rethrow);
  wait_for_hangup();
  boost::asio::co_spawn(loop_, keep_reloading(), rethrow);
  start_deliver();
  start_collect();
  loop_.run();
  admin_.reset();    // a Unix socket goes with it
  control_.reset();  // its socket goes before the lock does
  ledger_.reset();
  log_.write(Level::info, "stopped", {{"exit", static_cast<int>(code_)}});
  return code_;
}

void Service::begin_stop(const char* why) {
  const auto cut_at = ending_.begin_stop(clock_.now().steady);
  if (!cut_at) return;
  notify_stopping();
  log_.write(Level::info, "stopping", {{"signal", why}, {"grace", to_text(config_.shutdown_grace)}});
  collector_->stop();
  // What is still on its way when the grace is over is given up: the ledger remembers where to go on.
  grace_.expires_at(*cut_at);
  grace_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    x_->close();
    if (deliverer_) deliverer_->stop();
  });
}

void Service::finish(ExitCode code) {
  code_ = code;
  loop_.stop();
}

}  // namespace mentiond
