#include "unit/ledger/broken_disk.h"

#include <stdexcept>

namespace mentiond::ledger {
namespace {

BrokenDisk* current = nullptr;
sqlite3_vfs* real = nullptr;

// SQLite has other methods for its database files than for the WAL: one set of each, the real one and the one it
// becomes.
struct Methods {
  const sqlite3_io_methods* real = nullptr;
  sqlite3_io_methods broken{};
};
Methods main_methods;
Methods wal_methods;

bool is_main(const sqlite3_file* file) { return file->pMethods == &main_methods.broken; }
const sqlite3_io_methods& real_methods(const sqlite3_file* file) {
  return is_main(file) ? *main_methods.real : *wal_methods.real;
}

int sync(sqlite3_file* file, int flags) {
  if (current != nullptr && (current->fail_sync || (current->fail_main_sync && is_main(file))))
    return SQLITE_IOERR_FSYNC;
  return real_methods(file).xSync(file, flags);
}

int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  if (current != nullptr && current->write_result != SQLITE_OK) {
    current->write_has_failed = true;
    return current->write_result;
  }
  if (current != nullptr && current->main_write_result != SQLITE_OK && is_main(file)) return current->main_write_result;
  return real_methods(file).xWrite(file, bytes, count, offset);
}

int read(sqlite3_file* file, void* bytes, int count, sqlite3_int64 offset) {
  if (current != nullptr && current->write_has_failed && current->read_result != SQLITE_OK) return current->read_result;
  return real_methods(file).xRead(file, bytes, count, offset);
}

int open(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags) {
  if (current != nullptr && current->fail_wal_open && (flags & SQLITE_OPEN_WAL) != 0) return SQLITE_CANTOPEN;
  const int code = real->xOpen(real, name, file, flags, out_flags);
  if (code != SQLITE_OK || file->pMethods == nullptr || (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) == 0)
    return code;
  auto& methods = (flags & SQLITE_OPEN_MAIN_DB) != 0 ? main_methods : wal_methods;
  methods.real = file->pMethods;
  methods.broken = *methods.real;
  methods.broken.xSync = sync;
  methods.broken.xWrite = write;
  methods.broken.xRead = read;
  file->pMethods = &methods.broken;
  return code;
}

}  // namespace

BrokenDisk::BrokenDisk() {
  real = sqlite3_vfs_find(nullptr);
  vfs_ = *real;
  vfs_.zName = "broken_disk";
  vfs_.xOpen = open;
  current = this;
  if (sqlite3_vfs_register(&vfs_, 1) != SQLITE_OK) throw std::runtime_error("cannot register a file system");
}

BrokenDisk::~BrokenDisk() {
  sqlite3_vfs_unregister(&vfs_);
  sqlite3_vfs_register(real, 1);
  current = nullptr;
}

}  // namespace mentiond::ledger
