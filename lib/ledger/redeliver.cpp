// Sending again: a stretch of time on a person's word, or all that waits under new revisions because somebody else had
// used greater ones.
#include <limits>
#include <sstream>

#include "base/failpoint.h"
#include "ledger/dead_letter_rows.h"
#include "ledger/query_rows.h"
#include "ledger/sqlite_ledger.h"

namespace mentiond::ledger {
namespace {

// Of draw_anew(), until it is done: revisions up to here are too low.
constexpr std::string_view too_low_key = "drawn_anew_up_to";
// Left above a version that draw_anew() accepts: a billion years of tweets, and a clock that seeds 20 bits higher.
constexpr std::uint64_t revisions_to_spare = std::uint64_t{1} << 62U;

}  // namespace

Outcome<std::int64_t> SqliteLedger::redeliver(TweetId from, TweetId to) {
  const auto sink = latest_sink(*connection_);
  if (!sink || to <= from) return read(std::int64_t{0});
  const auto ordered = write([&] {
    Statement insert{*connection_,
                     "INSERT INTO redeliver (sink, from_id, to_id, position) VALUES (?1, ?2, ?3, ?2 - 1)"};
    insert.execute(*sink, from, to);
    Statement count{
        *connection_,
        "SELECT count(*) FROM post t WHERE t.root_id >= ?1 AND t.root_id < ?2 AND t.state <> 2 AND NOT EXISTS "
        "(SELECT 1 FROM set_aside a WHERE a.sink = ?3 AND a.root_id = t.root_id)"};
    auto rows = count.query(from, to, *sink);
    MENTIOND_FAILPOINT("redeliver_before_commit");
    return rows.next() ? rows.integer(0) : 0;
  });
  MENTIOND_FAILPOINT("redeliver_after_commit");
  return ordered;
}

Outcome<std::vector<Row>> SqliteLedger::redelivery(const Sink& sink, std::size_t max_rows, std::size_t max_bytes) {
  for (;;) {
    std::int64_t job = 0;
    std::vector<Row> found;
    {
      Statement oldest{*connection_, "SELECT key, position, to_id FROM redeliver WHERE sink = ?1 ORDER BY key LIMIT 1"};
      auto jobs = oldest.query(sink.key);
      if (!jobs.next()) return read(std::move(found));
      job = jobs.integer(0);
      Statement select{*connection_, MENTIOND_LEDGER_ROW
                       "FROM post t CROSS JOIN payload p ON p.revision = t.revision WHERE t.root_id > ?1 AND "
                       "t.root_id < ?2 AND NOT EXISTS "
                       "(SELECT 1 FROM set_aside a WHERE a.sink = ?3 AND a.root_id = t.root_id) ORDER BY t.root_id"};
      found = collect(select.query(jobs.integer(1), jobs.integer(2), sink.key), max_rows, max_bytes);
    }
    if (!found.empty() || !connection_->ok()) return read(std::move(found));
    const auto over = write([&] {
      Statement remove{*connection_, "DELETE FROM redeliver WHERE key = ?1"};
      remove.execute(job);
      MENTIOND_FAILPOINT("redeliver_over_before_commit");
    });
    if (!over) return over.error();
  }
}

void SqliteLedger::draw_anew(TweetId root, std::uint64_t revision) {
  const auto next = draw_revision();
  move_payload_.execute(revision, next);
  set_revision_.execute(root, next);
  count_move(revision, next);
}

Outcome<std::int64_t> SqliteLedger::draw_anew(const Sink& sink, std::uint64_t version) {
  if (version > revisions_to_spare) {
    return Failure{Failure::Kind::full, "version " + std::to_string(version) +
                                            " leaves no room for newer ones: delete that document from its index"};
  }
  const auto* position = position_of(sink);
  const auto settled = position != nullptr ? position->settled : 0;
  // A crash between two chunks must not leave rows that would pass for delivered: their conflict would name a version
  // that this ledger now knows.
  auto begun = write([&] {
    const auto last = last_revision();
    Statement note{*connection_, "INSERT OR REPLACE INTO memory VALUES (?1, ?2)"};
    note.execute(too_low_key, std::string_view{std::to_string(settled) + ' ' + std::to_string(last) + ' ' +
                                               std::to_string(sink.key)});
    counters_.set(Counters::last_revision, static_cast<std::int64_t>(std::max(last, version)));
    Statement count_held{*connection_, R"(SELECT count(*) FROM set_aside s JOIN post t ON t.root_id = s.root_id
      WHERE s.sink = ?1 AND s.state = 'held' AND t.revision <= ?2)"};
    auto held = count_held.query(sink.key, settled);
    auto rows = count_range_.query(settled, last);
    return (held.next() ? held.integer(0) : 0) + (rows.next() ? rows.integer(0) : 0);
  });
  if (!begun) return begun;
  if (auto drawn = go_on_drawing_anew(); !drawn) return drawn.error();
  return begun;
}

struct SqliteLedger::TooLow {
  std::uint64_t settled = 0;
  std::uint64_t last = 0;
  std::int64_t sink = 0;
};

std::vector<std::pair<TweetId, std::uint64_t>> SqliteLedger::too_low(const TooLow& range) {
  std::vector<std::pair<TweetId, std::uint64_t>> low;
  const auto take = [&](Rows rows) {
    while (rows.next()) low.emplace_back(rows.id(0), rows.revision(1));
  };
  Statement held{*connection_, R"(
    SELECT p.root_id, p.revision FROM set_aside s JOIN post t ON t.root_id = s.root_id JOIN payload p ON p.revision = t.revision
    WHERE s.sink = ?1 AND s.state = 'held' AND p.revision <= ?2 LIMIT ?3)"};
  take(held.query(range.sink, range.settled, chunk_rows));
  if (!low.empty()) return low;
  Statement above{*connection_,
                  "SELECT p.root_id, p.revision FROM payload p JOIN post t ON t.root_id = p.root_id WHERE "
                  "p.revision > ?1 AND p.revision <= ?2 ORDER BY p.revision LIMIT ?3"};
  take(above.query(range.settled, range.last, chunk_rows));
  return low;
}

Outcome<void> SqliteLedger::go_on_drawing_anew() {
  const auto words = read_memory(*connection_, too_low_key);
  if (!connection_->ok()) return connection_->take_failure();
  if (!words) return {};
  TooLow range;
  std::istringstream{*words} >> range.settled >> range.last >> range.sink;
  for (bool more = true; more;) {
    const auto chunk = write([&] {
      const auto low = too_low(range);
      for (const auto& [root, revision] : low) {
        // What was held is sent as everything else that waits, and may come to be held again.
        if (waits_aside(range.sink, root)) remove_set_aside(range.sink, root);
        draw_anew(root, revision);
      }
      more = !low.empty();
      if (more) return;
      Statement done{*connection_, "DELETE FROM memory WHERE name = ?1"};
      done.execute(too_low_key);
    });
    if (!chunk) return chunk.error();
  }
  return {};
}

}  // namespace mentiond::ledger
