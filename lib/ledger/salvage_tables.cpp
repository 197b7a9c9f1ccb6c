#include "ledger/salvage_tables.h"

#include <algorithm>

namespace mentiond::ledger {
namespace {

// Two tables have rows of four integers: the ids of a loss are beyond anything that a meter ever shows.
constexpr std::int64_t beyond_any_meter = 1'000'000'000'000;
// Days since 1970, which tell billed users from entries of an index: 2019 to 2079.
constexpr std::int64_t first_day = 18'000;
constexpr std::int64_t last_day = 40'000;

// `pattern` has the kind of each value; '?' is an integer or null.
bool fits(std::string_view shape, std::string_view pattern) {
  return std::ranges::equal(shape, pattern,
                            [](char is, char may) { return is == may || (may == '?' && (is == 'i' || is == 'n')); });
}

bool positive(const StoredRecord& record, std::size_t value) { return record.values[value].number > 0; }

const char* insert_into_table(const StoredRecord& record, std::string_view shape) {
  const bool keyed = record.rowid > 0;
  if (shape == "niiiiii") {
    const auto state = record.values[5].number;
    if (!keyed || !positive(record, 1) || !positive(record, 3) || state < 0 || state > 2) return nullptr;
    return "INSERT INTO post VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (root_id) DO UPDATE SET tweet_id = ?2, "
           "tags = ?3, revision = ?4, first_seen = ?5, state = ?6, billed_day = ?7 WHERE revision < ?4";
  }
  if (fits(shape, "niib") || fits(shape, "niin")) {
    // Under a revision below 0 where another text has it: SalvageMend finds it a place.
    return keyed && positive(record, 1)
               ? "INSERT INTO payload SELECT CASE WHEN EXISTS (SELECT 1 FROM payload WHERE revision = ?1) "
                 "THEN (SELECT min(0, min(revision)) - 1 FROM payload) ELSE ?1 END, ?2, ?3, ?4 "
                 "WHERE NOT EXISTS (SELECT 1 FROM payload WHERE revision = ?1 AND (?4 IS NULL OR raw IS ?4))"
               : nullptr;
  }
  if (shape == "ntt") return "INSERT OR IGNORE INTO tag_set VALUES (?1, ?2, ?3)";
  if (fits(shape, "nttt????")) return "INSERT OR IGNORE INTO query VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
  if (fits(shape, "n?ittiib")) return "INSERT OR IGNORE INTO unparsed VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
  if (fits(shape, "ntti?i")) return "INSERT OR IGNORE INTO sink VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
  if (shape == "niiii") return "INSERT OR IGNORE INTO redeliver VALUES (?1, ?2, ?3, ?4, ?5)";
  if (shape == "niii" && record.values[3].number >= beyond_any_meter) {
    return "INSERT OR IGNORE INTO loss VALUES (?1, ?2, ?3, ?4)";
  }
  return shape == "niii" ? "INSERT OR IGNORE INTO meter VALUES (?1, ?2, ?3, ?4)" : nullptr;
}

const char* insert_into_tree(const StoredRecord& record, std::string_view shape) {
  if (shape == "iiiii") return "INSERT OR IGNORE INTO gap VALUES (?1, ?2, ?3, ?4, ?5)";
  if (shape == "iiittttitti") {
    return "INSERT OR IGNORE INTO set_aside VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
  }
  if (shape == "ti") return "INSERT OR IGNORE INTO counter VALUES (?1, ?2)";
  if (shape == "tt") return "INSERT OR IGNORE INTO memory VALUES (?1, ?2)";
  const bool billed = shape == "ii" && record.values[0].number >= first_day && record.values[0].number <= last_day;
  return billed ? "INSERT OR IGNORE INTO billed_user VALUES (?1, ?2)" : nullptr;
}

}  // namespace

SalvageTables::~SalvageTables() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
}

void SalvageTables::take(const StoredRecord& record) {
  const auto shape = record.shape();
  if (const char* sql = record.in_table ? insert_into_table(record, shape) : insert_into_tree(record, shape)) {
    insert(sql, record);
  }
}

void SalvageTables::insert(const char* sql, const StoredRecord& record) {
  auto& statement = statements_[sql];
  if (!to_.ok()) return;
  if (statement == nullptr && !to_.check(sqlite3_prepare_v2(to_.handle(), sql, -1, &statement, nullptr))) return;
  for (std::size_t i = 0; i < record.values.size(); ++i) {
    const auto& value = record.values[i];
    const int at = static_cast<int>(i) + 1;
    const auto size = value.bytes.size();
    const char* data = value.bytes.empty() ? "" : value.bytes.data();
    if (value.kind == 'n' && i == 0 && record.in_table)
      to_.check(sqlite3_bind_int64(statement, at, record.rowid));
    else if (value.kind == 'i')
      to_.check(sqlite3_bind_int64(statement, at, value.number));
    else if (value.kind == 't')
      to_.check(sqlite3_bind_text64(statement, at, data, size, SQLITE_STATIC, SQLITE_UTF8));
    else if (value.kind == 'b')
      to_.check(sqlite3_bind_blob64(statement, at, data, size, SQLITE_STATIC));
    else
      to_.check(sqlite3_bind_null(statement, at));
  }
  const int code = sqlite3_step(statement);
  sqlite3_reset(statement);
  // Two rows that were never together: one of them was damaged.
  if ((code & 0xff) != SQLITE_CONSTRAINT) to_.check(code);
}

}  // namespace mentiond::ledger
