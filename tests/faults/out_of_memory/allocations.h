// The allocations of this program, C++'s and SQLite's alike, numbered while they are counted; one of them can be made
// to fail. One thread.
#pragma once

#include <cstdint>

namespace mentiond::faults {

// Has SQLite ask us for memory. Before anything else of SQLite.
void take_over_sqlite();

// Counts from now on, until it goes; allocation number `fail_at` fails, alone or with all that follow.
class Allocations {
 public:
  enum class Failing : std::uint8_t { once, for_good };
  Allocations(std::int64_t fail_at, Failing how);
  ~Allocations();
  Allocations(const Allocations&) = delete;
  Allocations& operator=(const Allocations&) = delete;

  // Whether it came to that one.
  [[nodiscard]] static bool failed();
};

}  // namespace mentiond::faults
