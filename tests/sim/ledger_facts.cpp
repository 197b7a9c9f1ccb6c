#include "sim/ledger_facts.h"

#include <map>
#include <stdexcept>

#include "fakes/json_value.h"

namespace mentiond::sim {
namespace {

std::set<std::string> names(const std::string& json) {
  std::set<std::string> out;
  const auto value = fakes::JsonValue::parse(json);
  if (!value) return out;
  for (const auto& name : value->items()) out.insert(name.text());
  return out;
}

}  // namespace

class LedgerFacts::Rows {
 public:
  Rows(sqlite3* db, const std::string& sql) : db_(db) {
    if (sqlite3_prepare_v2(db, sql.c_str(), -1, &statement_, nullptr) != SQLITE_OK) fail();
  }
  ~Rows() { sqlite3_finalize(statement_); }
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  Rows& bind(int place, std::int64_t value) {
    sqlite3_bind_int64(statement_, place, value);
    return *this;
  }
  Rows& bind(int place, const std::string& value) {
    sqlite3_bind_text(statement_, place, value.c_str(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
    return *this;
  }
  bool next() {
    const int code = sqlite3_step(statement_);
    if (code != SQLITE_ROW && code != SQLITE_DONE) fail();
    return code == SQLITE_ROW;
  }
  [[nodiscard]] std::int64_t number(int column) const { return sqlite3_column_int64(statement_, column); }
  [[nodiscard]] std::uint64_t revision(int column) const { return static_cast<std::uint64_t>(number(column)); }
  [[nodiscard]] TweetId id(int column) const { return TweetId{revision(column)}; }
  [[nodiscard]] bool is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  [[nodiscard]] std::string text(int column) const {
    const auto* bytes = static_cast<const char*>(static_cast<const void*>(sqlite3_column_text(statement_, column)));
    return bytes == nullptr ? "" : bytes;
  }

 private:
  [[noreturn]] void fail() {
    throw std::runtime_error(std::string{"the ledger cannot be read: "} + sqlite3_errmsg(db_));
  }
  sqlite3* db_;
  sqlite3_stmt* statement_ = nullptr;
};

void LedgerFacts::each_post(const std::function<void(const Post&)>& visit) {
  std::map<std::int64_t, std::pair<std::set<std::string>, std::set<std::string>>> tags;
  Rows sets{db_, "SELECT id, clouds, queries FROM tag_set"};
  while (sets.next()) tags[sets.number(0)] = {names(sets.text(1)), names(sets.text(2))};
  Rows rows{db_,
            "SELECT post.root_id, tweet_id, post.revision, state, tags, payload.root_id FROM post "
            "LEFT JOIN payload ON payload.revision = post.revision"};
  while (rows.next()) {
    const auto& [clouds, queries] = tags[rows.number(4)];
    visit({rows.id(0), rows.id(1), rows.revision(2), static_cast<int>(rows.number(3)), clouds, queries,
           !rows.is_null(5) && rows.id(5) == rows.id(0)});
  }
}

std::optional<std::uint64_t> LedgerFacts::tombstone(TweetId root) {
  Rows rows{db_, "SELECT revision FROM post WHERE root_id = ?1 AND state = 1"};
  if (!rows.bind(1, static_cast<std::int64_t>(root.value())).next()) return std::nullopt;
  return rows.revision(0);
}

LedgerFacts::Query LedgerFacts::query(const std::string& name, const std::string& text) {
  Query query;
  Rows rows{db_, "SELECT id, cursor FROM query WHERE name = ?1 AND text = ?2"};
  if (!rows.bind(1, name).bind(2, text).next()) return query;
  query.known = true;
  if (!rows.is_null(1)) query.cursor = rows.id(1);
  Rows gaps{db_, "SELECT low, high FROM gap WHERE query = ?1"};
  gaps.bind(1, rows.number(0));
  while (gaps.next()) query.gaps.emplace_back(gaps.id(0), gaps.id(1));
  Rows losses{db_, "SELECT low, high FROM loss WHERE query = ?1"};
  losses.bind(1, rows.number(0));
  while (losses.next()) query.losses.emplace_back(losses.id(0), losses.id(1));
  return query;
}

LedgerFacts::Bill LedgerFacts::bill() {
  Rows rows{db_, "SELECT sum(posts), sum(users), sum(requests) FROM meter"};
  rows.next();
  return {rows.number(0), rows.number(1), rows.number(2)};
}

std::int64_t LedgerFacts::number(const std::string& sql) {
  Rows rows{db_, sql};
  rows.next();
  return rows.number(0);
}

std::int64_t LedgerFacts::unparsed() { return number("SELECT count(*) FROM unparsed"); }

std::int64_t LedgerFacts::redeliveries(std::int64_t sink) {
  return number("SELECT count(*) FROM redeliver WHERE sink = " + std::to_string(sink));
}

std::int64_t LedgerFacts::greatest_revision() { return number("SELECT max(revision) FROM payload"); }

LedgerFacts::Counters LedgerFacts::counters() {
  Counters counters;
  Rows rows{db_, "SELECT name, value FROM counter WHERE value <> 0"};
  while (rows.next()) counters[rows.text(0)] = rows.number(1);
  return counters;
}

LedgerFacts::Counters LedgerFacts::recount() {
  Counters counters;
  counters["posts"] = number("SELECT count(*) FROM post");
  counters["payloads"] = number("SELECT count(*) FROM post WHERE state = 0");
  counters["tombstones"] = number("SELECT count(*) FROM post WHERE state = 1");
  counters["unparsed"] = number("SELECT count(*) FROM unparsed WHERE length(raw) > 0");
  Rows sinks{db_, "SELECT key, settled_revision FROM sink"};
  while (sinks.next()) {
    const std::string name = "sink." + sinks.text(0) + ".";
    counters[name + "above"] = number("SELECT count(*) FROM payload WHERE revision > " + sinks.text(1));
    Rows aside{db_, "SELECT state, count(*) FROM set_aside WHERE sink = ?1 GROUP BY state"};
    aside.bind(1, sinks.number(0));
    while (aside.next()) counters[name + aside.text(0)] = aside.number(1);
  }
  std::erase_if(counters, [](const auto& counter) { return counter.second == 0; });
  return counters;
}

std::vector<std::pair<std::uint64_t, TweetId>> LedgerFacts::payloads(std::uint64_t low, std::uint64_t high) {
  std::vector<std::pair<std::uint64_t, TweetId>> out;
  Rows rows{db_, "SELECT revision, root_id FROM payload WHERE revision > ?1 AND revision <= ?2"};
  rows.bind(1, static_cast<std::int64_t>(low)).bind(2, static_cast<std::int64_t>(high));
  while (rows.next()) out.emplace_back(rows.revision(0), rows.id(1));
  return out;
}

std::uint64_t LedgerFacts::settled(std::int64_t sink) {
  Rows rows{db_, "SELECT settled_revision FROM sink WHERE key = ?1"};
  return rows.bind(1, sink).next() ? rows.revision(0) : 0;
}

std::int64_t LedgerFacts::sink_of(const std::string& cluster) {
  Rows rows{db_, "SELECT key FROM sink WHERE cluster_uuid = ?1"};
  return rows.bind(1, cluster).next() ? rows.number(0) : 0;
}

std::vector<LedgerFacts::Aside> LedgerFacts::set_aside(std::int64_t sink) {
  std::vector<Aside> out;
  Rows rows{db_, "SELECT root_id, revision, state, type FROM set_aside WHERE sink = ?1"};
  rows.bind(1, sink);
  while (rows.next()) out.push_back({rows.id(0), rows.revision(1), rows.text(2), rows.text(3)});
  return out;
}

std::optional<LedgerFacts::Aside> LedgerFacts::set_aside(std::int64_t sink, TweetId root) {
  Rows rows{db_, "SELECT root_id, revision, state, type FROM set_aside WHERE sink = ?1 AND root_id = ?2"};
  if (!rows.bind(1, sink).bind(2, static_cast<std::int64_t>(root.value())).next()) return std::nullopt;
  return Aside{rows.id(0), rows.revision(1), rows.text(2), rows.text(3)};
}

bool LedgerFacts::is_whole() {
  Rows rows{db_, "PRAGMA integrity_check"};
  return rows.next() && rows.text(0) == "ok";
}

}  // namespace mentiond::sim
