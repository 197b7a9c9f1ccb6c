// What is remembered of queries, of money spent, and the small things kept across restarts.
#include "ledger/query_rows.h"
#include "ledger/sqlite_ledger.h"

namespace mentiond::ledger {

std::optional<std::int64_t> find_query(Connection& connection, const xapi::Query& query) {
  Statement select{connection, "SELECT id FROM query WHERE name = ?1 AND text = ?2"};
  auto rows = select.query(std::string_view{query.name}, std::string_view{query.text});
  return rows.next() ? std::optional{rows.integer(0)} : std::nullopt;
}

xapi::QueryState read_query_state(Connection& connection, std::int64_t query) {
  xapi::QueryState state;
  Statement select{connection, "SELECT cursor, last_success, parked_since FROM query WHERE id = ?1"};
  if (auto rows = select.query(query); rows.next()) {
    if (!rows.is_null(0)) state.cursor = rows.id(0);
    state.last_success = rows.optional_time(1);
    state.parked_since = rows.optional_time(2);
  }
  Statement gaps{connection,
                 "SELECT key, low, high, pages_used FROM gap WHERE query = ?1 ORDER BY high DESC, key DESC"};
  for (auto rows = gaps.query(query); rows.next();)
    state.gaps.push_back({rows.integer(0), rows.id(1), rows.id(2), static_cast<int>(rows.integer(3))});
  return state;
}

Meter read_meter(Connection& connection, Day first) {
  Meter meter;
  Statement select{connection, "SELECT sum(posts), sum(users), sum(requests) FROM meter WHERE day >= ?1"};
  if (auto rows = select.query(first); rows.next()) meter = {rows.integer(0), rows.integer(1), rows.integer(2)};
  return meter;
}

std::optional<std::string> read_memory(Connection& connection, std::string_view key) {
  Statement select{connection, "SELECT value FROM memory WHERE name = ?1"};
  auto rows = select.query(key);
  return rows.next() ? std::optional{std::string{rows.bytes(0)}} : std::nullopt;
}

std::int64_t SqliteLedger::query_id(const xapi::Query& query) {
  if (auto rows = select_query_id_.query(std::string_view{query.name}, std::string_view{query.text}); rows.next())
    return rows.integer(0);
  insert_query_.execute(std::string_view{query.name}, std::string_view{query.text}, std::string_view{query.cloud});
  return sqlite3_last_insert_rowid(connection_->handle());
}

Outcome<Ledger::Loaded> SqliteLedger::load_queries(std::span<const xapi::Query> queries) {
  return write([&] {
    Loaded loaded;
    connection_->execute("UPDATE query SET place = NULL");
    Statement configure{*connection_, "UPDATE query SET place = ?2, cloud = ?3 WHERE id = ?1"};
    std::int64_t place = 0;
    for (const auto& query : queries) configure.execute(query_id(query), ++place, std::string_view{query.cloud});

    Statement orphans{*connection_,
                      "SELECT query.id, query.name, gap.low, gap.high FROM gap JOIN query ON query.id = gap.query "
                      "WHERE place IS NULL ORDER BY query.id, gap.high DESC"};
    std::vector<std::int64_t> owners;
    for (auto rows = orphans.query(); rows.next();) {
      // The gap of a first walk has no lower end, and so no length that could be counted.
      const auto low = rows.id(2) == TweetId{} ? rows.id(3) : rows.id(2);
      owners.push_back(rows.integer(0));
      loaded.losses.emplace_back(rows.bytes(1), xapi::Loss{low, rows.id(3)});
    }
    for (std::size_t i = 0; i < owners.size(); ++i)
      insert_loss_.execute(owners[i], loaded.losses[i].second.low, loaded.losses[i].second.high);
    if (!owners.empty())
      connection_->execute("DELETE FROM gap WHERE query IN (SELECT id FROM query WHERE place IS NULL)");

    for (const auto& query : queries) loaded.states.push_back(read_query_state(*connection_, query_id(query)));
    return loaded;
  });
}

void SqliteLedger::change_query(const xapi::Query& query, const xapi::QueryChange& change) {
  if (!change.put && !change.close && !change.cursor && !change.loss && !change.succeeded) return;
  const auto id = query_id(query);
  if (change.close) close_gap_.execute(id, *change.close);
  if (change.put) {
    const auto& gap = *change.put;
    put_gap_.execute(id, gap.key, gap.low, gap.high, gap.pages_used);
  }
  if (change.cursor) raise_cursor_.execute(id, *change.cursor);
  if (change.loss) insert_loss_.execute(id, change.loss->low, change.loss->high);
  if (change.succeeded) set_success_.execute(id, *change.succeeded);
}

Outcome<void> SqliteLedger::set_parked(const xapi::Query& query, std::optional<Time> since) {
  return write([&] {
    Statement update{*connection_, "UPDATE query SET parked_since = ?2 WHERE id = ?1"};
    update.execute(query_id(query), since);
  });
}

Outcome<Meter> SqliteLedger::metered_since(Day first) { return read(read_meter(*connection_, first)); }

Outcome<void> SqliteLedger::remember(std::string_view key, std::string_view value) {
  return write([&] {
    Statement put{*connection_, "INSERT OR REPLACE INTO memory VALUES (?1, ?2)"};
    put.execute(key, value);
  });
}

Outcome<std::optional<std::string>> SqliteLedger::recall(std::string_view key) {
  return read(read_memory(*connection_, key));
}

}  // namespace mentiond::ledger
