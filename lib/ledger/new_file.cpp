#include "ledger/new_file.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/failpoint.h"

namespace mentiond::ledger {
namespace {

Failure cannot_write(const std::string& target, int why) {
  const bool there = why == EEXIST;
  return Failure{Failure::Kind::cannot_open, "cannot write " + target + ": " + std::strerror(why) +
                                                 (there ? "; name a new file" : "; look at its folder and its disk")};
}

Failure at_work(const std::string& target, const std::string& part) {
  return Failure{Failure::Kind::cannot_open, "cannot write " + target + ": another backup or salvage is at work on " +
                                                 part + "; wait for it, or name another file"};
}

bool sync(const std::string& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC);
  if (file < 0) return false;
  const bool synced = ::fsync(file) == 0;
  const int why = errno;
  ::close(file);
  errno = why;
  return synced;
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

// The part itself last: while it has its name, nobody else begins another. False, with errno, if it keeps it.
bool remove_with_journals(const std::string& part) {
  for (const char* suffix : {"-journal", "-wal", "-shm"}) ::unlink((part + suffix).c_str());
  return ::unlink(part.c_str()) == 0;
}

// Of the open file, and far from SQLite's own locks: those are let go whenever the process closes the file once, and on
// network file systems the two would meet.
// https://www.gnu.org/software/libc/manual/html_node/Open-File-Description-Locks.html
bool lock(int file) {
  struct flock byte{};
  byte.l_type = F_WRLCK;
  byte.l_whence = SEEK_SET;
  byte.l_start = off_t{1} << 60;
  byte.l_len = 1;
  return ::fcntl(file, F_OFD_SETLK, &byte) == 0;
}

bool is_named(int file, const std::string& path) {
  struct stat ours{};
  struct stat named{};
  return ::fstat(file, &ours) == 0 && ::lstat(path.c_str(), &named) == 0 && ours.st_dev == named.st_dev &&
         ours.st_ino == named.st_ino;
}

}  // namespace

Outcome<NewFile> NewFile::create(const std::string& target) {
  if (::access(target.c_str(), F_OK) == 0) return cannot_write(target, EEXIST);
  const std::string part = target + ".part";
  for (;;) {
    int file = ::open(part.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    const bool made = file >= 0;
    if (!made && errno == EEXIST) {
      file = ::open(part.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC);
      if (file < 0 && errno == ENOENT) continue;  // gone meanwhile
    }
    if (file < 0) return cannot_write(part, errno);
    if (!lock(file)) {
      const int why = errno;
      ::close(file);
      if (why == EAGAIN || why == EACCES) return at_work(target, part);
      if (made) ::unlink(part.c_str());
      return cannot_write(part, why);
    }
    // Between the opening and the lock it may have got its own name, or been taken for one that was left.
    if (made && is_named(file, part)) return NewFile{target, part, file};
    // Left by one that was killed: made anew, so that it is ours, and its mode as well.
    const int why = is_named(file, part) && !remove_with_journals(part) ? errno : 0;
    ::close(file);
    if (why != 0) return cannot_write(part, why);
  }
}

NewFile::~NewFile() {
  if (!part_.empty()) remove_with_journals(part_);
  if (lock_ >= 0) ::close(lock_);
}

// A link, since a rename would replace what somebody else has put there meanwhile.
Outcome<void> NewFile::finish() {
  if (!sync(part_, O_RDWR) || ::link(part_.c_str(), target_.c_str()) != 0) return cannot_write(target_, errno);
  MENTIOND_FAILPOINT("new_file_has_both_names");
  ::unlink(part_.c_str());
  part_.clear();
  if (!sync(folder_of(target_), O_RDONLY | O_DIRECTORY)) return cannot_write(target_, errno);
  return {};
}

}  // namespace mentiond::ledger
