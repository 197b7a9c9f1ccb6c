// LockFile keeps a second daemon away from a ledger: flock on a file beside it, with the holder's process id inside.
// Freed when the process ends, however it ends. The file itself stays: removing it would let two hold "the" lock.
#pragma once

#include <string>
#include <utility>

#include "ledger/row.h"

namespace mentiond::ledger {

class LockFile {
 public:
  // Of the ledger at `ledger_path`. Fails with `locked`, naming the holder, or `cannot_open`.
  static Outcome<LockFile> take(const std::string& ledger_path);
  static std::string path_of(const std::string& ledger_path) { return ledger_path + ".lock"; }
  LockFile(LockFile&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  LockFile& operator=(LockFile&&) = delete;
  ~LockFile();

 private:
  explicit LockFile(int file) : file_(file) {}
  int file_;
};

}  // namespace mentiond::ledger
