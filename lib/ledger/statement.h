// Statement is one prepared SQL statement, prepared at its first use and kept; Rows walks over what it yields and
// resets it at the end. Neither returns errors: the Connection remembers the first one, and then there are no more
// rows.
//
//   auto rows = select_.query(root);
//   while (rows.next()) use(rows.integer(0));
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include <sqlite3.h>

#include "base/time.h"
#include "ledger/connection.h"
#include "mention/tweet_id.h"

namespace mentiond::ledger {

// Bytes, to be stored as a BLOB; text is stored as TEXT.
struct Blob {
  std::string_view bytes;
};

// One run of a statement. Views that it returns are valid until next().
class Rows {
 public:
  Rows(Connection& connection, sqlite3_stmt* statement) : connection_(&connection), statement_(statement) {}
  Rows(Rows&& other) noexcept : connection_(other.connection_), statement_(std::exchange(other.statement_, nullptr)) {}
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  // The code of a reset repeats that of the last step, which next() has seen.
  ~Rows() {
    if (statement_ != nullptr) sqlite3_reset(statement_);
  }

  // False at the end, and after a failure.
  bool next();

  [[nodiscard]] bool is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  [[nodiscard]] std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  [[nodiscard]] std::uint64_t revision(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  [[nodiscard]] TweetId id(int column) const { return TweetId{static_cast<std::uint64_t>(integer(column))}; }
  [[nodiscard]] Time time(int column) const { return Time{Millis{integer(column)}}; }
  [[nodiscard]] std::optional<Time> optional_time(int column) const {
    return is_null(column) ? std::nullopt : std::optional{time(column)};
  }
  // Of a TEXT or a BLOB, as stored.
  [[nodiscard]] std::string_view bytes(int column) const;

 private:
  Connection* connection_;
  sqlite3_stmt* statement_;
};

class Statement {
 public:
  // `sql` must be a literal: it is not copied.
  Statement(Connection& connection, const char* sql) : connection_(connection), sql_(sql) {}
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Binds ?1, ?2, ... in order. What a view refers to must outlive the Rows.
  template <class... Values>
  Rows query(const Values&... values) {
    if (!ready()) return Rows{connection_, nullptr};
    int index = 0;
    (bind(++index, values), ...);
    return Rows{connection_, statement_};
  }
  // The same for a statement that yields no rows; true if it went through.
  template <class... Values>
  bool execute(const Values&... values) {
    query(values...).next();
    return connection_.ok();
  }

 private:
  bool ready();
  void bind(int index, std::int64_t value) { connection_.check(sqlite3_bind_int64(statement_, index, value)); }
  void bind(int index, std::uint32_t value) { bind(index, std::int64_t{value}); }
  void bind(int index, int value) { bind(index, std::int64_t{value}); }
  void bind(int index, std::uint64_t value) { bind(index, static_cast<std::int64_t>(value)); }
  void bind(int index, TweetId id) { bind(index, id.value()); }
  void bind(int index, Time time) { bind(index, std::int64_t{time.time_since_epoch().count()}); }
  void bind(int index, Day day) { bind(index, std::int64_t{day.time_since_epoch().count()}); }
  void bind(int index, std::nullopt_t) { connection_.check(sqlite3_bind_null(statement_, index)); }
  void bind(int index, std::string_view text);
  void bind(int index, Blob blob);
  template <class T>
  void bind(int index, const std::optional<T>& value) {
    if (value)
      bind(index, *value);
    else
      bind(index, std::nullopt);
  }

  Connection& connection_;
  const char* sql_;
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace mentiond::ledger
