#include "daemon/open_ledger.h"

#include <chrono>
#include <cstdio>
#include <utility>

#include "daemon/start.h"
#include "daemon/systemd.h"

namespace mentiond {

Result<std::unique_ptr<ledger::Ledger>, ExitCode> open_ledger(const std::string& path, RunMode mode,
                                                              const EarlySignals& signals) {
  constexpr std::chrono::seconds retry{10};
  constexpr std::chrono::seconds longest_try{60};  // SQLite waits 5 s for each of several locks; a slow disk more
  std::string told;
  for (;;) {
    auto ledger = ledger::Ledger::open(path, wall_now());
    if (ledger) return std::move(*ledger);
    const ledger::Failure& failure = ledger.error();
    if (mode == RunMode::once || failure.kind != ledger::Failure::Kind::full) return report(failure);
    if (told != failure.message) {
      told = failure.message;
      std::fprintf(stderr, "mentiond: %s; waiting, nothing is collected or delivered\n", told.c_str());
    }
    notify_starting(retry + longest_try, failure.message);
    if (signals.stop_within(retry)) return ExitCode::done;
  }
}

}  // namespace mentiond
