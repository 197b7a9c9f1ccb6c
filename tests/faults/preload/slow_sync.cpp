// LD_PRELOAD: a disk that takes its time. Each fsync and fdatasync takes SLOW_SYNC_MS longer (1000 if unset).
#include <cstdlib>
#include <ctime>

#include <dlfcn.h>

namespace {

void dawdle() {
  const char* wish = std::getenv("SLOW_SYNC_MS");
  const long milliseconds = wish == nullptr ? 1000 : std::atol(wish);
  const timespec time{milliseconds / 1000, milliseconds % 1000 * 1'000'000};
  nanosleep(&time, nullptr);
}

int sync(const char* name, int descriptor) {
  dawdle();
  return reinterpret_cast<int (*)(int)>(dlsym(RTLD_NEXT, name))(descriptor);
}

}  // namespace

extern "C" int fsync(int descriptor) { return sync("fsync", descriptor); }
extern "C" int fdatasync(int descriptor) { return sync("fdatasync", descriptor); }
