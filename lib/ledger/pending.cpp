// What waits for the sink, read in revision order: `payload` is the change feed itself.
#include "ledger/sqlite_ledger.h"

namespace mentiond::ledger {

std::vector<Row> SqliteLedger::collect(Rows rows, std::size_t max_rows, std::size_t max_bytes) {
  std::vector<Row> result;
  std::size_t bytes = 0;
  while (result.size() < max_rows && (result.empty() || bytes < max_bytes) && rows.next()) {
    result.push_back(read_row(rows, tags_));
    bytes += result.back().payload.size();
  }
  return result;
}

Outcome<std::vector<Row>> SqliteLedger::pending(const Sink& sink, std::uint64_t after, std::size_t max_rows,
                                                std::size_t max_bytes) {
  std::vector<Row> result;
  const bool some_set_aside = has_set_aside(sink.key);
  std::size_t bytes = 0;
  auto rows = select_pending_.query(after);
  while (result.size() < max_rows && rows.next()) {
    if (some_set_aside && is_set_aside(sink.key, rows.id(1), rows.revision(0))) continue;
    const auto size = rows.bytes(3).size();
    if (!result.empty() && bytes + size > max_bytes) break;
    bytes += size;
    result.push_back(read_row(rows, tags_));
  }
  return read(std::move(result));
}

Outcome<std::vector<Row>> SqliteLedger::rows(std::span<const TweetId> roots) {
  std::vector<Row> result;
  for (const auto root : roots) {
    if (auto row = select_row_.query(root); row.next()) result.push_back(read_row(row, tags_));
  }
  return read(std::move(result));
}

Outcome<std::vector<Row>> SqliteLedger::held(const Sink& sink, const HeldGroup& group, std::size_t max_rows,
                                             std::size_t max_bytes) {
  const bool drift = group.hold == elastic::HoldReason::drift;
  const auto hold = elastic::to_text(group.hold);
  const std::string_view held_with = drift ? group.fault_type : group.index;
  return read(collect(select_held_.query(sink.key, hold, held_with), max_rows, max_bytes));
}

Outcome<std::vector<HeldGroup>> SqliteLedger::held_groups(const Sink& sink) {
  std::vector<HeldGroup> groups;
  Statement select{*connection_,
                   "SELECT hold, held_with, count(*), min(since) FROM set_aside "
                   "WHERE sink = ?1 AND state = 'held' GROUP BY hold, held_with"};
  for (auto rows = select.query(sink.key); rows.next();) {
    HeldGroup group;
    group.hold = elastic::parse_hold_reason(rows.bytes(0)).value_or(elastic::HoldReason::not_found);
    (group.hold == elastic::HoldReason::drift ? group.fault_type : group.index) = rows.bytes(1);
    group.rows = rows.integer(2);
    group.since = rows.time(3);
    groups.push_back(std::move(group));
  }
  return read(std::move(groups));
}

Outcome<std::optional<Row>> SqliteLedger::canary(const Sink& sink) {
  std::optional<Row> found;
  const auto* position = position_of(sink);
  const bool some_set_aside = has_set_aside(sink.key);
  auto rows = select_newest_settled_.query(position != nullptr ? position->settled : 0);
  while (!found && rows.next()) {
    if (rows.integer(7) != static_cast<int>(StoredState::live)) continue;
    if (some_set_aside && is_set_aside(sink.key, rows.id(1), std::nullopt)) continue;
    auto row = read_row(rows, tags_);
    if (!row.damaged) found = std::move(row);
  }
  return read(std::move(found));
}

Outcome<SinkCounts> SqliteLedger::counts(const Sink& sink) {
  auto counts = counters_.of_sink(sink.key);
  if (auto rows = count_redeliveries_.query(sink.key); rows.next()) counts.redeliveries = rows.integer(0);
  return read(counts);
}

Ledger::Totals SqliteLedger::totals() const {
  const auto rows = counters_.get(Counters::posts);
  return {rows, rows - counters_.get(Counters::payloads) - counters_.get(Counters::tombstones),
          counters_.get(Counters::unparsed)};
}

bool SqliteLedger::has_set_aside(std::int64_t sink) const {
  return counters_.get(Counters::held(sink)) + counters_.get(Counters::dead(sink)) +
             counters_.get(Counters::dropped(sink)) >
         0;
}

// Set aside and still waiting for something: a dropped one waits for nothing.
bool SqliteLedger::waits_aside(std::int64_t sink, TweetId root) {
  auto rows = select_set_aside_.query(sink, root);
  return rows.next() && rows.bytes(1) != "dropped";
}

bool SqliteLedger::is_dropped(std::int64_t sink, TweetId root, std::uint64_t at_revision) {
  auto rows = select_set_aside_.query(sink, root);
  return rows.next() && rows.revision(0) == at_revision && rows.bytes(1) == "dropped";
}

bool SqliteLedger::is_set_aside(std::int64_t sink, TweetId root, std::optional<std::uint64_t> at_revision) {
  auto rows = select_set_aside_.query(sink, root);
  return rows.next() && (!at_revision || rows.revision(0) == *at_revision);
}

}  // namespace mentiond::ledger
