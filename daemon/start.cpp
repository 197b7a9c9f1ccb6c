#include "daemon/start.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "daemon/systemd.h"
#include "daemon/version.h"

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

Result<config::Config, std::vector<std::string>> read_config(const std::string& option) {
  const config::Environment environment = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>{value};
  };
  const auto path = config::find_config(option.empty() ? std::nullopt : std::optional{option}, environment);
  if (!path) return std::vector{"mentiond: " + path.error().message};
  auto loaded = config::load_file(*path, environment);
  if (loaded) return std::move(*loaded);
  std::vector<std::string> mistakes;
  for (const auto& mistake : loaded.error()) mistakes.push_back(to_text(mistake));
  return mistakes;
}

std::optional<config::Config> load_config(const std::string& option) {
  auto loaded = read_config(option);
  if (loaded) return std::move(*loaded);
  for (const auto& mistake : loaded.error()) std::fprintf(stderr, "%s\n", mistake.c_str());
  return std::nullopt;
}

ExitCode exit_code_of(ledger::Failure::Kind kind) {
  switch (kind) {
    case ledger::Failure::Kind::locked:
      return ExitCode::locked;
    case ledger::Failure::Kind::newer_schema:
    case ledger::Failure::Kind::not_a_ledger:
      return ExitCode::configuration;
    case ledger::Failure::Kind::cannot_open:
    case ledger::Failure::Kind::full:
    case ledger::Failure::Kind::damaged:
    case ledger::Failure::Kind::fatal:
      break;
  }
  return ExitCode::ledger_io;
}

ExitCode report(const ledger::Failure& failure) { return refuse(Error{failure.message}, exit_code_of(failure.kind)); }

ExitCode refuse(const Error& error, ExitCode code) {
  std::fprintf(stderr, "mentiond: %s\n", error.message.c_str());
  return code;
}

Time wall_now() { return std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now()); }

std::vector<elastic::QueryText> query_texts(const collect::Options& collect) {
  std::vector<elastic::QueryText> texts;
  for (const auto& query : collect.queries) texts.push_back({query.name, query.cloud, query.text});
  return texts;
}

Result<std::unique_ptr<ledger::Ledger>, ExitCode> open_ledger(const std::string& path, RunMode mode) {
  constexpr std::chrono::seconds retry{10};
  constexpr std::chrono::seconds longest_try{60};  // SQLite waits 5 s for each of several locks; a slow disk more
  std::optional<StopSignals> stop;
  for (;;) {
    auto ledger = ledger::Ledger::open(path, std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now()));
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

std::string user_agent() { return "mentiond/" MENTIOND_VERSION; }

}  // namespace mentiond
