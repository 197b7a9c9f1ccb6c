// LD_PRELOAD: a disk quota that is used up while the file QUOTA_FILE exists. As with a real one, what makes a file grow
// fails with EDQUOT, and what is there may be written again. The standard streams are not of that user.
#include <cerrno>
#include <cstdlib>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

bool beyond_quota(int descriptor, off_t end) {
  struct stat info{};
  if (descriptor <= STDERR_FILENO || fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode) || end <= info.st_size)
    return false;
  return access(std::getenv("QUOTA_FILE"), F_OK) == 0;
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

ssize_t write_at(int descriptor, const void* bytes, size_t size, off_t offset) {
  static auto* const real = next<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  if (!beyond_quota(descriptor, offset + static_cast<off_t>(size))) return real(descriptor, bytes, size, offset);
  errno = EDQUOT;
  return -1;
}

int allocate(int descriptor, off_t offset, off_t size) {
  static auto* const real = next<int(int, off_t, off_t)>("posix_fallocate");
  return beyond_quota(descriptor, offset + size) ? EDQUOT : real(descriptor, offset, size);
}

}  // namespace

extern "C" ssize_t pwrite(int descriptor, const void* bytes, size_t size, off_t offset) {
  return write_at(descriptor, bytes, size, offset);
}
extern "C" ssize_t pwrite64(int descriptor, const void* bytes, size_t size, off_t offset) {
  return write_at(descriptor, bytes, size, offset);
}
extern "C" int posix_fallocate(int descriptor, off_t offset, off_t size) { return allocate(descriptor, offset, size); }
extern "C" int posix_fallocate64(int descriptor, off_t offset, off_t size) {
  return allocate(descriptor, offset, size);
}
extern "C" ssize_t write(int descriptor, const void* bytes, size_t size) {
  static auto* const real = next<ssize_t(int, const void*, size_t)>("write");
  const off_t at = descriptor > STDERR_FILENO ? lseek(descriptor, 0, SEEK_CUR) : 0;
  if (at < 0 || !beyond_quota(descriptor, at + static_cast<off_t>(size))) return real(descriptor, bytes, size);
  errno = EDQUOT;
  return -1;
}
