#include "daemon/stop_signals.h"

namespace mentiond {

StopSignals::StopSignals() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGTERM);
  sigaddset(&signals_, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
}

bool StopSignals::come_within(std::chrono::seconds span) const {
  const timespec limit{.tv_sec = span.count(), .tv_nsec = 0};
  return sigtimedwait(&signals_, nullptr, &limit) > 0;
}

void StopSignals::pass_on() const { pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr); }

}  // namespace mentiond
