#include <array>
#include <fstream>

#include <unistd.h>

#include "base/failpoint.h"
#include "ledger/query_rows.h"
#include "ledger/sqlite_ledger.h"

namespace mentiond::ledger {
namespace {

// What of another program's file can be told from its first bytes: refused before anything is made beside it. The rest
// schema_version() tells. https://www.sqlite.org/fileformat.html#the_database_header
std::optional<Failure> look_at_header(const std::string& path) {
  constexpr std::size_t schema_cookie_at = 40;  // big-endian; 0 until the first table is made
  constexpr std::size_t application_id_at = 68;
  constexpr std::string_view magic{"SQLite format 3\0", 16};
  std::array<char, 100> header{};
  std::ifstream file{path, std::ios::binary};
  file.read(header.data(), header.size());
  if (file.gcount() == 0) return std::nullopt;  // missing or empty: to be made
  const auto refused = [&path](const char* what) {
    return Failure{Failure::Kind::not_a_ledger, path + what + "; let ledger.path name another file"};
  };
  if (!std::string_view{header.data(), header.size()}.starts_with(magic)) return refused(" is not an SQLite file");
  const auto number_at = [&header](std::size_t at) {
    std::int64_t number = 0;
    for (std::size_t i = at; i < at + 4; ++i) number = number << 8U | static_cast<unsigned char>(header.at(i));
    return number;
  };
  const auto owner = number_at(application_id_at);
  if (owner == application_id || (owner == 0 && number_at(schema_cookie_at) == 0)) return std::nullopt;
  return refused(" is an SQLite file of another program");
}

}  // namespace

Outcome<std::unique_ptr<Ledger>> Ledger::open(const std::string& path, Time now) {
  auto ledger = SqliteLedger::open(path, now);
  if (!ledger) return ledger.error();
  return std::unique_ptr<Ledger>{std::move(*ledger)};
}

Outcome<std::unique_ptr<SqliteLedger>> SqliteLedger::open(const std::string& path, Time now) {
  if (auto failure = Connection::look_at(path, Connection::Access::write)) return std::move(*failure);
  // Only where there is no lock file yet: then no connection of this process can lose its locks by the look.
  if (::access(LockFile::path_of(path).c_str(), F_OK) != 0) {
    if (auto failure = look_at_header(path)) return std::move(*failure);
  }
  auto lock = LockFile::take(path);
  if (!lock) return lock.error();
  auto connection = Connection::open(path, Connection::Access::write);
  if (!connection) return connection.error();
  if (auto migrated = bring_up_to_date(**connection, migrations()); !migrated) return migrated.error();

  std::unique_ptr<SqliteLedger> ledger{new SqliteLedger{std::move(*lock), std::move(*connection)}};
  ledger->load();
  const auto seeded = ledger->write([&] {
    const auto revision = seeded_revision(ledger->last_revision(), now);
    ledger->counters_.set(Counters::last_revision, static_cast<std::int64_t>(revision));
    MENTIOND_FAILPOINT("open_revision_drawn");
  });
  MENTIOND_FAILPOINT("open_after_commit");
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
  if (connection_->ok()) connection_->reserve_pages();
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

void SqliteLedger::abandon() noexcept {
  try {
    connection_->take_failure();
    roll_back();
    connection_->take_failure();
  } catch (...) {
    // With counters that are not the file's, revisions would be drawn twice.
    connection_->put_failure({Failure::Kind::fatal, "no memory"});
  }
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
