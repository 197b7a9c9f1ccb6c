// The status board as far as the ledger knows it: for `status` where no daemon can be asked. Pure.
#pragma once

#include "ledger/row.h"
#include "telemetry/status_board.h"

namespace mentiond {

telemetry::StatusBoard board_of(const ledger::Stats& stats);

}  // namespace mentiond
