// The read-only side: every call is one short transaction, or several.
#include <algorithm>
#include <chrono>

#include "ledger/checksum.h"
#include "ledger/counters.h"
#include "ledger/dead_letter_rows.h"
#include "ledger/file_size.h"
#include "ledger/ledger_reader.h"
#include "ledger/query_rows.h"
#include "ledger/schema.h"
#include "ledger/stored_row.h"
#include "ledger/tag_sets.h"

namespace mentiond::ledger {
namespace {

class SqliteReader final : public LedgerReader {
 public:
  SqliteReader(std::unique_ptr<Connection> connection, int version)
      : connection_(std::move(connection)), version_(version) {}

  Outcome<Stats> stats() override;
  Outcome<Meter> metered_since(Day first) override { return read(read_meter(*connection_, first)); }
  Outcome<std::optional<std::string>> recall(std::string_view key) override {
    return read(read_memory(*connection_, key));
  }
  Outcome<xapi::QueryState> query_state(const xapi::Query& query) override;
  Outcome<std::vector<DeadLetter>> dead_letters(const DeadLetterPage& page) override {
    return snapshot([&] { return read_dead_letters(*connection_, page); });
  }
  Outcome<Verified> verify(const std::function<void(const std::string&)>& damage) override;

 private:
  using Damage = std::function<void(const std::string&)>;

  template <class T>
  Outcome<T> read(T value) {
    if (!connection_->ok()) return connection_->take_failure();
    return value;
  }
  // Several statements that must see one state of the file.
  template <class Body>
  auto snapshot(Body body) -> Outcome<decltype(body())> {
    connection_->execute("BEGIN");
    auto value = body();
    connection_->execute("COMMIT");
    if (sqlite3_get_autocommit(connection_->handle()) == 0) {
      sqlite3_exec(connection_->handle(), "ROLLBACK", nullptr, nullptr,
                   nullptr);  // the first failure is the one to tell
    }
    return read(std::move(value));
  }
  void check_structure(const Damage& damage);
  std::int64_t check_payloads(const Damage& damage);
  void check_posts(const Damage& damage);

  std::unique_ptr<Connection> connection_;
  int version_;
  TagSets tags_{*connection_};
};

Outcome<Stats> SqliteReader::stats() {
  auto stats = snapshot([&] {
    Stats result;
    result.schema_version = version_;
    Counters counters{*connection_};
    counters.load();
    result.rows = counters.get(Counters::posts);
    result.payloads = counters.get(Counters::payloads);
    result.tombstones = counters.get(Counters::tombstones);
    result.unparsed = counters.get(Counters::unparsed);
    result.last_revision = static_cast<std::uint64_t>(counters.get(Counters::last_revision));
    Statement queries{*connection_, "SELECT id, name, text, cloud FROM query WHERE place IS NOT NULL ORDER BY place"};
    for (auto rows = queries.query(); rows.next();) {
      const xapi::Query query{std::string{rows.bytes(1)}, std::string{rows.bytes(2)}, std::string{rows.bytes(3)}};
      result.queries.push_back({query, read_query_state(*connection_, rows.integer(0))});
    }
    Statement sinks{*connection_, "SELECT key, cluster_uuid, pattern, settled_revision FROM sink ORDER BY opened DESC"};
    for (auto rows = sinks.query(); rows.next();) {
      const auto key = rows.integer(0);
      result.sinks.emplace_back(
          Sink{key, std::string{rows.bytes(1)}, std::string{rows.bytes(2)}, rows.revision(3), false},
          counters.of_sink(key));
    }
    return result;
  });
  if (stats) {
    stats->file_bytes = file_size(connection_->path());
    stats->wal_bytes = file_size(connection_->path() + "-wal");
  }
  return stats;
}

Outcome<xapi::QueryState> SqliteReader::query_state(const xapi::Query& query) {
  return snapshot([&] {
    const auto id = find_query(*connection_, query);
    return id ? read_query_state(*connection_, *id) : xapi::QueryState{};
  });
}

Outcome<LedgerReader::Verified> SqliteReader::verify(const std::function<void(const std::string&)>& damage) {
  Verified verified;
  const auto count = [&](const std::string& what) {
    ++verified.damaged;
    damage(what);
  };
  // A page that cannot be read ends one check, and is a finding of it.
  const auto note_unreadable = [&](const std::string& part) {
    if (const auto failure = connection_->take_damage()) count(part + ": " + failure->message);
  };
  check_structure(count);
  note_unreadable("structure");
  verified.rows = check_payloads(count);
  note_unreadable("payloads");
  check_posts(count);
  note_unreadable("posts");
  return read(verified);
}

// The one thing that SQLite does not do in pieces: it reads every page.
void SqliteReader::check_structure(const Damage& damage) {
  Statement check{*connection_, "PRAGMA integrity_check(100)"};
  for (auto rows = check.query(); rows.next();) {
    if (rows.bytes(0) != "ok") damage("structure: " + std::string{rows.bytes(0)});
  }
}

std::int64_t SqliteReader::check_payloads(const Damage& damage) {
  Statement select{*connection_, MENTIOND_LEDGER_ROW
                   "FROM payload p LEFT JOIN post t ON t.root_id = p.root_id "
                   "WHERE p.revision > ?1 ORDER BY p.revision LIMIT ?2"};
  std::int64_t seen = 0;
  std::uint64_t after = 0;
  for (std::int64_t in_chunk = chunk_rows; in_chunk == chunk_rows;) {
    in_chunk = 0;
    for (auto rows = select.query(after, chunk_rows); rows.next(); ++in_chunk) {
      after = rows.revision(0);
      const auto row = read_row(rows, tags_);
      if (rows.is_null(4))
        damage("tweet " + row.root.to_string() + ": stored, but missing from the table post");
      else if (row.damaged)
        damage("tweet " + row.root.to_string() + ": its text does not match its checksum");
    }
    seen += in_chunk;
  }
  return seen;
}

void SqliteReader::check_posts(const Damage& damage) {
  Statement select{*connection_,
                   "SELECT t.root_id, t.state, p.root_id FROM post t LEFT JOIN payload p ON p.revision = t.revision "
                   "WHERE t.root_id > ?1 ORDER BY t.root_id LIMIT ?2"};
  TweetId after;
  for (std::int64_t in_chunk = chunk_rows; in_chunk == chunk_rows;) {
    in_chunk = 0;
    for (auto rows = select.query(after, chunk_rows); rows.next(); ++in_chunk) {
      after = rows.id(0);
      const bool pruned = rows.integer(1) == static_cast<int>(StoredState::pruned);
      if (!pruned && rows.is_null(2))
        damage("tweet " + after.to_string() + ": known, but its text is missing");
      else if (!rows.is_null(2) && rows.id(2) != after)
        damage("tweet " + after.to_string() + ": its text is another's");
    }
  }
}

}  // namespace

Outcome<std::unique_ptr<LedgerReader>> LedgerReader::open(const std::string& path) {
  auto connection = Connection::open(path, Connection::Access::read);
  if (!connection) return connection.error();
  auto version = schema_version(**connection, migrations());
  if (!version) return version.error();
  if (*version == 0) {
    return Failure{Failure::Kind::not_a_ledger, path + " is empty, not a ledger; let ledger.path name another file"};
  }
  (*connection)->opened();
  return std::unique_ptr<LedgerReader>{std::make_unique<SqliteReader>(std::move(*connection), *version)};
}

}  // namespace mentiond::ledger
