#include "daemon/open_ledger.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <optional>
#include <utility>

#include "daemon/start.h"
#include "daemon/systemd.h"

namespace mentiond {
namespace {

// While it lives, SIGTERM and SIGINT wait to be asked for.
class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  }
  ~StopSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  [[nodiscard]] bool come_within(std::chrono::seconds span) const {
    const timespec limit{.tv_sec = span.count(), .tv_nsec = 0};
    return sigtimedwait(&signals_, nullptr, &limit) > 0;
  }

 private:
  sigset_t signals_{};
  sigset_t before_{};
};

}  // namespace

Result<std::unique_ptr<ledger::Ledger>, ExitCode> open_ledger(const std::string& path, RunMode mode) {
  constexpr std::chrono::seconds retry{10};
  constexpr std::chrono::seconds longest_try{60};  // SQLite waits 5 s for each of several locks; a slow disk more
  std::optional<StopSignals> stop;
  for (;;) {
    auto ledger = ledger::Ledger::open(path, wall_now());
    if (ledger) return std::move(*ledger);
    const ledger::Failure& failure = ledger.error();
    if (mode == RunMode::once || failure.kind != ledger::Failure::Kind::full) return report(failure);
    if (!stop) {
      stop.emplace();
      std::fprintf(stderr, "mentiond: %s; waiting, nothing is collected or delivered\n", failure.message.c_str());
    }
    notify_starting(retry + longest_try, failure.message);
    if (stop->come_within(retry)) return ExitCode::done;
  }
}

}  // namespace mentiond
