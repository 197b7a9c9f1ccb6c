// BrokenDisk stands between SQLite and the file system while it lives, and fails what it is told to. Files opened
// before it came are not affected; those opened through it must be closed before it goes.
#pragma once

#include <sqlite3.h>

namespace mentiond::ledger {

class BrokenDisk {
 public:
  BrokenDisk();
  ~BrokenDisk();
  BrokenDisk(const BrokenDisk&) = delete;
  BrokenDisk& operator=(const BrokenDisk&) = delete;

  bool fail_sync = false;             // every fsync
  bool fail_main_sync = false;        // those of the database file, not the WAL's
  int write_result = SQLITE_OK;       // what writes return instead of writing
  int main_write_result = SQLITE_OK;  // the same for the database file alone
  int read_result = SQLITE_OK;        // what reads return once a write has failed
  bool fail_wal_open = false;         // no WAL can be opened

  bool write_has_failed = false;

 private:
  sqlite3_vfs vfs_;
};

}  // namespace mentiond::ledger
