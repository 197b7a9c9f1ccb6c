// Preloaded into a program, it fails the n-th fsync or fdatasync of a file once, as a dying disk does:
// FSYNC_FAILS_AT=n. Folders do not count: SQLite does not look at what syncing one answers.
#include <atomic>
#include <cerrno>
#include <cstdlib>

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

int wanted() {
  const char* text = std::getenv("FSYNC_FAILS_AT");
  return text == nullptr ? 0 : std::atoi(text);
}

int sync_or_fail(long call, int file) {
  static std::atomic<int> left = wanted();
  struct stat info{};
  if (fstat(file, &info) == 0 && S_ISREG(info.st_mode) && --left == 0) {
    errno = EIO;
    return -1;
  }
  return static_cast<int>(syscall(call, file));
}

}  // namespace

extern "C" int fsync(int file) { return sync_or_fail(SYS_fsync, file); }
extern "C" int fdatasync(int file) { return sync_or_fail(SYS_fdatasync, file); }
