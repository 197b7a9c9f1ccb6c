#include "xapi/budget.h"

#include <algorithm>

#include "xapi/request.h"

namespace mentiond::xapi {

Day month_begin(Day day, unsigned month_starts) {
  const std::chrono::year_month_day date{day};
  const std::chrono::day start{std::clamp(month_starts, 1U, 28U)};
  const std::chrono::year_month month{date.year(), date.month()};
  return date.day() >= start ? Day{month / start} : Day{(month - std::chrono::months{1}) / start};
}

Day next_month_begin(Day day, unsigned month_starts) {
  const std::chrono::year_month_day began{month_begin(day, month_starts)};
  return Day{std::chrono::year_month{began.year(), began.month()} / began.day() + std::chrono::months{1}};
}

Budget::Budget(const BudgetLimits& limits, Day today, std::int64_t posts, std::int64_t users)
    : limits_(limits), began_(month_begin(today, limits.month_starts)), posts_(posts), users_(users) {}

void Budget::spend(std::int64_t posts, std::int64_t users) {
  posts_ += posts;
  users_ += users;
}

int Budget::page_size(int wanted, std::int64_t in_flight) const {
  if (limits_.posts_per_month <= 0) return wanted;
  const std::int64_t left = limits_.posts_per_month - posts_ - in_flight;
  if (left < min_page_size) return 0;
  return static_cast<int>(std::min<std::int64_t>(wanted, left));
}

double Budget::usd() const {
  return static_cast<double>(posts_) * limits_.usd_per_post + static_cast<double>(users_) * limits_.usd_per_user;
}

}  // namespace mentiond::xapi
