// SIGTERM, SIGINT and SIGHUP while a run starts: until the loop listens to them they are kept, so that a stop during
// the start is a stop like any other, and a reload ends nothing.
#pragma once

#include <chrono>
#include <csignal>

namespace mentiond {

// Made before any thread is, which inherits what it blocks; used on the main thread.
class EarlySignals {
 public:
  EarlySignals();

  // Waits so long for a stop, and takes it.
  [[nodiscard]] bool stop_within(std::chrono::seconds span) const;
  // To whoever handles them by now; what came before comes at once. Without it they are kept for good: the program is
  // leaving anyway, with an exit code that says why.
  void pass_on() const;

 private:
  sigset_t stops_{};
  sigset_t all_{};
};

}  // namespace mentiond
