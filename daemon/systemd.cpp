#include "daemon/systemd.h"

#include <cinttypes>
#include <cstdlib>
#include <ctime>
#include <string>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

namespace mentiond {

void notify_ready() { sd_notify(0, "READY=1\nSTATUS="); }
// https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html#RELOADING=1
void notify_reloading() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const std::int64_t micros = std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
  sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, micros);
}
void notify_stopping() { sd_notify(0, "STOPPING=1"); }
void notify_starting(std::chrono::microseconds span, const std::string& why) {
  sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%" PRId64 "\nSTATUS=%s", std::int64_t{span.count()}, why.c_str());
}
void notify_alive() { sd_notify(0, "WATCHDOG=1"); }

std::optional<std::chrono::microseconds> watchdog_period() {
  std::uint64_t limit = 0;
  if (sd_watchdog_enabled(0, &limit) <= 0) return std::nullopt;
  return std::chrono::microseconds{limit / 2};
}

Task<void> keep_watchdog_calm(std::chrono::microseconds period) {
  boost::asio::steady_timer timer{co_await boost::asio::this_coro::executor};
  for (;;) {
    notify_alive();
    timer.expires_after(period);
    co_await timer.async_wait(boost::asio::use_awaitable);
  }
}

// $JOURNAL_STREAM names the journal's stream by device and inode; children of a desktop session inherit the variable,
// with a stderr of their own (systemd.exec(5)).
bool logs_to_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat ours{};
  if (stream == nullptr || fstat(STDERR_FILENO, &ours) != 0) return false;
  return stream == std::to_string(ours.st_dev) + ":" + std::to_string(ours.st_ino);
}

}  // namespace mentiond
