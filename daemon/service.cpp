#include "daemon/service.h"

#include <csignal>
#include <cstdio>
#include <random>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <unistd.h>

#include "daemon/start.h"
#include "daemon/systemd.h"

namespace mentiond {
namespace {

using telemetry::Level;

// Passes what a half of the daemon returns on, and lets what it throws end the loop: a mistake of ours.
template <class End, class Function>
auto ended(Function function) {
  return [function](const std::exception_ptr& thrown, End end) {
    if (thrown) std::rethrow_exception(thrown);
    function(end);
  };
}

ExitCode exit_code_of(collect::CollectEnd end) {
  switch (end) {
    case collect::CollectEnd::done:
      return ExitCode::done;
    case collect::CollectEnd::unavailable:
      return ExitCode::unavailable;
    case collect::CollectEnd::ledger:
      return ExitCode::ledger_io;
    case collect::CollectEnd::our_fault:
      return ExitCode::configuration;
  }
  return ExitCode::internal;
}

}  // namespace

Service::Service(const config::Config& config, RunMode mode, std::unique_ptr<ledger::Ledger> ledger)
    : config_(config),
      mode_(mode),
      clock_(loop_.get_executor()),
      random_((std::uint64_t{std::random_device{}()} << 32U) | std::random_device{}()),
      log_(config.log, logs_to_journal(), isatty(STDERR_FILENO) != 0),
      ledger_(std::make_unique<ledger::LedgerThread>(std::move(ledger))),
      signals_(loop_),
      grace_(loop_) {
  log_.count_in(metrics_);
  board_.version = MENTIOND_VERSION;
  board_.started = clock_.now().wall;
}

std::optional<ExitCode> Service::prepare() {
  const auto refuse = [](const Error& error, ExitCode code) {
    std::fprintf(stderr, "mentiond: %s\n", error.message.c_str());
    return code;
  };
  auto x = http::HttpClient::create(loop_.get_executor(), config_.x_http, user_agent());
  if (!x) return refuse(x.error(), ExitCode::configuration);
  x_ = std::move(*x);
  if (config_.elasticsearch) {
    auto sink = http::HttpClient::create(loop_.get_executor(), config_.elasticsearch->http, user_agent());
    if (!sink) return refuse(sink.error(), ExitCode::configuration);
    elasticsearch_ = std::move(*sink);
    deliver::Deliverer::Context context{
        *elasticsearch_, [this] { return config_.elasticsearch->credentials.authorization(); },
        *ledger_,        clock_,
        random_,         telemetry_,
        stored_,         {}};
    for (const auto& query : config_.collect.queries) context.queries.push_back({query.name, query.cloud, query.text});
    auto deliverer = deliver::Deliverer::create(config_.elasticsearch->deliver, std::move(context));
    if (!deliverer) return refuse(deliverer.error(), ExitCode::configuration);
    deliverer_ = std::move(*deliverer);
    board_.sink.emplace();  // not ready before it has answered once
    board_.sink->pattern = config_.elasticsearch->deliver.index;
  }
  if (mode_ == RunMode::forever) {  // a run that ends by itself has nothing to be asked, and may stand beside a daemon
    const admin::Sources sources{metrics_, board_, clock_};
    auto admin = admin::Admin::listen(loop_.get_executor(), config_.admin, sources);
    if (!admin) return refuse(admin.error(), ExitCode::unavailable);
    admin_ = std::move(*admin);
    log_.write(Level::info, "admin_listening", {{"address", admin_->address()}});
  }
  for (const auto& warning : config_.warnings) log_.write(Level::warn, "configuration", {{"warning", warning}});
  return std::nullopt;
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

// Without a sink nobody delivers, but the ledger wants its upkeep all the same.
Task<void> Service::keep_ledger_alone() {
  deliver::Upkeep upkeep{*ledger_, clock_, telemetry_, config_.ledger.retention};
  for (;;) {
    const auto done = co_await upkeep.turn(std::nullopt);
    if (!done && done.error().kind != ledger::Failure::Kind::full) {
      log_.write(Level::error, "ledger_failed", {{"detail", done.error().message}});
      finish(ExitCode::ledger_io);
      co_return;
    }
    co_await clock_.sleep_until(upkeep.next(), upkeep_wakeup_);
  }
}

void Service::start_deliver() {
  if (!deliverer_) {
    boost::asio::co_spawn(loop_, keep_ledger_alone(), boost::asio::detached);
    return;
  }
  boost::asio::co_spawn(loop_, deliverer_->run(),
                        ended<deliver::DeliverEnd>([this](deliver::DeliverEnd end) { on_deliver_end(end); }));
}

ExitCode Service::run() {
  signals_.add(SIGTERM);
  signals_.add(SIGINT);
  signals_.async_wait([this](const boost::system::error_code& error, int number) {
    if (!error) begin_stop(number == SIGTERM ? "SIGTERM" : "SIGINT");
  });
  boost::asio::post(loop_, [this] {  // the loop turns
    log_.write(Level::info, "started",
               {{"version", board_.version}, {"pid", getpid()}, {"ledger", config_.ledger.path}});
    notify_ready();
  });
  if (const auto period = watchdog_period()) {
    boost::asio::co_spawn(loop_, keep_watchdog_calm(*period), boost::asio::detached);
  }
  start_deliver();
  start_collect();
  loop_.run();
  ledger_.reset();
  log_.write(Level::info, "stopped", {{"exit", static_cast<int>(code_)}});
  return code_;
}

void Service::begin_stop(const char* why) {
  if (stopping_) return;
  stopping_ = true;
  notify_stopping();
  log_.write(Level::info, "stopping", {{"signal", why}, {"grace", to_text(config_.shutdown_grace)}});
  collector_->stop();
  // What is still on its way when the grace is over is given up: the ledger remembers where to go on.
  grace_.expires_after(config_.shutdown_grace);
  grace_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    x_->close();
    if (deliverer_) deliverer_->stop();
  });
}

void Service::on_collect_end(collect::CollectEnd end) {
  code_ = exit_code_of(end);
  if (!deliverer_) return finish(code_);
  if (end == collect::CollectEnd::ledger && mode_ == RunMode::forever) return deliverer_->stop();
  if (!stopping_) return deliverer_->drain(config_.shutdown_grace, deliver::Deliverer::Grace::while_progressing);
  const auto left = std::chrono::duration_cast<Millis>(grace_.expiry() - clock_.now().steady);
  deliverer_->drain(std::max(left, Millis{0}));
}

void Service::on_deliver_end(deliver::DeliverEnd end) {
  if (end == deliver::DeliverEnd::ledger_fatal) {
    log_.write(Level::error, "ledger_failed", {{"detail", deliverer_->failure()}});
    return finish(ExitCode::ledger_io);
  }
  if (mode_ == RunMode::once && end == deliver::DeliverEnd::ledger_full) return finish(ExitCode::ledger_io);
  const bool undelivered = end != deliver::DeliverEnd::drained;
  if (mode_ == RunMode::once && !stopping_ && undelivered && code_ == ExitCode::done) code_ = ExitCode::unavailable;
  finish(code_);
}

void Service::finish(ExitCode code) {
  code_ = code;
  loop_.stop();
}

Task<void> Service::keep_watchdog_calm(std::chrono::microseconds period) {
  boost::asio::steady_timer timer{loop_};
  for (;;) {
    notify_alive();
    timer.expires_after(period);
    boost::system::error_code error;
    co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, error));
  }
}

}  // namespace mentiond
