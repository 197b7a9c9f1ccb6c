// Opens the ledger for `run`, which writes to it from the first moment on.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "daemon/early_signals.h"
#include "daemon/exit_code.h"
#include "daemon/verbs.h"
#include "ledger/ledger.h"

namespace mentiond {

// The ledger, or how to leave after it was printed why. A full disk, or another program's lock on the ledger, does not
// keep a daemon from starting: it says each reason once and waits (a stop signal ends that: ExitCode::done). Once-mode
// gives up.
Result<std::unique_ptr<ledger::Ledger>, ExitCode> open_ledger(const std::string& path, RunMode mode,
                                                              const EarlySignals& signals);

}  // namespace mentiond
