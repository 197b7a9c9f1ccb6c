#include <cstdio>
#include <exception>

#include <unistd.h>

#include "daemon/early_signals.h"
#include "daemon/open_ledger.h"
#include "daemon/service.h"
#include "daemon/start.h"
#include "daemon/verbs.h"

namespace mentiond {

ExitCode run(const std::string& config, RunMode mode) {
  const auto loaded = load_config(config);
  if (!loaded) return ExitCode::configuration;
  const EarlySignals signals;
  auto ledger = open_ledger(loaded->ledger.path, mode, signals);
  if (!ledger) return ledger.error();

  Service service{*loaded, config, mode, std::move(*ledger)};
  if (const auto failed = service.prepare()) return *failed;
  signals.pass_on();  // the service has handlers by now
  ExitCode code = ExitCode::internal;
  try {
    code = service.run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "mentiond: internal error: %s\n", error.what());
  }
  std::fflush(nullptr);
  _exit(static_cast<int>(code));  // a hung name lookup must not hold the process; the ledger is closed
}

}  // namespace mentiond
