// What keeps settlements possible on a disk without a byte left. A settlement changes pages and adds none: it needs
// room in the WAL alone, and a WAL that is moved into the file whole is written anew over its own old bytes. So the
// file takes the room of each page before the page is committed, and the WAL never shrinks below what a settlement
// needs. File systems that never write in place (btrfs, ZFS) cannot promise that: there, delivery waits for room.
#include <string>

#include <sqlite3.h>

#include "ledger/connection.h"
#include "ledger/no_room.h"

namespace mentiond::ledger {
namespace {

int control(sqlite3_file* file, int what, void* value) {
  if (file == nullptr || file->pMethods == nullptr) return SQLITE_NOTFOUND;
  return file->pMethods->xFileControl(file, what, value);
}

// Grown by whole blocks to `size`, never shrunk. SQLite looks at the hint only where a chunk size is set.
int allocate(sqlite3_file* file, std::int64_t size) {
  int chunk = Connection::page_size;
  control(file, SQLITE_FCNTL_CHUNK_SIZE, &chunk);
  sqlite3_int64 bytes = size;
  return control(file, SQLITE_FCNTL_SIZE_HINT, &bytes);
}

}  // namespace

sqlite3_file* Connection::wal() const {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(db_, "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&file));
  return file;
}

// Without room for it everything else still works.
void Connection::reserve_wal() { allocate(wal(), reserved_wal_bytes); }

void Connection::reserve_pages() {
  const auto pages = number("PRAGMA page_count");
  if (!ok()) return;
  sqlite3_file* file = nullptr;
  sqlite3_file_control(db_, "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file));
  const int code = allocate(file, pages * page_size);
  if (code == SQLITE_OK || code == SQLITE_NOTFOUND) return;
  // What kept it from growing SQLite tells of a write alone.
  const std::string nothing(page_size, '\0');
  sqlite3_int64 end = 0;
  file->pMethods->xFileSize(file, &end);
  const int written = file->pMethods->xWrite(file, nothing.data(), page_size, end);
  const bool full = written == SQLITE_OK || is_full(written, SQLITE_FCNTL_FILE_POINTER);
  no_room_ = false;
  failure_ =
      full ? Failure{Failure::Kind::full, "ledger " + path_ + ": its file cannot grow; " + room_wanted}
           : Failure{Failure::Kind::fatal, "ledger " + path_ + ": its file cannot grow: " + sqlite3_errstr(written) +
                                               "; look at the disk and the kernel's log"};
}

bool Connection::begin_wal_anew() {
  if (!ok() || !no_room_) return false;
  int frames = 0;
  int moved = 0;
  const int code = sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_PASSIVE, &frames, &moved);
  if ((code & 0xff) == SQLITE_BUSY || is_full(code, SQLITE_FCNTL_FILE_POINTER)) return false;
  if (!check(code) || moved != frames) return false;
  wal_frames_ = 0;
  return true;
}

}  // namespace mentiond::ledger
