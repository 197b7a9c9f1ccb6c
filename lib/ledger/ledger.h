// Ledger remembers every tweet until the sink confirms it, and how far each query has been read. One SQLite file:
// queue, dedup window, cursor store and embedded store in one. Survives a crash at any line: each call is one
// transaction, fsynced before it returns. Decides nothing. One thread (LedgerThread gives it one); readers use
// LedgerReader.
//
// Calls fail with `full` (disk full: nothing was changed, try again later) or `fatal` (leave the process with 74).
// https://www.sqlite.org/wal.html  https://www.sqlite.org/pragma.html#pragma_synchronous
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/operations.h"
#include "ledger/row.h"

namespace mentiond::ledger {

class Ledger : public Operations {
 public:
  // Opens or creates the ledger at `path`, and its lock file beside it (path + ".lock", flock, the holder's pid
  // within). Brings an older schema up to date; refuses a newer one. `now` seeds the revisions: max(last + 1, seconds
  // << 20). Nothing is made beside another program's file. `full` where there is no room for that
  // much: try again.
  static Outcome<std::unique_ptr<Ledger>> open(const std::string& path, Time now);

  // --- collect ---
  // Makes `queries` the configured ones and returns their states in that order. Gaps of any other (name, text) are
  // closed, and returned as losses by query name; one of a first walk (low = 0) has no lower end, and comes as an empty
  // loss.
  struct Loaded {
    std::vector<xapi::QueryState> states;
    std::vector<std::pair<std::string, xapi::Loss>> losses;
  };
  virtual Outcome<Loaded> load_queries(std::span<const xapi::Query> queries) = 0;
  // Tweets, tags, gaps, cursor and meter of one page, together. A greater version of a known root replaces the payload
  // and keeps the tags; a lower one adds its tags only. A tombstone stays one. A pruned payload comes back, in
  // whichever version was found: a row names the version that it holds.
  virtual Outcome<AppendCounts> append(const PageCommit& page) = 0;
  virtual Outcome<void> set_parked(const xapi::Query& query, std::optional<Time> since) = 0;
  // What X billed on the days from `first` on.
  virtual Outcome<Meter> metered_since(Day first) = 0;

  // --- small things kept across restarts: the vocabulary, pauses, the schedule ---
  virtual Outcome<void> remember(std::string_view key, std::string_view value) = 0;
  virtual Outcome<std::optional<std::string>> recall(std::string_view key) = 0;

  // --- deliver ---
  // The sink of that cluster and pattern. Without a uuid: the last known sink of that pattern, else a new one.
  virtual Outcome<Sink> open_sink(const std::optional<std::string>& cluster_uuid, std::string_view pattern) = 0;
  // Rows with revision > after, in revision order, at most `max_rows` and about `max_bytes` of payload (at least one
  // row). Pruned rows are left out, and so are rows set aside at their present revision. A damaged row comes marked.
  virtual Outcome<std::vector<Row>> pending(const Sink& sink, std::uint64_t after, std::size_t max_rows,
                                            std::size_t max_bytes) = 0;
  // The rows of these roots as they are now, in the order asked; unknown and pruned ones are left out.
  virtual Outcome<std::vector<Row>> rows(std::span<const TweetId> roots) = 0;
  // Held rows of one group, oldest revision first.
  virtual Outcome<std::vector<Row>> held(const Sink& sink, const HeldGroup& group, std::size_t max_rows,
                                         std::size_t max_bytes) = 0;
  virtual Outcome<std::vector<HeldGroup>> held_groups(const Sink& sink) = 0;
  // The newest live row already settled in this sink and not set aside.
  virtual Outcome<std::optional<Row>> canary(const Sink& sink) = 0;
  virtual Outcome<void> settle(const Sink& sink, const Settlement& settlement) = 0;
  // The next rows of the oldest redelivery of this sink, by root id, without those that are set aside. A redelivery
  // that has no more rows is over, and the next begins; none: every one is over.
  virtual Outcome<std::vector<Row>> redelivery(const Sink& sink, std::size_t max_rows, std::size_t max_bytes) = 0;
  // Another writer used `version`, and a person says that it is gone: the last revision rises to it, and all that waits
  // above the sink's position is drawn anew. Returns how many rows; fails with `full` (nothing was changed) for a
  // version beyond which too few are left.
  virtual Outcome<std::int64_t> draw_anew(const Sink& sink, std::uint64_t version) = 0;
  virtual Outcome<SinkCounts> counts(const Sink& sink) = 0;  // cheap: kept up to date, not counted anew
  // Of the whole ledger, as cheap as counts().
  struct Totals {
    std::int64_t rows = 0;      // roots known, pruned and tombstones included
    std::int64_t pruned = 0;    // roots whose payload is gone: no sink can get them any more
    std::int64_t unparsed = 0;  // posts kept raw
  };
  [[nodiscard]] virtual Totals totals() const = 0;
  // The greatest revision ever drawn.
  [[nodiscard]] virtual std::uint64_t last_revision() const = 0;

  // --- upkeep ---
  // Removes the payloads of up to `max_rows` rows first seen before `before` and delivered to `sink`; their ids stay.
  // Returns how many.
  virtual Outcome<std::int64_t> prune(const Sink& sink, Time before, std::size_t max_rows) = 0;
  // Free and total bytes of the file system that holds the ledger, and what the ledger itself takes.
  struct Space {
    std::int64_t free = 0;
    std::int64_t total = 0;
    std::int64_t file = 0;
    std::int64_t wal = 0;
  };
  virtual Outcome<Space> space() = 0;
  // Truncates a WAL that has outgrown 64 MiB; true if it had. Also one that still holds what was forgotten.
  virtual Outcome<bool> truncate_wal() = 0;

 protected:
  Ledger() = default;
};

}  // namespace mentiond::ledger
