#include "daemon/early_signals.h"

namespace mentiond {

EarlySignals::EarlySignals() {
  sigemptyset(&stops_);
  sigaddset(&stops_, SIGTERM);
  sigaddset(&stops_, SIGINT);
  all_ = stops_;
  sigaddset(&all_, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &all_, nullptr);
}

bool EarlySignals::stop_within(std::chrono::seconds span) const {
  const timespec limit{.tv_sec = span.count(), .tv_nsec = 0};
  return sigtimedwait(&stops_, nullptr, &limit) > 0;
}

void EarlySignals::pass_on() const { pthread_sigmask(SIG_UNBLOCK, &all_, nullptr); }

}  // namespace mentiond
