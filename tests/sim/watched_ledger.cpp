#include "sim/watched_ledger.h"

#include <algorithm>

namespace mentiond::sim {

namespace {

using namespace std::chrono_literals;

// A page may have been asked for when the last count was not yet known: a request takes a minute at most.
constexpr Millis last_page_in_flight = 5min;
constexpr std::int64_t gibi = std::int64_t{1} << 30U;
// Beyond the checkpoint's mark a WAL may hold one more transaction; the largest here is a page of a hundred posts.
constexpr std::int64_t most_wal = ledger::Connection::checkpoint_bytes + (std::int64_t{8} << 20U);

}  // namespace

template <class Call>
auto WatchedLedger::watch(std::string_view name, Call call) {
  World& world = around_.world;
  if (world.dies("before " + std::string{name})) throw Crashed{};
  auto outcome = call();
  if (around_.disk.dead()) {
    world.note("the disk died in " + std::string{name});
    world.gone = true;
  }
  if (world.gone) throw Crashed{};
  if (!outcome) world.note(std::string{name} + ": " + without(outcome.error().message, ledger_->connection().path()));
  return outcome;
}

ledger::Outcome<ledger::Ledger::Loaded> WatchedLedger::load_queries(std::span<const xapi::Query> queries) {
  return watch("load_queries", [&] { return ledger_->load_queries(queries); });
}

ledger::Outcome<ledger::AppendCounts> WatchedLedger::append(const ledger::PageCommit& page) {
  Oracle& oracle = around_.oracle;
  World& world = around_.world;
  if (world.dies("before append")) throw Crashed{};
  oracle.begin_append(page);
  if (page.billed_request && over_since_ && world.now() - *over_since_ > last_page_in_flight) {
    world.fail("(e) a page is stored though more than max_pending rows have been waiting for long");
  }
  auto counts = watch("append", [&] { return ledger_->append(page); });
  recount_after(!counts);
  if (!counts) {
    if (counts.error().kind == ledger::Failure::Kind::full) oracle.not_appended();
    return counts;
  }
  world.note("stored a page of " + page.query.name + ": " + std::to_string(page.tweets.size()) + " posts, " +
             std::to_string(counts->fresh) + " new, " + std::to_string(counts->changed) + " changed" +
             (page.change.cursor ? ", cursor " + page.change.cursor->to_string() : ""));
  oracle.appended(facts());
  if (world.dies("after append")) throw Crashed{};
  return counts;
}

void WatchedLedger::recount_after(bool failed) {
  if (!failed && recount_) around_.oracle.check_counters(facts());
  recount_ = failed;
}

ledger::Outcome<void> WatchedLedger::set_parked(const xapi::Query& query, std::optional<Time> since) {
  return watch("set_parked", [&] { return ledger_->set_parked(query, since); });
}

ledger::Outcome<ledger::Meter> WatchedLedger::metered_since(Day first) {
  return watch("metered_since", [&] { return ledger_->metered_since(first); });
}

ledger::Outcome<void> WatchedLedger::remember(std::string_view key, std::string_view value) {
  around_.world.note("remember " + std::string{key} + " = " + std::string{value});
  return watch("remember", [&] { return ledger_->remember(key, value); });
}

ledger::Outcome<std::optional<std::string>> WatchedLedger::recall(std::string_view key) {
  return watch("recall", [&] { return ledger_->recall(key); });
}

ledger::Outcome<ledger::Sink> WatchedLedger::open_sink(const std::optional<std::string>& cluster_uuid,
                                                       std::string_view pattern) {
  return watch("open_sink", [&] { return ledger_->open_sink(cluster_uuid, pattern); });
}

ledger::Outcome<std::vector<ledger::Row>> WatchedLedger::pending(const ledger::Sink& sink, std::uint64_t after,
                                                                 std::size_t max_rows, std::size_t max_bytes) {
  return watch("pending", [&] { return ledger_->pending(sink, after, max_rows, max_bytes); });
}

ledger::Outcome<std::vector<ledger::Row>> WatchedLedger::rows(std::span<const TweetId> roots) {
  return watch("rows", [&] { return ledger_->rows(roots); });
}

ledger::Outcome<std::vector<ledger::Row>> WatchedLedger::held(const ledger::Sink& sink, const ledger::HeldGroup& group,
                                                              std::size_t max_rows, std::size_t max_bytes) {
  return watch("held", [&] { return ledger_->held(sink, group, max_rows, max_bytes); });
}

ledger::Outcome<std::vector<ledger::HeldGroup>> WatchedLedger::held_groups(const ledger::Sink& sink) {
  return watch("held_groups", [&] { return ledger_->held_groups(sink); });
}

ledger::Outcome<std::optional<ledger::Row>> WatchedLedger::canary(const ledger::Sink& sink) {
  return watch("canary", [&] { return ledger_->canary(sink); });
}

ledger::Outcome<void> WatchedLedger::settle(const ledger::Sink& sink, const ledger::Settlement& settlement) {
  World& world = around_.world;
  if (world.dies("before settle")) throw Crashed{};
  check_settlement(sink, settlement, facts().settled(sink.key));
  auto settled = watch("settle", [&] { return ledger_->settle(sink, settlement); });
  recount_after(!settled);
  if (settled) {
    world.note("settled " + std::to_string(settlement.delivered.size()) + ", set aside " +
               std::to_string(settlement.set_aside.size()));
  }
  if (world.dies("after settle")) throw Crashed{};
  return settled;
}

// The receipt may only say what the sink has done. What it sets aside counts as accounted for.
void WatchedLedger::check_settlement(const ledger::Sink& sink, const ledger::Settlement& settlement,
                                     std::uint64_t before) {
  World& world = around_.world;
  const auto applied = [&](TweetId root, std::uint64_t revision) {
    return around_.applied(sink.cluster_uuid, root, revision);
  };
  for (const TweetId root : settlement.delivered) {
    if (!applied(root, 0)) world.fail("(a) " + root.to_string() + " is settled as delivered, and the sink has it not");
  }
  if (!settlement.position || *settlement.position <= before) return;
  for (const auto& [revision, root] : facts().payloads(before, *settlement.position)) {
    if (applied(root, revision)) continue;
    const bool aside_now = std::ranges::any_of(
        settlement.set_aside, [&](const auto& entry) { return entry.root == root && entry.revision == revision; });
    const auto aside = facts().set_aside(sink.key, root);
    if (aside_now || (aside && aside->revision == revision)) continue;
    world.fail("(a) the sink's position passes " + root.to_string() + " at revision " + std::to_string(revision) +
               ", which is neither delivered nor set aside");
  }
}

ledger::Outcome<std::vector<ledger::Row>> WatchedLedger::redelivery(const ledger::Sink& sink, std::size_t max_rows,
                                                                    std::size_t max_bytes) {
  return watch("redelivery", [&] { return ledger_->redelivery(sink, max_rows, max_bytes); });
}

ledger::Outcome<ledger::SinkCounts> WatchedLedger::counts(const ledger::Sink& sink) {
  auto counts = watch("counts", [&] { return ledger_->counts(sink); });
  if (!counts) return counts;
  if (counts->pending <= around_.max_pending) {
    over_since_.reset();
  } else if (!over_since_) {
    over_since_ = around_.world.now();
  }
  return counts;
}

ledger::Outcome<std::int64_t> WatchedLedger::prune(const ledger::Sink& sink, Time before, std::size_t max_rows) {
  return watch("prune", [&] { return ledger_->prune(sink, before, max_rows); });
}

ledger::Outcome<std::int64_t> WatchedLedger::draw_anew(const ledger::Sink& sink, std::uint64_t version) {
  return watch("draw_anew", [&] { return ledger_->draw_anew(sink, version); });
}

ledger::Outcome<std::vector<ledger::DeadLetter>> WatchedLedger::dead_letters(const ledger::DeadLetterPage& page) {
  return watch("dead_letters", [&] { return ledger_->dead_letters(page); });
}

ledger::Outcome<WatchedLedger::Handled> WatchedLedger::retry_dead(std::span<const std::string> ids, Unknown unknown) {
  return watch("retry_dead", [&] { return ledger_->retry_dead(ids, unknown); });
}

ledger::Outcome<WatchedLedger::Handled> WatchedLedger::drop_dead(std::span<const std::string> ids, Unknown unknown) {
  return watch("drop_dead", [&] { return ledger_->drop_dead(ids, unknown); });
}

ledger::Outcome<WatchedLedger::Forgotten> WatchedLedger::forget(std::span<const TweetId> ids, Time now) {
  if (around_.world.dies("before forget")) throw Crashed{};
  around_.oracle.begin_forget(ids);
  auto forgotten = watch("forget", [&] { return ledger_->forget(ids, now); });
  around_.oracle.end_forget(facts());
  recount_after(!forgotten);
  if (around_.world.dies("after forget")) throw Crashed{};
  return forgotten;
}

ledger::Outcome<std::int64_t> WatchedLedger::redeliver(TweetId from, TweetId to) {
  return watch("redeliver", [&] { return ledger_->redeliver(from, to); });
}

ledger::Outcome<ledger::Ledger::Space> WatchedLedger::space() {
  auto space = watch("space", [&] { return ledger_->space(); });
  if (!space) return space;
  space->total = 100 * gibi;
  space->free = room ? 50 * gibi : gibi / 2;
  space->wal = around_.disk.size(ledger_->connection().path() + "-wal");
  space->file = around_.disk.size(ledger_->connection().path());
  if (space->wal > most_wal) around_.world.fail("(e) the WAL has " + std::to_string(space->wal) + " bytes");
  return space;
}

}  // namespace mentiond::sim
