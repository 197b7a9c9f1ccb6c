// Budget: what may still be read of X this month, and what it has cost. X bills each post and each user it returns; the
// ledger says what was billed (a re-read within the UTC day is free). Pure; days are X's, by its Date header.
// https://docs.x.com/x-api/getting-started/pricing
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"

namespace mentiond::xapi {

struct BudgetLimits {
  std::int64_t posts_per_month = 20'000;  // hard stop; 0: no cap
  unsigned month_starts = 1;              // the day of the month on which a budget month begins, 1 to 28
  double usd_per_post = 0.005;
  double usd_per_user = 0.010;
};

// The first day of the budget month that `day` lies in, and of the one after it.
Day month_begin(Day day, unsigned month_starts);
Day next_month_begin(Day day, unsigned month_starts);

class Budget {
 public:
  // `posts` and `users` were billed so far in the month of `today`.
  Budget(const BudgetLimits& limits, Day today, std::int64_t posts, std::int64_t users);

  // Does `today` lie in the month whose meter this is? If not, what that month was billed has to be read first.
  [[nodiscard]] bool covers(Day today) const { return month_begin(today, limits_.month_starts) == began_; }
  void spend(std::int64_t posts, std::int64_t users);

  // How many posts a page may ask for, at most `wanted`: less near the cap; 0 once fewer than min_page_size
  // remain (X refuses to serve so few).
  // `in_flight` posts are read already but not yet metered.
  [[nodiscard]] int page_size(int wanted, std::int64_t in_flight = 0) const;
  [[nodiscard]] double usd() const;
  [[nodiscard]] std::int64_t posts() const { return posts_; }
  [[nodiscard]] std::int64_t users() const { return users_; }
  [[nodiscard]] Day began() const { return began_; }
  [[nodiscard]] Day resets() const { return next_month_begin(began_, limits_.month_starts); }
  [[nodiscard]] const BudgetLimits& limits() const { return limits_; }

 private:
  BudgetLimits limits_;
  Day began_;
  std::int64_t posts_;
  std::int64_t users_;
};

}  // namespace mentiond::xapi
