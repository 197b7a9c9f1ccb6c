// SIGTERM and SIGINT from the first moment of a run on: until the loop listens to them they are kept, so that a stop
// during the start is a stop like any other.
#pragma once

#include <chrono>
#include <csignal>

namespace mentiond {

// Made before any thread is, which inherits what it blocks; used on the main thread.
class StopSignals {
 public:
  StopSignals();

  // Waits so long for one, and takes it.
  [[nodiscard]] bool come_within(std::chrono::seconds span) const;
  // To whoever handles them by now; what came before comes at once. Without it they are kept for good: the program is
  // leaving anyway, with an exit code that says why.
  void pass_on() const;

 private:
  sigset_t signals_{};
};

}  // namespace mentiond
