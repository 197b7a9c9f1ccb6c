// LD_PRELOAD: memory runs out. The allocations of the process are numbered from 1; number FAIL_AT fails, and with
// FAIL_ON=yes each one after it too. MALLOC_COUNT names a file of 8 bytes that holds their number so far.
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
}

namespace {

using Counter = std::atomic<std::uint64_t>;

Counter own_count{0};
Counter* counted = &own_count;
std::uint64_t fail_at = 0;
bool fail_on = false;

[[gnu::constructor]] void begin() {
  const char* number = std::getenv("FAIL_AT");
  const char* file = std::getenv("MALLOC_COUNT");
  const char* on = std::getenv("FAIL_ON");
  if (file != nullptr) {
    const int descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0 || ftruncate(descriptor, sizeof(Counter)) != 0) _exit(99);
    void* shared = mmap(nullptr, sizeof(Counter), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    close(descriptor);
    if (shared == MAP_FAILED) _exit(99);
    counted = static_cast<Counter*>(shared);
  }
  fail_on = on != nullptr && std::strcmp(on, "yes") == 0;
  fail_at = number == nullptr ? 0 : std::strtoull(number, nullptr, 10);
}

bool fails() {
  const std::uint64_t nth = counted->fetch_add(1, std::memory_order_relaxed) + 1;
  if (fail_at == 0 || nth < fail_at || (nth > fail_at && !fail_on)) return false;
  errno = ENOMEM;
  return true;
}

}  // namespace

extern "C" void* malloc(std::size_t size) { return fails() ? nullptr : __libc_malloc(size); }
extern "C" void* calloc(std::size_t count, std::size_t size) { return fails() ? nullptr : __libc_calloc(count, size); }
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return fails() ? nullptr : __libc_memalign(alignment, size);
}
extern "C" void* realloc(void* old, std::size_t size) { return fails() ? nullptr : __libc_realloc(old, size); }
