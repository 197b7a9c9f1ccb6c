// The status board as far as the ledger and the configuration know it: for `status` where no daemon can be asked. Pure.
#pragma once

#include "collect/options.h"
#include "ledger/row.h"
#include "telemetry/status_board.h"

namespace mentiond {

// What was billed in the budget month that `today` lies in; the ledger is asked from month_of(today) on.
struct MonthMeter {
  Day today;
  ledger::Meter meter;
};
Day month_of(Day today, const collect::Budget& budget);

telemetry::StatusBoard board_of(const ledger::Stats& stats, const collect::Options& collect, const MonthMeter& month);

}  // namespace mentiond
