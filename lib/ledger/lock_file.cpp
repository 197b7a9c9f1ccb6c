#include "ledger/lock_file.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/no_room.h"

namespace mentiond::ledger {
namespace {

std::string read_holder(int file) {
  std::array<char, 32> bytes{};
  const auto size = ::pread(file, bytes.data(), bytes.size(), 0);
  std::string pid{bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
  while (!pid.empty() && pid.back() == '\n') pid.pop_back();
  return pid.empty() ? "unknown" : pid;
}

Failure cannot_lock(const std::string& path, int why) {
  const bool full = is_no_room(why);
  return Failure{full ? Failure::Kind::full : Failure::Kind::cannot_open,
                 "cannot lock the ledger by " + path + ": " + std::strerror(why) +
                     (full ? "; make room on its disk (inodes and quota count as well)"
                           : "; the user mentiond runs as must be able to write its directory")};
}

}  // namespace

Outcome<LockFile> LockFile::take(const std::string& ledger_path) {
  const auto path = path_of(ledger_path);
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) return cannot_lock(path, errno);
  LockFile lock{file};
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return cannot_lock(path, errno);
    return Failure{Failure::Kind::locked, "the ledger " + ledger_path + " is in use by process " + read_holder(file) +
                                              "; stop it, or give this one another ledger.path"};
  }
  const auto pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file, 0) != 0 || ::pwrite(file, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    // The lock holds all the same; on a full disk its holder goes unnamed.
    if (!is_no_room(errno)) return cannot_lock(path, errno);
  }
  return lock;
}

LockFile::~LockFile() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace mentiond::ledger
