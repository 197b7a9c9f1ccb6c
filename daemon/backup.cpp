#include "ledger/backup.h"

#include <cinttypes>
#include <cstdio>

#include "daemon/start.h"
#include "daemon/verbs.h"

namespace mentiond {

// Through a connection that only reads: with or without a daemon, which need not know.
ExitCode ledger_backup(const std::string& config, const std::string& file) {
  const auto loaded = load_config(config);
  if (!loaded) return ExitCode::configuration;
  const auto bytes = ledger::back_up(loaded->ledger.path, file);
  if (!bytes) return report(bytes.error());
  std::printf("%s: %" PRId64 " bytes\n", file.c_str(), *bytes);
  return ExitCode::done;
}

}  // namespace mentiond
