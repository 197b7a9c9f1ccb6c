// What a coroutine may wait for in time: Clock, with the system's clock and a virtual twin (virtual_clock.h); and
// Wakeup, which ends such a wait early. All on the event loop's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/time.h"
#include "loop/task.h"

namespace mentiond {

// Ends a sleep early. A notification is never lost: one that comes while nobody sleeps ends the next sleep at once.
class Wakeup {
 public:
  void notify();

  // For clocks alone: true if a notification was waiting, which it takes.
  bool take();
  // For clocks alone: `on_notify` is called at the next notification, once; disarm() forgets it.
  void arm(std::function<void()> on_notify) { on_notify_ = std::move(on_notify); }
  void disarm() { on_notify_ = nullptr; }

 private:
  bool pending_ = false;
  std::function<void()> on_notify_;
};

class Clock {
 public:
  enum class Woke : std::uint8_t { elapsed, notified };

  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  [[nodiscard]] virtual Now now() const = 0;
  // Until the steady clock reaches `until`, or `wakeup` is notified (by at most one sleeper at a time).
  virtual Task<Woke> sleep_until(SteadyTime until, Wakeup& wakeup) = 0;
};

// The machine's clocks, with timers of the loop that `executor` belongs to.
class SystemClock final : public Clock {
 public:
  explicit SystemClock(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
  [[nodiscard]] Now now() const override;
  Task<Woke> sleep_until(SteadyTime until, Wakeup& wakeup) override;

 private:
  boost::asio::any_io_executor executor_;
};

}  // namespace mentiond
