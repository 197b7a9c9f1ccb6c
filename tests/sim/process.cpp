#include "sim/process.h"

#include <algorithm>
#include <stdexcept>

#include <boost/asio/co_spawn.hpp>

namespace mentiond::sim {

using namespace std::chrono_literals;

namespace {

constexpr Millis booted = 1h;  // the steady clock never stands at its beginning
constexpr Millis shutdown_grace = 8s;

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
          std::make_unique<ledger::LedgerThread>(std::move(parts.ledger), ledger::LedgerThread::Mode::inline_calls)),
      mode_(parts.mode),
      ending_(parts.mode, true, shutdown_grace) {
  clock_.advance(booted);
  world_.time = world_.now();
  world_.clock = &clock_;
  world_.clock_began = clock_.now().steady;
  sink_.disconnect();

  make_halves(parts.plan);
  start_halves();
}

void Process::make_halves(const Plan& plan) {
  collect_options_ = plan.collect;
  deliver::Deliverer::Context context{.sink = sink_,
                                      .authorization = [this]() -> Result<Secret> { return Secret{sink_.key_file()}; },
                                      .ledger = *ledger_,
                                      .clock = clock_,
                                      .random = random_,
                                      .telemetry = telemetry_,
                                      .wakeup = stored_,
                                      .queries = {}};
  for (const auto& query : collect_options_.queries) context.queries.push_back({query.name, query.cloud, query.text});
  collector_.reset();
  deliverer_ = *deliver::Deliverer::create(plan.deliver, std::move(context));
  board_.pauses.clear();
  board_.sink.reset();
  board_.sink.emplace();
  collect::Collector::World around{.x = x_,
                                   .ledger = *ledger_,
                                   .clock = clock_,
                                   .random = random_,
                                   .telemetry = telemetry_,
                                   .secret = [this]() -> Result<Secret> { return Secret{x_.token_file()}; },
                                   .on_new_work = [this] { stored_.notify(); },
                                   .backlog = [this] { return board_.ledger.pending; }};
  collector_ = std::make_unique<collect::Collector>(collect_options_, std::move(around), mode_ == RunMode::once);
}

void Process::start_halves() {
  const auto ended = [this](auto function) {
    return [this, function](const std::exception_ptr& thrown, auto end) {
      if (thrown) return on_thrown(thrown);
      (this->*function)(end);
    };
  };
  boost::asio::co_spawn(*loop_, deliverer_->run(), ended(&Process::on_deliver_end));
  boost::asio::co_spawn(*loop_, collector_->run(), ended(&Process::on_collect_end));
}

Process::~Process() {
  world_.time = world_.now();
  world_.clock = nullptr;
  // What is suspended goes first: its frames refer to everything else.
  loop_.reset();
}

void Process::on_thrown(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const Crashed&) {
  } catch (const std::exception& error) {
    if (!world_.gone) world_.fail(std::string{"an exception got out of a coroutine: "} + error.what());
  }
  ended_ = true;
}

void Process::finish(ExitCode code) {
  code_ = code;
  ended_ = true;
  if (!world_.gone) world_.note("it leaves with " + std::to_string(static_cast<int>(code)));
}

void Process::on_collect_end(collect::CollectEnd end) {
  collect_over_ = true;
  if (replacing_ && end == collect::CollectEnd::ledger) return finish(ExitCode::ledger_io);
  if (replacing_) return;
  const auto next = ending_.collect_ended(end, clock_.now().steady);
  if (const auto* leave = std::get_if<Ending::Leave>(&next)) return finish(leave->code);
  if (const auto* drain = std::get_if<Ending::Drain>(&next)) return deliverer_->drain(drain->grace, drain->kind);
  deliverer_->stop();
}

void Process::on_deliver_end(deliver::DeliverEnd end) {
  deliver_over_ = true;
  if (replacing_ && end != deliver::DeliverEnd::ledger_fatal) return;
  finish(ending_.deliver_ended(end));
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

template <class Done>
bool Process::run_until(Done done, Millis span) {
  constexpr Millis look = 20ms;
  for (const Time end = world_.now() + span; !done() && !ended_ && !world_.gone;) {
    if (world_.now() >= end) return false;
    run_for(look);
    if (clock_.sleepers() == 0) break;
  }
  return done();
}

void Process::stop() {
  if (!ending_.begin_stop(clock_.now().steady)) return;
  collector_->stop();
  run_for(shutdown_grace);
  if (ended_ || world_.gone) return;
  deliverer_->stop();
  run_for(1s);
}

void Process::reload(const Plan& plan) {
  perform(take_word());
  if (ended_ || world_.gone) return;
  replacing_ = true;
  collect_over_ = deliver_over_ = false;
  collector_->stop();
  deliverer_->leave();
  if (!run_until([this] { return deliver_over_; }, shutdown_grace)) deliverer_->stop();
  // The daemon closes its connection to X in the end; here a request ends by itself.
  run_until([this] { return deliver_over_ && collect_over_; }, 24h);
  if (ended_ || world_.gone) return;
  if (!deliver_over_ || !collect_over_) return world_.fail("a reload does not end");
  make_halves(plan);
  std::erase_if(board_.queries, [this](const auto& shown) {
    return std::ranges::find(collect_options_.queries, shown.first, &collect::QueryOptions::name) ==
           collect_options_.queries.end();
  });
  ending_ = Ending{mode_, true, shutdown_grace};
  replacing_ = false;
  start_halves();
}

template <class T>
std::optional<T> Process::perform(Task<T> task) {
  const auto result = std::make_shared<std::optional<T>>();
  boost::asio::co_spawn(*loop_, std::move(task), [this, result](const std::exception_ptr& thrown, T value) {
    if (thrown) return on_thrown(thrown);
    *result = std::move(value);
  });
  run_until([&] { return result->has_value(); }, 1h);
  return *result;
}

Task<bool> Process::take_word() {
  const auto other = deliverer_->other_writer();
  if (!other) co_return false;
  const auto call = [&](ledger::Ledger& ledger) { return ledger.draw_anew(other->sink, other->version); };
  const auto drawn = co_await ledger_->run(call);
  co_return drawn.has_value();
}

std::optional<admin::Answer> Process::order(admin::Order order) {
  auto answer = perform(admin::perform(std::move(order), *ledger_, clock_));
  stored_.notify();
  return answer;
}

}  // namespace mentiond::sim
