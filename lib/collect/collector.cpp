#include "collect/collector.h"

#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "base/failpoint.h"
#include "collect/poller_options.h"
#include "telemetry/collect_events.h"
#include "xapi/reply_reader.h"
#include "xapi/request.h"

namespace mentiond::collect {
namespace {

CollectEnd end_for(xapi::Exit exit) {
  switch (exit) {
    case xapi::Exit::done:
      return CollectEnd::done;
    case xapi::Exit::unavailable:
      return CollectEnd::unavailable;
    case xapi::Exit::ledger:
      return CollectEnd::ledger;
    case xapi::Exit::our_fault:
      return CollectEnd::our_fault;
  }
  return CollectEnd::done;
}

}  // namespace

Collector::Collector(const Options& options, World world, bool once)
    : options_(poller_options(options, once)),
      world_(std::move(world)),
      report_(options_, world_.telemetry),
      secret_(Error{}) {}

void Collector::stop() {
  stopping_ = true;
  if (poller_) poller_->stop();
  wakeup_.notify();
}

Task<CollectEnd> Collector::run() {
  auto failure = co_await load();
  while (!failure) {
    if (stopping_) poller_->stop();
    failure = co_await look_at_space();
    if (failure) break;
    if (world_.backlog) poller_->set_backlog(world_.backlog());
    const Now now = world_.clock.now();
    xapi::Step step = poller_->next(now);
    report_.tell(poller_->take_events(), now.wall);
    if (auto* fetch = std::get_if<xapi::Fetch>(&step)) {
      co_await perform(std::move(*fetch));
    } else if (const auto* sleep = std::get_if<xapi::Sleep>(&step)) {
      report_all();
      co_await world_.clock.sleep_until(sleep->until, wakeup_);
    } else if (const auto* finished = std::get_if<xapi::Finished>(&step)) {
      report_all();
      co_return end_for(finished->exit);
    } else {
      failure = co_await perform_commit(step);
    }
    report_.tell(poller_->take_events(), world_.clock.now().wall);
  }
  const bool waited_for_room = !poller_ && failure->kind == ledger::Failure::Kind::full;
  if (stopping_ && waited_for_room) co_return CollectEnd::done;
  world_.telemetry.emit(telemetry::LedgerFailed{failure->message});
  co_return CollectEnd::ledger;
}

Task<std::optional<ledger::Failure>> Collector::perform_commit(const xapi::Step& step) {
  std::optional<ledger::Failure> failure;
  if (const auto* page = std::get_if<xapi::Keep>(&step)) {
    failure = co_await keep(*page);
  } else if (const auto* bare = std::get_if<xapi::Change>(&step)) {
    failure = co_await change(*bare);
  } else if (const auto* meter = std::get_if<xapi::LoadMeter>(&step)) {
    failure = co_await load_meter(*meter);
  } else {
    failure = co_await note(step);
  }
  co_return failure;
}

// Waits for room on a full disk; `full` comes back only in once-mode, or if stopped meanwhile.
Task<std::optional<ledger::Failure>> Collector::load() {
  std::vector<xapi::Query> queries;
  for (const auto& plan : options_.queries) queries.push_back(plan.query);
  Now now;  // of each try: a wait for room may outlast the month
  struct Memory {
    ledger::Ledger::Loaded loaded;
    std::optional<std::string> vocabulary, pause;
    ledger::Meter meter;
  };
  const auto read = [this, &queries, &now](ledger::Ledger& ledger) -> ledger::Outcome<Memory> {
    Memory memory;
    auto vocabulary = ledger.recall(xapi::SearchPoller::vocabulary_key);
    if (!vocabulary) return vocabulary.error();
    memory.vocabulary = *std::move(vocabulary);
    auto pause = ledger.recall(xapi::SearchPoller::pause_key);
    if (!pause) return pause.error();
    memory.pause = *std::move(pause);
    auto meter = ledger.metered_since(xapi::month_begin(day_of(now.wall), options_.budget.month_starts));
    if (!meter) return meter.error();
    memory.meter = *meter;
    // Last: it tells of the gaps that it closes but once.
    auto loaded = ledger.load_queries(queries);
    if (!loaded) return loaded.error();
    memory.loaded = *std::move(loaded);
    return memory;
  };
  now = world_.clock.now();
  ledger::Outcome<Memory> memory = co_await world_.ledger.run(read);
  const auto waits = [&] {
    return !memory && memory.error().kind == ledger::Failure::Kind::full && !options_.once && !stopping_;
  };
  if (waits()) {
    const std::string why = memory.error().message;
    world_.telemetry.emit(telemetry::CollectPaused{"disk", why, world_.clock.now().wall, std::nullopt});
    while (waits()) {
      co_await world_.clock.sleep_until(world_.clock.now().steady + xapi::SearchPoller::room_check, wakeup_);
      now = world_.clock.now();
      memory = co_await world_.ledger.run(read);
    }
    if (memory) world_.telemetry.emit(telemetry::CollectResumed{"disk"});
  }
  if (!memory) co_return memory.error();
  requests_ = memory->meter.requests;
  const xapi::PollerMemory known{memory->loaded.states, memory->vocabulary, memory->pause, memory->meter.posts,
                                 memory->meter.users};
  poller_.emplace(options_, known, now);
  report_all();
  // Only now: a query whose text was changed has its row on the board.
  for (const auto& [query, loss] : memory->loaded.losses) report_.lost(query, loss, "no longer configured");
  co_return std::nullopt;
}

Task<std::optional<ledger::Failure>> Collector::look_at_space() {
  const SteadyTime now = world_.clock.now().steady;
  if (now < next_space_look_) co_return std::nullopt;
  next_space_look_ = now + xapi::SearchPoller::room_check;
  const auto look = [](ledger::Ledger& ledger) { return ledger.space(); };
  const auto space = co_await world_.ledger.run(look);
  if (!space) co_return space.error().kind == ledger::Failure::Kind::full ? std::nullopt : std::optional{space.error()};
  poller_->set_space(space->free, space->total);
  world_.telemetry.emit(telemetry::LedgerSize{space->file, space->wal});
  co_return std::nullopt;
}

Task<void> Collector::ask(HttpRequest request, InHand& into) {
  const SteadyTime began = world_.clock.now().steady;
  into.reply = co_await world_.x.send(std::move(request));
  MENTIOND_FAILPOINT("x_replied_before_append");
  into.came = world_.clock.now();
  into.took = std::chrono::ceil<Millis>(into.came.steady - began);
}

Task<void> Collector::perform(xapi::Fetch fetch) {
  if (!secret_read_ || fetch.reread_secret) {
    secret_ = world_.secret();
    secret_read_ = true;
  }
  xapi::Reply reply;
  page_ = xapi::Page{};
  unstored_.reset();
  Now came = world_.clock.now();
  if (!secret_) {
    reply.answer = xapi::AuthFailed{0, secret_.error().message};
  } else {
    if (!in_hand_ || in_hand_->ticket != fetch.ticket) {
      in_hand_ = InHand{fetch.ticket, HttpFailure{}, Millis{}, came};
      HttpRequest request = xapi::to_http(fetch.request, *secret_);
      co_await ask(std::move(request), *in_hand_);
    }
    came = in_hand_->came;
    reply = xapi::read_reply(in_hand_->reply, parser_, page_);
    const std::string& name = options_.queries[fetch.query].query.name;
    world_.telemetry.emit(
        telemetry::XAnswered{name, xapi::outcome_name(reply.answer), in_hand_->took, reply.remaining, reply.reset});
  }
  in_hand_.reset();
  const double random = world_.random.uniform();
  poller_->on_reply(reply, came, random);
}

ledger::PageCommit Collector::commit_for(std::size_t query, const xapi::QueryChange& change, Day day) const {
  ledger::PageCommit commit;
  commit.query = options_.queries[query].query;
  commit.change = change;
  commit.billing_day = day;
  commit.seen_at = world_.clock.now().wall;
  return commit;
}

Task<Collector::Committed> Collector::append(const ledger::PageCommit& commit) {
  const auto call = [&commit](ledger::Ledger& ledger) { return ledger.append(commit); };
  co_return co_await world_.ledger.run(call);
}

Task<std::optional<ledger::Failure>> Collector::keep(xapi::Keep step) {
  if (!unstored_) {
    unstored_ = commit_for(step.query, step.change, step.billing_day);
    unstored_->tweets = std::move(page_.tweets);
    unstored_->bad = std::move(page_.bad);
    unstored_->users = std::move(page_.users);
    unstored_->billed_request = true;
  }
  if (!step.ahead || !secret_ || in_hand_) {
    auto failure = co_await store(*unstored_, step.query);
    co_return failure;
  }
  using namespace boost::asio::experimental::awaitable_operators;
  in_hand_ = InHand{step.ahead->ticket, HttpFailure{}, Millis{}, world_.clock.now()};
  HttpRequest request = xapi::to_http(step.ahead->request, *secret_);
  std::optional<ledger::Failure> failure;
  try {
    // The page's views stay valid: nothing is parsed before both are done.
    co_await (store_or_throw(*unstored_, step.query, failure) && ask(std::move(request), *in_hand_));
  } catch (...) {
    // The request that was cut off throws as well, and the two come as one.
    if (!failure) throw;
  }
  co_return failure;
}

Task<void> Collector::store_or_throw(const ledger::PageCommit& commit, std::size_t query,
                                     std::optional<ledger::Failure>& failure) {
  failure = co_await store(commit, query);
  if (failure) throw StoreFailed{};
}

Task<std::optional<ledger::Failure>> Collector::store(const ledger::PageCommit& commit, std::size_t query) {
  const Committed counts = co_await append(commit);
  MENTIOND_FAILPOINT("page_committed_before_poller_knows");
  auto failure = after_append(counts, commit);
  if (counts) {
    ++requests_;
    report_.budget(poller_->budget(), requests_);
    report_.standing(*poller_, query, world_.clock.now());
    report_page(commit, *counts);
  }
  co_return failure;
}

void Collector::report_page(const ledger::PageCommit& commit, const ledger::AppendCounts& counts) {
  telemetry::PageStored stored;
  stored.query = commit.query.name;
  stored.cloud = commit.query.cloud;
  stored.posts = static_cast<std::int64_t>(commit.tweets.size() + commit.bad.size());
  stored.new_pairs = counts.new_pairs;
  stored.to_deliver = counts.fresh + counts.changed;
  stored.duplicates = counts.duplicates;
  stored.unparsed = counts.bad;
  if (!commit.bad.empty()) stored.first_unparsed = commit.bad.front().reason;
  stored.partial_errors = static_cast<std::int64_t>(page_.partial_errors);
  stored.first_partial_error = page_.first_error;
  stored.billed_posts = counts.billed_posts;
  world_.telemetry.emit(stored);
}

Task<std::optional<ledger::Failure>> Collector::load_meter(xapi::LoadMeter step) {
  const auto call = [&step](ledger::Ledger& ledger) { return ledger.metered_since(step.since); };
  const ledger::Outcome<ledger::Meter> meter = co_await world_.ledger.run(call);
  if (!meter) co_return failed(meter.error());
  requests_ = meter->requests;
  poller_->on_metered(meter->posts, meter->users, world_.clock.now());
  report_.budget(poller_->budget(), requests_);
  co_return std::nullopt;
}

Task<std::optional<ledger::Failure>> Collector::change(xapi::Change step) {
  const ledger::PageCommit commit = commit_for(step.query, step.change, step.billing_day);
  const Committed counts = co_await append(commit);
  auto failure = after_append(counts, commit);
  if (counts) report_.standing(*poller_, step.query, world_.clock.now());
  co_return failure;
}

std::optional<ledger::Failure> Collector::after_append(const Committed& counts, const ledger::PageCommit& commit) {
  if (!counts) return failed(counts.error());
  poller_->on_stored({counts->fresh, counts->duplicates, counts->billed_posts, counts->billed_users},
                     world_.clock.now());
  if (commit.change.loss) report_.lost(commit.query.name, *commit.change.loss, "older than X serves");
  if (world_.on_new_work && counts->fresh + counts->changed > 0) world_.on_new_work();
  return std::nullopt;
}

Task<std::optional<ledger::Failure>> Collector::note(xapi::Step step) {
  const auto call = [this, &step](ledger::Ledger& ledger) -> ledger::Outcome<void> {
    if (const auto* small = std::get_if<xapi::Remember>(&step)) return ledger.remember(small->key, small->value);
    const auto& parked = std::get<xapi::SetParked>(step);
    return ledger.set_parked(options_.queries[parked.query].query, parked.since);
  };
  const ledger::Outcome<void> done = co_await world_.ledger.run(call);
  if (!done) co_return failed(done.error());
  poller_->on_stored({}, world_.clock.now());
  if (const auto* parked = std::get_if<xapi::SetParked>(&step)) {
    report_.standing(*poller_, parked->query, world_.clock.now());
  }
  co_return std::nullopt;
}

std::optional<ledger::Failure> Collector::failed(const ledger::Failure& failure) {
  if (failure.kind != ledger::Failure::Kind::full) return failure;
  poller_->on_full(world_.clock.now(), failure.message);
  next_space_look_ = SteadyTime::min();
  return std::nullopt;
}

void Collector::report_all() {
  const Now now = world_.clock.now();
  for (std::size_t query = 0; query < options_.queries.size(); ++query) report_.standing(*poller_, query, now);
  report_.budget(poller_->budget(), requests_);
}

}  // namespace mentiond::collect
