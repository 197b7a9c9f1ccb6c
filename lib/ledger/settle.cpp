// The receipt's way back: sinks, their positions, and the rows set aside.
#include <algorithm>

#include "base/failpoint.h"
#include "ledger/sqlite_ledger.h"

namespace mentiond::ledger {
namespace {

std::string_view to_text(SetAside::State state) { return state == SetAside::State::held ? "held" : "dead"; }

}  // namespace

SqliteLedger::SinkPosition* SqliteLedger::position_of(const Sink& sink) {
  const auto at = std::ranges::find(sinks_, sink.key, &SinkPosition::key);
  return at == sinks_.end() ? nullptr : &*at;
}

Outcome<Sink> SqliteLedger::open_sink(const std::optional<std::string>& cluster_uuid, std::string_view pattern) {
  return write([&] {
    Sink sink;
    sink.cluster_uuid = cluster_uuid.value_or("");
    sink.pattern = pattern;
    {
      Statement exact{*connection_,
                      "SELECT key, cluster_uuid, settled_revision FROM sink WHERE pattern = ?1 AND cluster_uuid = ?2"};
      Statement latest{*connection_,
                       "SELECT key, cluster_uuid, settled_revision FROM sink WHERE pattern = ?1 ORDER BY opened DESC"};
      auto rows = cluster_uuid ? exact.query(pattern, std::string_view{*cluster_uuid}) : latest.query(pattern);
      if (rows.next()) {
        sink.key = rows.integer(0);
        sink.cluster_uuid = rows.bytes(1);
        sink.settled_revision = rows.revision(2);
      }
    }
    if (sink.key == 0 && cluster_uuid) adopt_unnamed(sink);
    if (sink.key == 0) {
      Statement insert{*connection_,
                       "INSERT INTO sink (cluster_uuid, pattern, settled_revision, opened) VALUES (?1, ?2, 0, 0)"};
      insert.execute(std::string_view{sink.cluster_uuid}, pattern);
      sink.key = sqlite3_last_insert_rowid(connection_->handle());
      sink.is_new = true;
      sinks_.push_back({sink.key, 0});
      // Everything that still has something to send: tombstones are sent as deletes.
      counters_.set(Counters::above(sink.key), counters_.get(Counters::payloads) + counters_.get(Counters::tombstones));
    }
    Statement touch{*connection_, "UPDATE sink SET opened = (SELECT max(opened) + 1 FROM sink) WHERE key = ?1"};
    touch.execute(sink.key);
    return sink;
  });
}

// A sink is opened before anybody has answered, so that what waits for it can be counted. Without this the one that the
// answer names would be a second, and the first would wait for ever.
void SqliteLedger::adopt_unnamed(Sink& sink) {
  Statement select{*connection_,
                   "SELECT key FROM sink WHERE pattern = ?1 AND cluster_uuid = '' AND settled_revision = 0 "
                   "AND NOT EXISTS (SELECT 1 FROM set_aside WHERE sink = key)"};
  {
    auto rows = select.query(std::string_view{sink.pattern});
    if (!rows.next()) return;
    sink.key = rows.integer(0);
    sink.is_new = true;
  }
  Statement name{*connection_, "UPDATE sink SET cluster_uuid = ?2 WHERE key = ?1"};
  name.execute(sink.key, std::string_view{sink.cluster_uuid});
}

Outcome<void> SqliteLedger::settle(const Sink& sink, const Settlement& settlement) {
  auto done = write([&] {
    if (has_set_aside(sink.key)) {
      for (const auto root : settlement.delivered) remove_set_aside(sink.key, root);
    }
    for (const auto& entry : settlement.set_aside) {
      // Forgotten while it was on its way: the fault may quote it, and the delete is on its way.
      const auto row = is_forgotten(entry.root) ? known(entry.root) : std::nullopt;
      if (!row || row->revision == entry.revision) put_aside(sink.key, entry);
    }
    if (settlement.redelivered) move_redelivery_.execute(sink.key, *settlement.redelivered);
    auto* position = position_of(sink);
    if (position == nullptr) return;
    const auto settled = std::max(position->settled, settlement.position.value_or(0));
    if (settled > position->settled) {
      if (auto rows = count_range_.query(position->settled, settled); rows.next())
        counters_.add(Counters::above(sink.key), -rows.integer(0));
      position->settled = settled;
    }
    if (settlement.position || settlement.delivered_at) move_sink_.execute(sink.key, settled, settlement.delivered_at);
    MENTIOND_FAILPOINT("settle_before_commit");
  });
  MENTIOND_FAILPOINT("settle_after_commit");
  return done;
}

void SqliteLedger::put_aside(std::int64_t sink, const SetAside& entry) {
  const bool held = entry.state == SetAside::State::held;
  // A fault that turns out to be everybody's calls its dead letters back, but not what the operator has dropped.
  if (held && is_dropped(sink, entry.root, entry.revision)) return;
  remove_set_aside(sink, entry.root);
  const auto hold = entry.hold ? elastic::to_text(*entry.hold) : std::string_view{};
  const std::string_view held_with = entry.hold == elastic::HoldReason::drift ? entry.fault.type : entry.index;
  insert_set_aside_.execute(sink, entry.root, entry.revision, to_text(entry.state), std::string_view{entry.index}, hold,
                            held_with, entry.fault.status, std::string_view{entry.fault.type},
                            std::string_view{entry.fault.reason}, entry.since);
  counters_.add(held ? Counters::held(sink) : Counters::dead(sink), 1);
}

void SqliteLedger::remove_set_aside(std::int64_t sink, TweetId root) {
  std::string state;
  if (auto rows = select_set_aside_.query(sink, root); rows.next()) state = rows.bytes(1);
  if (state.empty()) return;
  delete_set_aside_.execute(sink, root);
  counters_.add(state == "held"   ? Counters::held(sink)
                : state == "dead" ? Counters::dead(sink)
                                  : Counters::dropped(sink),
                -1);
}

}  // namespace mentiond::ledger
