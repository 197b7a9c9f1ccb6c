#include <algorithm>

#include "ledger/query_rows.h"
#include "ledger/sqlite_ledger.h"

namespace mentiond::ledger {

Outcome<std::unique_ptr<Ledger>> Ledger::open(const std::string& path, Time now) {
  auto ledger = SqliteLedger::open(path, now);
  if (!ledger) return ledger.error();
  return std::unique_ptr<Ledger>{std::move(*ledger)};
}

Outcome<std::unique_ptr<SqliteLedger>> SqliteLedger::open(const std::string& path, Time now) {
  if (auto failure = Connection::look_at(path, Connection::Access::write)) return std::move(*failure);
  auto lock = LockFile::take(path);
  if (!lock) return lock.error();
  auto connection = Connection::open(path, Connection::Access::write);
  if (!connection) return connection.error();
  if (auto migrated = bring_up_to_date(**connection, migrations()); !migrated) return migrated.error();

  std::unique_ptr<SqliteLedger> ledger{new SqliteLedger{std::move(*lock), std::move(*connection)}};
  ledger->load();
  // Seeded by the clock, so that neither a rebuilt nor a restored ledger uses a revision twice. 20 bits: a million
  // draws a second before the counter could run ahead of the clock.
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  const auto seeded = ledger->write([&] {
    const auto last = ledger->counters_.get(Counters::last_revision);
    ledger->counters_.set(Counters::last_revision, std::max(last + 1, std::int64_t{seconds} << 20U));
  });
  if (!seeded) return seeded.error();
  if (auto drawn = ledger->go_on_drawing_anew(); !drawn) return drawn.error();
  ledger->connection_->opened();
  return ledger;
}

void SqliteLedger::load() {
  counters_.load();
  tags_.forget();
  sinks_.clear();
  Statement select{*connection_, "SELECT key, settled_revision FROM sink"};
  for (auto rows = select.query(); rows.next();) sinks_.push_back({rows.integer(0), rows.revision(1)});
  wal_holds_forgotten_ = read_memory(*connection_, wal_holds_forgotten).has_value();
}

bool SqliteLedger::commit() {
  if (connection_->ok()) counters_.save();
  if (connection_->ok()) commit_.execute();
  if (!connection_->ok()) {
    roll_back();
    return false;
  }
  connection_->checkpoint_if_due();
  // It is committed: only what leaves the ledger unusable may turn that into a failure.
  return connection_->ok() || connection_->take_failure().kind == Failure::Kind::full;
}

void SqliteLedger::roll_back() {
  const auto failure = connection_->take_failure();
  if (!connection_->ok()) return;  // fatal: nobody may use this ledger again
  // A full disk may have ended the transaction already.
  if (sqlite3_get_autocommit(connection_->handle()) == 0) connection_->execute("ROLLBACK");
  load();
  if (connection_->ok()) return connection_->put_failure(failure);
  // With counters that are not the file's, revisions would be drawn twice.
  Failure unknown = connection_->take_failure();
  unknown.kind = Failure::Kind::fatal;
  connection_->put_failure(std::move(unknown));
}

std::uint64_t SqliteLedger::last_revision() const {
  return static_cast<std::uint64_t>(counters_.get(Counters::last_revision));
}

std::uint64_t SqliteLedger::draw_revision() {
  counters_.add(Counters::last_revision, 1);
  return last_revision();
}

void SqliteLedger::count_move(std::uint64_t from, std::uint64_t to) {
  for (const auto& sink : sinks_) {
    const int before = from > sink.settled ? 1 : 0;
    const int after = to > sink.settled ? 1 : 0;
    if (before != after) counters_.add(Counters::above(sink.key), after - before);
  }
}

}  // namespace mentiond::ledger
