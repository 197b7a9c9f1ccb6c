// What systemd wants to hear: sd_notify(3). Everything here does nothing where there is no service manager, and waits
// for none that does not listen. One thread.
#pragma once

#include <chrono>
#include <string>

#include "loop/task.h"

namespace mentiond {

void notify_ready();
void notify_reloading();  // and notify_ready() once that is over
void notify_stopping();
// READY=1 takes a while yet: the start is not to be given up within `span` from now. `why` is shown by systemctl
// status.
void notify_starting(std::chrono::microseconds span, const std::string& why);
// On an event loop: says WATCHDOG=1 for as long as the loop turns, where the unit has a WatchdogSec=; and again what
// the manager had no room for.
Task<void> keep_manager_told();
// stderr goes to the journal, which gives lines their time and reads "<N>" as their priority.
bool logs_to_journal();

}  // namespace mentiond
