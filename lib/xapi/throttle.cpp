#include "xapi/throttle.h"

#include <algorithm>

namespace mentiond::xapi {
namespace {

// A day further off than any billing cycle is a mistake of somebody's; it is tried again then.
constexpr std::chrono::days longest_cap{32};

Millis share(Millis whole, double random) {
  return Millis{static_cast<std::int64_t>(static_cast<double>(whole.count()) * random)};
}

}  // namespace

void Throttle::note_date(const std::optional<Time>& date, const Now& now) {
  if (!date) return;
  const auto differs = [&](const Anchor& known, Millis by) {
    return std::chrono::abs(*date - told_by(known, now)) > by;
  };
  // The first word after a start has only our own clock to be held against.
  const bool strange = differs(anchor_.value_or(Anchor{now.wall, now.steady}), longest_doubt);
  if (strange && (!doubted_ || differs(*doubted_, same_clock))) {
    doubted_ = Anchor{*date, now.steady};
    return;
  }
  doubted_.reset();
  before_ = strange ? std::nullopt : anchor_;  // two dates call a strange one's forerunner wrong
  anchor_ = Anchor{*date, now.steady};
}

Time Throttle::told_by(const Anchor& anchor, const Now& now) {
  return anchor.date + std::chrono::floor<Millis>(now.steady - anchor.at);
}

Time Throttle::x_time(const Now& now) const {
  if (anchor_) return told_by(*anchor_, now);
  return doubted_ ? told_by(*doubted_, now) : now.wall;
}

Time Throttle::x_time_for_days(const Now& now) const { return anchor_ ? x_time(now) : std::max(x_time(now), now.wall); }

std::optional<Time> Throttle::latest_x_time(const Now& now) const {
  if (!anchor_) return std::nullopt;
  const Time told = told_by(*anchor_, now);
  return before_ ? std::max(told, told_by(*before_, now)) : told;
}

Millis Throttle::hold(Millis wait, Why why, const Now& now) {
  not_before_ = now.steady + wait;
  why_ = why;
  return wait;
}

Millis Throttle::on_retry(const Now& now, double random) {
  if (!trouble_since_) trouble_since_ = now.steady;
  end_busy();
  return hold(retry_.next(random), Why::retry, now);
}

Millis Throttle::on_rate_limit(const Reply& reply, const Now& now, double random) {
  const Millis until_reset = reply.reset ? *reply.reset - x_time(now) : unnamed_reset_wait;
  // A reset gone by ends no limit that X still answers with: the clocks disagree, or its header is wrong.
  past_resets_ = until_reset > Millis{0} ? 0 : std::min(past_resets_ + 1, 11);
  const Millis least = past_resets_ > 1 ? least_reset_wait * (1 << (past_resets_ - 1)) : least_reset_wait;
  const Millis wait = std::clamp(until_reset, std::min(least, longest_wait), longest_wait);
  // Jitter never below the reset itself, and small beside the window.
  return hold(std::min(wait + share(Millis{2'000}, random), longest_wait), Why::rate_limit, now);
}

std::optional<Millis> Throttle::on_too_many_requests(const Now& now, double random) {
  if (!trouble_since_) trouble_since_ = now.steady;
  if (!busy_since_) busy_since_ = now.steady;
  if (now.steady - *busy_since_ >= busy_is_a_cap_after) {
    end_busy();  // after the cap's wait it may begin again
    return std::nullopt;
  }
  const int doublings = std::min(busy_tries_++, 6);  // 64 × 60 s exceed the hour
  const Millis wait = std::min(first_busy_wait * (1 << doublings), longest_busy_wait);
  return hold(wait + share(wait / 10, random), Why::too_many_requests, now);
}

Millis Throttle::on_auth_failed(const Now& now) { return hold(auth_wait, Why::auth, now); }

void Throttle::on_page() {
  retry_.reset();
  end_busy();
  past_resets_ = 0;
  trouble_since_.reset();
}

void Throttle::end_busy() {
  busy_tries_ = 0;
  busy_since_.reset();
}

Millis Throttle::cap_wait(const std::optional<Day>& until, const Now& now, double random) const {
  const Time x_now = x_time_for_days(now);
  Time end = day_of(x_now) + std::chrono::days{1};
  if (until) end = std::clamp<Time>(*until, end, x_now + longest_cap);
  return end - x_now + share(day_jitter, random);
}

}  // namespace mentiond::xapi
