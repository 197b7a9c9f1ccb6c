// What systemd wants to hear: sd_notify(3). Everything here does nothing where no service manager listens.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "loop/task.h"

namespace mentiond {

void notify_ready();
void notify_reloading();  // and notify_ready() once that is over
void notify_stopping();
// READY=1 takes a while yet: the start is not to be given up within `span` from now. `why` is shown by systemctl
// status.
void notify_starting(std::chrono::microseconds span, const std::string& why);
void notify_alive();  // WATCHDOG=1
// On an event loop: says so as often as `period` tells, for as long as the loop turns.
Task<void> keep_watchdog_calm(std::chrono::microseconds period);
// How often to say so: half of what the unit's WatchdogSec= allows; nothing if it has none.
std::optional<std::chrono::microseconds> watchdog_period();
// stderr goes to the journal, which gives lines their time and reads "<N>" as their priority.
bool logs_to_journal();

}  // namespace mentiond
