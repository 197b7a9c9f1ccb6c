// NewFile: a file that comes into being whole. It is made under another name (target + ".part", mode 0600) and gets its
// own once it is finished and on the disk; a target that is there already is never touched. Whoever makes it holds a
// lock on the part: a second one is refused, and what a killed one of the same user left is made anew. Internal to the
// room.
#pragma once

#include <string>
#include <utility>

#include "ledger/row.h"

namespace mentiond::ledger {

class NewFile {
 public:
  static Outcome<NewFile> create(const std::string& target);
  NewFile(NewFile&& other) noexcept
      : target_(std::move(other.target_)),
        part_(std::exchange(other.part_, {})),
        lock_(std::exchange(other.lock_, -1)) {}
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();  // what was not finished is removed

  [[nodiscard]] const std::string& part() const { return part_; }
  // Nobody else has it open any more.
  Outcome<void> finish();

 private:
  NewFile(std::string target, std::string part, int lock)
      : target_(std::move(target)), part_(std::move(part)), lock_(lock) {}
  std::string target_;
  std::string part_;  // empty once it is finished, or moved from
  int lock_;          // the part, open
};

}  // namespace mentiond::ledger
