// VirtualClock: a Clock whose time moves only when told to, or by itself to the next sleeper once nothing else is left
// to do (run_until_idle). Days of polling pass in milliseconds. One thread; for tests and simulations.
#pragma once

#include <list>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>

#include "loop/clock.h"

namespace mentiond {

class VirtualClock final : public Clock {
 public:
  VirtualClock(boost::asio::io_context& loop, Time start) : loop_(loop) { now_.wall = start; }

  [[nodiscard]] Now now() const override { return now_; }
  Task<Woke> sleep_until(SteadyTime until, Wakeup& wakeup) override;

  // Moves both clocks.
  void advance(Millis by);
  // Moves the wall clock alone, as an operator or NTP does.
  void step_wall(Millis by) { now_.wall += by; }
  // Runs the loop; whenever it has nothing ready, jumps to the earliest sleeper's time. Ends when nobody sleeps, or
  // when the next sleeper would wake after `limit`; the clock then stands at `limit` at the latest.
  void run_for(Millis limit);
  [[nodiscard]] std::size_t sleepers() const { return sleepers_.size(); }

 private:
  struct Sleeper {
    SteadyTime until;
    std::function<void()> wake;
  };
  void wake_due();

  boost::asio::io_context& loop_;
  Now now_{};
  std::list<Sleeper> sleepers_;
};

}  // namespace mentiond
