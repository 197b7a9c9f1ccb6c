#include "loop/clock.h"

#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace mentiond {

void Wakeup::notify() {
  pending_ = true;
  if (const auto wake = std::exchange(on_notify_, nullptr)) wake();
}

bool Wakeup::take() { return std::exchange(pending_, false); }

Now SystemClock::now() const {
  return {std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now()), std::chrono::steady_clock::now()};
}

Task<Clock::Woke> SystemClock::sleep_until(SteadyTime until, Wakeup& wakeup) {
  if (wakeup.take()) co_return Woke::notified;
  boost::asio::steady_timer timer{executor_, until};
  wakeup.arm([&timer] { timer.cancel(); });
  boost::system::error_code error;
  co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, error));
  wakeup.disarm();
  co_return wakeup.take() ? Woke::notified : Woke::elapsed;
}

}  // namespace mentiond
