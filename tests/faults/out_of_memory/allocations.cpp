#include "faults/out_of_memory/allocations.h"

#include <cstdlib>
#include <new>

#include <sqlite3.h>

namespace mentiond::faults {
namespace {

bool counting = false;
std::int64_t count = 0;
std::int64_t failing = 0;
bool for_good = false;
sqlite3_mem_methods real{};

bool fails() {
  if (!counting) return false;
  ++count;
  return count == failing || (for_good && count > failing);
}

void* sqlite_malloc(int size) { return fails() ? nullptr : real.xMalloc(size); }
void* sqlite_realloc(void* old, int size) { return fails() ? nullptr : real.xRealloc(old, size); }

}  // namespace

void take_over_sqlite() {
  sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real);
  auto ours = real;
  ours.xMalloc = sqlite_malloc;
  ours.xRealloc = sqlite_realloc;
  sqlite3_config(SQLITE_CONFIG_MALLOC, &ours);
}

Allocations::Allocations(std::int64_t fail_at, Failing how) {
  count = 0;
  failing = fail_at;
  for_good = how == Failing::for_good;
  counting = true;
}

Allocations::~Allocations() { counting = false; }

bool Allocations::failed() { return count >= failing; }

void* allocate(std::size_t size) {
  void* memory = fails() ? nullptr : std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc{};
  return memory;
}

}  // namespace mentiond::faults

void* operator new(std::size_t size) { return mentiond::faults::allocate(size); }
void* operator new[](std::size_t size) { return mentiond::faults::allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

// Power does not fail here: what is written need not reach a disk.
extern "C" int fsync(int) { return 0; }
extern "C" int fdatasync(int) { return 0; }
