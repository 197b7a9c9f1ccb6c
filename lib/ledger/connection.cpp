#include "ledger/connection.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "ledger/no_room.h"
#include "ledger/schema.h"

namespace mentiond::ledger {
namespace {

// How long to wait for a lock that some other program (a shell on the file) holds on the database.
constexpr int busy_millis = 5'000;

// Without the "./", SQLite would read ":memory:" or "file:..." as something else than the name of a file.
std::string plain_name(const std::string& path) { return path.starts_with('/') ? path : "./" + path; }

Failure cannot_open(const std::string& path, const std::string& why, const std::string& remedy) {
  return Failure{Failure::Kind::cannot_open, "cannot open the ledger " + path + ": " + why + "; " + remedy};
}

constexpr const char* salvage =
    "stop mentiond, then restore a backup or save what is whole with `mentiond ledger salvage FILE`";
constexpr const char* writable = "the user mentiond runs as must be able to write the file and its directory";

// The name of the network file system on which `path` lies or is to be made; null: none that is known.
// https://www.sqlite.org/wal.html: "WAL does not work over a network filesystem"; statfs(2) lists the numbers.
const char* network_disk(const std::string& path) {
  struct Kind {
    std::uint32_t number;
    const char* name;
  };
  constexpr std::array kinds = {Kind{0x6969, "NFS"},       Kind{0x517B, "SMB"},     Kind{0xFF534D42, "CIFS"},
                                Kind{0xFE534D42, "SMB 2"}, Kind{0x5346414F, "AFS"}, Kind{0x73757245, "Coda"},
                                Kind{0x00C36400, "Ceph"}};
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  struct statfs disk{};
  if (::statfs(folder.c_str(), &disk) != 0) return nullptr;  // the file itself tells why it cannot be opened
  const auto number = static_cast<std::uint32_t>(disk.f_type);
  const auto* const kind = std::ranges::find(kinds, number, &Kind::number);
  return kind == kinds.end() ? nullptr : kind->name;
}

// Created here, so that the mode does not hang on the umask; SQLite gives the WAL the same one. A file that is there is
// never opened and closed again: that would drop the locks of this process's other connections.
// https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_
std::optional<Failure> create_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file >= 0) {
    ::close(file);
    return std::nullopt;
  }
  if (errno == EEXIST) return std::nullopt;
  const bool full = is_no_room(errno);
  Failure failure = cannot_open(path, std::strerror(errno), full ? room_wanted : writable);
  if (full) failure.kind = Failure::Kind::full;
  return failure;
}

// SQLite tries once more without making the WAL or its index, and tells of that: so the disk is asked again, by a name
// that no other connection can take for its own.
bool no_room_beside(const std::string& path) {
  const std::string probe = path + ".room";
  const int file = ::open(probe.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) return is_no_room(errno);
  ::close(file);
  ::unlink(probe.c_str());
  return false;
}

int remember_wal_frames(void* frames, sqlite3*, const char*, int count) {
  *static_cast<int*>(frames) = count;
  return SQLITE_OK;
}

}  // namespace

std::optional<Failure> Connection::look_at(const std::string& path, Access access) {
  const bool writes = access == Access::write;
  if (const char* network = writes ? network_disk(path) : nullptr) {
    return cannot_open(path, std::string{"it lies on a network file system ("} + network + ")",
                       "locks and syncs cannot be relied on there: let ledger.path name a file on a local disk");
  }
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) {
    const int why = errno;
    if (why == ENOENT)
      return writes ? std::nullopt
                    : std::optional{cannot_open(path, "there is no such file", "mentiond run creates it")};
    return cannot_open(path, std::strerror(why), writable);
  }
  if (S_ISDIR(info.st_mode)) return cannot_open(path, "it is a directory", "let ledger.path name a file in it");
  if (::faccessat(AT_FDCWD, path.c_str(), writes ? R_OK | W_OK : R_OK, AT_EACCESS) == 0) return std::nullopt;
  return cannot_open(path, std::strerror(errno), writes ? writable : "the file must be readable");
}

Outcome<std::unique_ptr<Connection>> Connection::open(const std::string& path, Access access) {
  if (auto failure = look_at(path, access)) return std::move(*failure);
  if (access == Access::write) {
    if (auto failure = create_file(path)) return std::move(*failure);
  }
  std::unique_ptr<Connection> connection{new Connection{path, access}};
  if (!connection->connect() || !connection->set_up()) return connection->take_failure();
  return connection;
}

bool Connection::connect() {
  const int access = access_ == Access::write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  const int code =
      sqlite3_open_v2(plain_name(path_).c_str(), &db_, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  return check(code) && check(sqlite3_busy_timeout(db_, busy_millis));
}

bool Connection::set_up() {
  execute("PRAGMA foreign_keys=OFF; PRAGMA trusted_schema=OFF; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY;");
  if (access_ == Access::read) {
    execute("PRAGMA query_only=ON; PRAGMA cache_size=-1024;");
    return ok() && check(sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr));
  }
  // What is deleted is overwritten, also in pages that become free: what a person wants forgotten has been deleted
  // before, with every edit and every move to the end of the feed.
  execute("PRAGMA page_size=" + std::to_string(page_size) + "; PRAGMA cache_size=-3072; PRAGMA secure_delete=ON;");
  // Before anything is written: WAL mode stands in the file, and so does what a close moves out of a WAL.
  check(sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr));
  if (!ok()) return false;
  if (auto version = schema_version(*this, migrations()); !version) {
    failure_ = version.error();
    return false;
  }
  check(sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr));
  const auto mode = text("PRAGMA journal_mode=WAL");
  if (ok() && mode != "wal") {
    failure_ =
        Failure{Failure::Kind::cannot_open, "cannot open the ledger " + path_ +
                                                ": its file system does not carry a write-ahead log; use a local disk"};
  }
  execute("PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=67108864;");
  if (!ok()) return false;
  reserve_wal();
  sqlite3_wal_hook(db_, remember_wal_frames, &wal_frames_);
  return true;
}

