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

}  // namespace

Outcome<NewFile> NewFile::create(const std::string& target) {
  if (::access(target.c_str(), F_OK) == 0) return cannot_write(target, EEXIST);
  NewFile file{target};
  ::unlink(file.part_.c_str());  // of one that was killed
  const int made = ::open(file.part_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (made < 0) {
    const int why = errno;
    file.part_.clear();
    return cannot_write(target, why);
  }
  ::close(made);
  return file;
}

NewFile::~NewFile() {
  if (part_.empty()) return;
  for (const char* suffix : {"", "-journal", "-wal", "-shm"}) ::unlink((part_ + suffix).c_str());
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
