#include "ledger/backup.h"

#include "base/failpoint.h"
#include "ledger/connection.h"
#include "ledger/file_size.h"
#include "ledger/new_file.h"
#include "ledger/schema.h"

namespace mentiond::ledger {
namespace {

// All in one step: in several, each write of the daemon's would begin the copy anew.
int copy(sqlite3* from, const std::string& part) {
  sqlite3* to = nullptr;
  int code = sqlite3_open_v2(part.c_str(), &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, nullptr);
  if (code == SQLITE_OK) {
    if (auto* backup = sqlite3_backup_init(to, "main", from, "main"); backup != nullptr) {
      code = sqlite3_backup_step(backup, -1);
      const int finished = sqlite3_backup_finish(backup);
      if (code == SQLITE_DONE) code = finished;
    } else {
      code = sqlite3_extended_errcode(to);
    }
  }
  const int closed = sqlite3_close(to);
  return code == SQLITE_OK ? closed : code;
}

}  // namespace

Outcome<std::int64_t> back_up(const std::string& path, const std::string& target) {
  auto ledger = Connection::open(path, Connection::Access::read);
  if (!ledger) return ledger.error();
  const auto version = schema_version(**ledger, migrations());
  if (!version) return version.error();
  if (*version == 0) return Failure{Failure::Kind::not_a_ledger, path + " is empty, not a ledger"};
  auto file = NewFile::create(target);
  if (!file) return file.error();
  MENTIOND_FAILPOINT("backup_begun");
  const std::string absolute = file->part().starts_with('/') ? file->part() : "./" + file->part();
  if (const int code = copy((*ledger)->handle(), absolute); code != SQLITE_OK) {
    return Failure{Failure::Kind::fatal,
                   "cannot copy " + path + " to " + target + ": " + sqlite3_errstr(code) + "; look at both disks"};
  }
  MENTIOND_FAILPOINT("backup_before_finish");
  if (auto finished = file->finish(); !finished) return finished.error();
  return file_size(target);
}

}  // namespace mentiond::ledger
