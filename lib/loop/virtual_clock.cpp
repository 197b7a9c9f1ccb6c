#include "loop/virtual_clock.h"

#include <algorithm>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace mentiond {

Task<Clock::Woke> VirtualClock::sleep_until(SteadyTime until, Wakeup& wakeup) {
  if (wakeup.take()) co_return Woke::notified;
  // A timer that never fires by itself serves as the event that both the sleeper's time and a notification cancel.
  boost::asio::steady_timer event{loop_, SteadyTime::max()};
  if (until > now_.steady) {
    const auto place = sleepers_.insert(sleepers_.end(), Sleeper{until, [&event] { event.cancel(); }});
    wakeup.arm([&event] { event.cancel(); });
    boost::system::error_code error;
    co_await event.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, error));
    sleepers_.erase(place);
    wakeup.disarm();
  }
  co_return wakeup.take() ? Woke::notified : Woke::elapsed;
}

void VirtualClock::advance(Millis by) {
  now_.wall += by;
  now_.steady += by;
  wake_due();
}

void VirtualClock::wake_due() {
  for (const Sleeper& sleeper : sleepers_) {
    if (sleeper.until <= now_.steady) sleeper.wake();
  }
}

void VirtualClock::run_for(Millis limit) {
  const SteadyTime end = now_.steady + limit;
  for (;;) {
    loop_.restart();
    loop_.poll();
    const auto next = std::ranges::min_element(sleepers_, {}, &Sleeper::until);
    if (next == sleepers_.end()) return;
    const SteadyTime until = std::min(next->until, end);
    // Rounded up, so that a sleeper's time has surely come.
    advance(std::max(std::chrono::ceil<Millis>(until - now_.steady), Millis{0}));
    if (next->until > end) return;
  }
}

}  // namespace mentiond
