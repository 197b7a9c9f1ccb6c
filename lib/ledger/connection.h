// Connection is one SQLite connection that looks at every return code. The first thing that goes wrong is remembered,
// and from then on statements do nothing and yield no rows, so that a body of several statements is written straight
// down and asked once at its end. Nothing is ever ignored. One thread at a time. https://www.sqlite.org/rescode.html
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <sqlite3.h>

#include "ledger/row.h"

namespace mentiond::ledger {

class Connection {
 public:
  // write: creates the file (mode 0600) where there is none, WAL, synchronous=FULL.
  // read: query_only, never a checkpoint; the file must exist.
  enum class Access : std::uint8_t { write, read };

  // What keeps `path` from being opened so, if it can be told without opening it.
  static std::optional<Failure> look_at(const std::string& path, Access access);
  static Outcome<std::unique_ptr<Connection>> open(const std::string& path, Access access);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] bool ok() const { return !failure_; }
  // The first failure since the last call. A disk that was full may be tried again; anything fatal stays.
  Failure take_failure();
  void put_failure(Failure failure) { failure_ = std::move(failure); }
  // The failure, if it is that the file is damaged; it is forgotten, so that what is left may still be looked at.
  std::optional<Failure> take_damage();
  // From here on, a file that cannot be opened or written is no longer an answer to opening, but fatal.
  void opened() { in_use_ = true; }

  // Statements without rows and without values; any number of them.
  void execute(const std::string& sql);
  // The first column of the first row; 0 if there is none.
  std::int64_t number(const std::string& sql);
  std::string text(const std::string& sql);

  // Notes a return code: true if it is no failure (OK, ROW, DONE).
  bool check(int code);

  // Moves what the WAL holds into the file, as far as readers allow, once it has grown to `checkpoint_bytes`. SQLite's
  // own automatic checkpoint would swallow a failed fsync.
  void checkpoint_if_due();
  // Empties and truncates the WAL; false if a reader was in the way.
  bool truncate_wal();

  // --- a full disk (connection_room.cpp) ---
  // Takes room in the file for every page of the transaction under way, so that a checkpoint never wants any.
  void reserve_pages();
  // After the WAL has failed for want of room: true if the next transaction writes it anew from its beginning.
  bool begin_wal_anew();

  [[nodiscard]] sqlite3* handle() const { return db_; }
  [[nodiscard]] const std::string& path() const { return path_; }

  // Pages of a write transaction go to the WAL whole: large pages pack payloads tightly, small ones make small commits.
  static constexpr int page_size = 8192;
  static constexpr std::int64_t checkpoint_bytes = std::int64_t{16} << 20;
  // The WAL is never smaller: room for a settlement, whoever fills the disk.
  static constexpr std::int64_t reserved_wal_bytes = std::int64_t{1} << 20;

 private:
  Connection(std::string path, Access access) : path_(std::move(path)), access_(access) {}
  bool connect();
  bool set_up();
  void reserve_wal();
  [[nodiscard]] sqlite3_file* wal() const;
  [[nodiscard]] bool is_full(int code, int file) const;
  [[nodiscard]] Failure describe(int code) const;

  std::string path_;
  Access access_;
  sqlite3* db_ = nullptr;
  bool in_use_ = false;
  int wal_frames_ = 0;
  bool no_room_ = false;  // for the WAL: the last failure
  std::optional<Failure> failure_;
};

}  // namespace mentiond::ledger
