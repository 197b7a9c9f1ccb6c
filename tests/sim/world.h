// World: what everything in the simulation shares: true time, chance, the trace, whether the process still lives, and
// the first promise that was seen broken. One thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "loop/task.h"
#include "loop/virtual_clock.h"
#include "sim/chance.h"
#include "sim/trace.h"

namespace mentiond::sim {

// Thrown out of the ledger calls of a process that is gone.
struct Crashed {};

struct World {
  World(std::uint64_t seed, bool trace_all) : chance(seed), trace(trace_all) {}

  // The time that it is, whatever the machine's clock says.
  [[nodiscard]] Time now() const {
    if (clock == nullptr) return time;
    return time + std::chrono::duration_cast<Millis>(clock->now().steady - clock_began);
  }
  void note(std::string_view what) { trace.note(now(), what); }
  // A promise is broken. The first one counts; the process stops there.
  void fail(const std::string& what) {
    if (!failure.empty()) return;
    failure = what;
    note("BROKEN: " + what);
    gone = true;
  }
  // At a seam: does the process die here?
  bool dies(std::string_view where) {
    if (gone) return true;
    if (quiet || crash <= 0 || !chance.happens(crash)) return false;
    note("crash " + std::string{where});
    gone = true;
    return true;
  }
  // Lets time pass for a coroutine of the process that stands at `clock`; one that is gone never goes on.
  Task<void> pass(Millis span) {
    Wakeup never;
    if (!gone) co_await clock->sleep_until(clock->now().steady + span, never);
    if (gone) co_await clock->sleep_until(SteadyTime::max(), never);
  }

  Chance chance;
  Trace trace;
  Time time{};                    // of the beginning of the present process, or now while there is none
  VirtualClock* clock = nullptr;  // of the process
  SteadyTime clock_began{};
  bool gone = false;
  bool quiet = false;  // everything is mended, nothing more goes wrong
  double crash = 0;
  std::string failure;
};

}  // namespace mentiond::sim
