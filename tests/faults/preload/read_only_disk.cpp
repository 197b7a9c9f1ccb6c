// LD_PRELOAD: a disk that becomes read-only under open files while the file READ_ONLY_FILE exists, as an ext4 does that
// has met an error (errors=remount-ro). A mount with files open for writing cannot be made so from outside. The
// standard streams lie elsewhere.
#include <cerrno>
#include <cstdlib>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

bool read_only() { return access(std::getenv("READ_ONLY_FILE"), F_OK) == 0; }

bool refused(int descriptor) {
  struct stat info{};
  if (descriptor <= STDERR_FILENO || fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode) || !read_only())
    return false;
  errno = EROFS;
  return true;
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

ssize_t write_at(int descriptor, const void* bytes, size_t size, off_t offset) {
  static auto* const real = next<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  return refused(descriptor) ? -1 : real(descriptor, bytes, size, offset);
}

int allocate(int descriptor, off_t offset, off_t size) {
  static auto* const real = next<int(int, off_t, off_t)>("posix_fallocate");
  return refused(descriptor) ? EROFS : real(descriptor, offset, size);
}

int truncate_to(int descriptor, off_t size) {
  static auto* const real = next<int(int, off_t)>("ftruncate");
  return refused(descriptor) ? -1 : real(descriptor, size);
}

}  // namespace

extern "C" ssize_t pwrite(int descriptor, const void* bytes, size_t size, off_t offset) {
  return write_at(descriptor, bytes, size, offset);
}
extern "C" ssize_t pwrite64(int descriptor, const void* bytes, size_t size, off_t offset) {
  return write_at(descriptor, bytes, size, offset);
}
extern "C" ssize_t write(int descriptor, const void* bytes, size_t size) {
  static auto* const real = next<ssize_t(int, const void*, size_t)>("write");
  return refused(descriptor) ? -1 : real(descriptor, bytes, size);
}
extern "C" int posix_fallocate(int descriptor, off_t offset, off_t size) { return allocate(descriptor, offset, size); }
extern "C" int posix_fallocate64(int descriptor, off_t offset, off_t size) {
  return allocate(descriptor, offset, size);
}
extern "C" int ftruncate(int descriptor, off_t size) { return truncate_to(descriptor, size); }
extern "C" int ftruncate64(int descriptor, off_t size) { return truncate_to(descriptor, size); }
extern "C" int unlink(const char* path) {
  static auto* const real = next<int(const char*)>("unlink");
  if (!read_only()) return real(path);
  errno = EROFS;
  return -1;
}
