#include "sim/process.h"

#include <stdexcept>

#include <boost/asio/co_spawn.hpp>

namespace mentiond::sim {

using namespace std::chrono_literals;

namespace {

constexpr Millis booted = 1h;  // the steady clock never stands at its beginning

}  // namespace

Process::Process(Parts parts)
    : world_(parts.world),
      x_(parts.x),
      sink_(parts.sink),
      collect_options_(parts.plan.collect),
      watched_(parts.ledger.get()),
      loop_(std::make_unique<boost::asio::io_context>()),
      clock_(*loop_, parts.world.now() + parts.clock_error - booted),
      random_(parts.seed),
      log_({.level = telemetry::Level::info}, true, false),
      metrics_("sim"),
      ledger_(
          std::make_unique<ledger::LedgerThread>(std::move(parts.ledger), ledger::LedgerThread::Mode::inline_calls)) {
  clock_.advance(booted);
  world_.time = world_.now();
  world_.clock = &clock_;
  world_.clock_began = clock_.now().steady;
  sink_.disconnect();

  deliver::Deliverer::Context context{.sink = sink_,
                                      .authorization = [this]() -> Result<Secret> { return Secret{sink_.key_file()}; },
                                      .ledger = *ledger_,
                                      .clock = clock_,
                                      .random = random_,
                                      .telemetry = telemetry_,
                                      .wakeup = stored_,
                                      .queries = {}};
  for (const auto& query : collect_options_.queries) context.queries.push_back({query.name, query.cloud, query.text});
  deliverer_ = *deliver::Deliverer::create(parts.plan.deliver, std::move(context));
  board_.sink.emplace();
  collect::Collector::World around{.x = x_,
                                   .ledger = *ledger_,
                                   .clock = clock_,
                                   .random = random_,
                                   .telemetry = telemetry_,
                                   .secret = [this]() -> Result<Secret> { return Secret{x_.token_file()}; },
                                   .on_new_work = [this] { stored_.notify(); },
                                   .backlog = [this] { return board_.ledger.pending; }};
  collector_ = std::make_unique<collect::Collector>(collect_options_, std::move(around));
  boost::asio::co_spawn(*loop_, deliverer_->run(), [this](const std::exception_ptr& thrown, deliver::DeliverEnd end) {
    on_end(thrown, end == deliver::DeliverEnd::ledger_fatal, true);
  });
  boost::asio::co_spawn(*loop_, collector_->run(), [this](const std::exception_ptr& thrown, collect::CollectEnd end) {
    on_end(thrown, end == collect::CollectEnd::ledger, false);
  });
}

Process::~Process() {
  world_.time = world_.now();
  world_.clock = nullptr;
  // What is suspended goes first: its frames refer to everything else.
  loop_.reset();
}

void Process::on_end(const std::exception_ptr& thrown, bool fatal, bool last) {
  if (thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const Crashed&) {
    } catch (const std::exception& error) {
      if (!world_.gone) world_.fail(std::string{"an exception got out of a coroutine: "} + error.what());
    }
    ended_ = true;
    return;
  }
  if (fatal || last) ended_ = true;
  if (fatal && !world_.gone) world_.note("the ledger gave up");
  if (!fatal && !last && stopping_) deliverer_->drain(grace_);
}

void Process::run_for(Millis span) {
  const Time until = world_.now() + span;
  while (!ended_ && !world_.gone) {
    const Millis left = until - world_.now();
    if (left <= 0ms) return;
    clock_.run_for(left);
    if (clock_.sleepers() == 0) break;
  }
}

void Process::stop(Millis grace) {
  stopping_ = true;
  grace_ = grace;
  collector_->stop();
  run_for(grace);
  if (ended_ || world_.gone) return;
  deliverer_->stop();
  run_for(1s);
}

}  // namespace mentiond::sim
