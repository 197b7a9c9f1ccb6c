// When a query is due: every so often, or once a day at a time (UTC). Periods are waited for on the steady clock, which
// never jumps; the wall clock serves `daily_at` alone, and to say how old a success from before a restart is. Pure.
#pragma once

#include <chrono>
#include <optional>

#include "base/time.h"

namespace mentiond::xapi {

struct PollSchedule {
  Millis every{std::chrono::minutes{15}};
  std::optional<std::chrono::minutes> daily_at;  // since midnight UTC; stands before `every`
};

class DueTime {
 public:
  // `last_success` comes from the ledger: a query that succeeded less than a period ago waits for the rest of it; any
  // other is due at once, and so is one whose `daily_at` was missed.
  DueTime(const PollSchedule& schedule, std::optional<Time> last_success, const Now& now);

  // The time from which on the query is to be polled; not after now.steady: it is due.
  [[nodiscard]] SteadyTime at(const Now& now) const;
  // A poll that began at `began` is over, and its walk ended well at `succeeded` (wall).
  void on_success(const Now& began, std::optional<Time> succeeded);
  // A poll failed: it comes again at `again`, not after a whole period.
  void on_failure(SteadyTime again) { not_before_ = again; }

 private:
  [[nodiscard]] SteadyTime daily(const Now& now) const;

  PollSchedule schedule_;
  std::optional<Time> last_success_;
  SteadyTime periodic_;
  std::optional<SteadyTime> not_before_;
};

}  // namespace mentiond::xapi
