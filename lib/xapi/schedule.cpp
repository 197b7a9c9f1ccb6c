#include "xapi/schedule.h"

#include <algorithm>

namespace mentiond::xapi {
namespace {

// A success this far in the future of the wall clock was noted by a clock that was wrong: it says nothing.
constexpr auto believable_future = std::chrono::hours{24};

}  // namespace

DueTime::DueTime(const PollSchedule& schedule, std::optional<Time> last_success, const Now& now)
    : schedule_(schedule), last_success_(last_success), periodic_(now.steady) {
  if (last_success) periodic_ += std::clamp(schedule.every - (now.wall - *last_success), Millis{0}, schedule.every);
}

SteadyTime DueTime::at(const Now& now) const {
  const SteadyTime due = schedule_.daily_at ? daily(now) : periodic_;
  return not_before_ ? std::max(due, *not_before_) : due;
}

SteadyTime DueTime::daily(const Now& now) const {
  Time slot = day_of(now.wall) + *schedule_.daily_at;  // the latest one that has come
  if (slot > now.wall) slot -= std::chrono::days{1};
  const bool done = last_success_ && *last_success_ >= slot && *last_success_ - now.wall < believable_future;
  if (done) slot += std::chrono::days{1};
  return now.steady + (slot - now.wall);
}

void DueTime::on_success(const Now& began, std::optional<Time> succeeded) {
  periodic_ = began.steady + schedule_.every;
  last_success_ = succeeded.value_or(began.wall);
  not_before_.reset();
}

}  // namespace mentiond::xapi
