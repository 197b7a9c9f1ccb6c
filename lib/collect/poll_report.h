// Tells telemetry what the poller says has happened, and how its queries and its budget stand. Decides nothing. On the
// event loop's thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "telemetry/telemetry.h"
#include "xapi/poller.h"

namespace mentiond::collect {

// What the board shows of a budget, and how often a query is polled; also where no daemon runs.
// `requests`: answered by X this budget month.
telemetry::BudgetStatus status_of(const xapi::Budget& budget, std::int64_t requests);
Millis period_of(Millis every, std::optional<std::chrono::minutes> daily_at);

class PollReport {
 public:
  PollReport(const xapi::PollerOptions& options, telemetry::Telemetry& telemetry)
      : options_(options), telemetry_(telemetry) {}

  void tell(const std::vector<xapi::PollEvent>& events, Time now);
  void lost(std::string_view query, const xapi::Loss& loss, std::string_view why);
  void standing(const xapi::SearchPoller& poller, std::size_t query, const Now& now);
  // `requests`: answered by X this budget month.
  void budget(const xapi::Budget& budget, std::int64_t requests);

 private:
  const xapi::PollerOptions& options_;
  telemetry::Telemetry& telemetry_;
};

}  // namespace mentiond::collect