Connection::~Connection() {
  // Statements are gone by now; what a close cannot do (a last checkpoint), the next open does.
  if (db_ != nullptr) sqlite3_close_v2(db_);
}

Failure Connection::take_failure() {
  if (!failure_) return Failure{Failure::Kind::fatal, "ledger " + path_ + ": no failure to report"};
  Failure failure = *failure_;
  if (failure.kind == Failure::Kind::full) failure_.reset();
  return failure;
}

// The file beside the WAL that could not grow, and a limit on file sizes or a quota that is reached, are a full disk by
// other names: nothing was committed. Which of them a failed write met, its file alone remembers.
bool Connection::is_full(int code, int file) const {
  if (code == SQLITE_FULL || code == SQLITE_IOERR_SHMSIZE) return true;
  if (code != SQLITE_IOERR_WRITE || db_ == nullptr) return false;
  sqlite3_file* written = nullptr;
  int cause = 0;
  sqlite3_file_control(db_, "main", file, static_cast<void*>(&written));
  if (written == nullptr || written->pMethods == nullptr) return false;
  written->pMethods->xFileControl(written, SQLITE_FCNTL_LAST_ERRNO, &cause);
  return cause == EFBIG || is_no_room(cause);
}

Failure Connection::describe(int code) const {
  using Kind = Failure::Kind;
  const std::string what = std::string{db_ != nullptr ? sqlite3_errmsg(db_) : sqlite3_errstr(code)} + " (" +
                           std::to_string(db_ != nullptr ? sqlite3_extended_errcode(db_) : code) + ")";
  const auto failure = [&](Kind kind, const std::string& remedy) {
    return Failure{kind, "ledger " + path_ + ": " + what + "; " + remedy};
  };
  if (no_room_) return failure(Kind::full, room_wanted);
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return failure(Kind::full, "another program holds a lock on it: let it finish");
    case SQLITE_NOTADB:
      if (in_use_) return failure(Kind::fatal, std::string{"something else has overwritten it: "} + salvage);
      return failure(
          Kind::not_a_ledger,
          std::string{"if ledger.path names something else, correct it; if this was the ledger, "} + salvage);
    case SQLITE_CORRUPT:
      return failure(Kind::damaged, std::string{"the file is damaged: "} + salvage);
    case SQLITE_ERROR:  // every statement is ours and fits the schema: a table is not what it was
      return failure(Kind::damaged, std::string{"its tables are damaged: "} + salvage);
    case SQLITE_NOMEM:
      return failure(Kind::fatal, "give mentiond more memory");
    case SQLITE_CANTOPEN:
      if (!in_use_ && access_ == Access::write && no_room_beside(path_)) return failure(Kind::full, room_wanted);
      [[fallthrough]];
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return failure(in_use_ ? Kind::fatal : Kind::cannot_open,
                     "the file and its directory must be writable by mentiond's user");
    default:
      return failure(Kind::fatal, "look at the disk and the kernel's log");
  }
}

bool Connection::check(int code) {
  if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return true;
  if (failure_) return false;
  no_room_ = is_full(code, SQLITE_FCNTL_JOURNAL_POINTER);
  failure_ = describe(code);
  // What is damaged stays as it is for those who look at it, and the WAL beside it.
  if (failure_->kind == Failure::Kind::damaged) sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  return false;
}

std::optional<Failure> Connection::take_damage() {
  if (!failure_ || failure_->kind != Failure::Kind::damaged) return std::nullopt;
  return std::exchange(failure_, std::nullopt);
}

void Connection::execute(const std::string& sql) {
  if (ok()) check(sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr));
}

std::int64_t Connection::number(const std::string& sql) {
  const auto value = text(sql);
  return value.empty() ? 0 : std::strtoll(value.c_str(), nullptr, 10);
}

std::string Connection::text(const std::string& sql) {
  std::string value;
  sqlite3_stmt* statement = nullptr;
  if (!ok() || !check(sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr))) return value;
  const int code = sqlite3_step(statement);
  check(code);
  if (code == SQLITE_ROW) {
    const auto* bytes = static_cast<const char*>(static_cast<const void*>(sqlite3_column_text(statement, 0)));
    if (bytes != nullptr) value.assign(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement, 0)));
  }
  check(sqlite3_finalize(statement));
  return value;
}

void Connection::checkpoint_if_due() {
  if (!ok() || std::int64_t{wal_frames_} * page_size < checkpoint_bytes) return;
  int frames = 0;
  int moved = 0;
  MENTIOND_FAILPOINT("checkpoint_before");
  const int code = sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_PASSIVE, &frames, &moved);
  MENTIOND_FAILPOINT("checkpoint_after");
  // BUSY: somebody else is at it. FULL: the WAL keeps everything until there is room.
  if ((code & 0xff) == SQLITE_BUSY || is_full(code, SQLITE_FCNTL_FILE_POINTER)) return;
  if (check(code) && moved == frames) wal_frames_ = 0;
}

bool Connection::truncate_wal() {
  if (!ok()) return false;
  // A reader may be in the way for a second at most; the next call tries again.
  check(sqlite3_busy_timeout(db_, 0));
  const int code = sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  check(sqlite3_busy_timeout(db_, busy_millis));
  if ((code & 0xff) == SQLITE_BUSY || is_full(code, SQLITE_FCNTL_FILE_POINTER)) return false;
  if (!check(code)) return false;
  wal_frames_ = 0;
  reserve_wal();
  return true;
}

}  // namespace mentiond::ledger
