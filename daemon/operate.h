// How a verb changes a ledger: through the daemon that runs on it, or on the ledger itself when none does.
#pragma once

#include "admin/control.h"
#include "config/config.h"
#include "daemon/exit_code.h"

namespace mentiond {

// Has the order performed, prints what came of it and says how to leave.
ExitCode operate(const config::Config& config, const admin::Order& order);

}  // namespace mentiond
