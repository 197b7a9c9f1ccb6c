#include "daemon/systemd.h"

#include <cstdint>
#include <cstdlib>

#include <systemd/sd-daemon.h>

namespace mentiond {

void notify_ready() { sd_notify(0, "READY=1"); }
void notify_stopping() { sd_notify(0, "STOPPING=1"); }
void notify_alive() { sd_notify(0, "WATCHDOG=1"); }

std::optional<std::chrono::microseconds> watchdog_period() {
  std::uint64_t limit = 0;
  if (sd_watchdog_enabled(0, &limit) <= 0) return std::nullopt;
  return std::chrono::microseconds{limit / 2};
}

bool logs_to_journal() { return std::getenv("JOURNAL_STREAM") != nullptr; }

}  // namespace mentiond
