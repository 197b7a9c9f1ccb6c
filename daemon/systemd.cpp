#include "daemon/systemd.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

namespace mentiond {
namespace {

constexpr std::size_t most_unsaid = 16;
constexpr std::chrono::seconds say_again_every{5};

// What the manager had no room for, in order. On the main thread alone.
std::deque<std::string>& unsaid() {
  static std::deque<std::string> words;
  return words;
}

// A datagram to $NOTIFY_SOCKET: a path, or a name in the abstract namespace ("@"). False: the manager's queue is full.
// sd_notify(3) would wait for room without end, and the event loop with it.
bool send(const std::string& words) {
  const char* place = std::getenv("NOTIFY_SOCKET");
  const std::string_view name = place != nullptr ? place : "";
  sockaddr_un to{.sun_family = AF_UNIX, .sun_path = {}};
  if (name.empty() || name.size() >= sizeof(to.sun_path)) return true;
  std::ranges::copy(name, std::begin(to.sun_path));
  if (name.front() == '@') to.sun_path[0] = 0;
  // Kept, so that a sign of life needs no descriptor that may be lacking.
  static const int from = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  const auto sent = ::sendto(from, words.data(), words.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr*>(&to), size);
  return sent >= 0 || errno != EAGAIN;
}

void say_what_is_unsaid() {
  while (!unsaid().empty() && send(unsaid().front())) unsaid().pop_front();
}

void say(std::string words) {
  unsaid().push_back(std::move(words));
  if (unsaid().size() > most_unsaid) unsaid().pop_front();
  say_what_is_unsaid();
}

// How often to give a sign of life: half of what the unit's WatchdogSec= allows; nothing if it has none.
std::optional<std::chrono::microseconds> watchdog_period() {
  std::uint64_t limit = 0;
  if (sd_watchdog_enabled(0, &limit) <= 0) return std::nullopt;
  return std::chrono::microseconds{limit / 2};
}

}  // namespace

void notify_ready() { say("READY=1\nSTATUS="); }
// https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html#RELOADING=1
void notify_reloading() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const std::int64_t micros = std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
  say("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(micros));
}
void notify_stopping() { say("STOPPING=1"); }
void notify_starting(std::chrono::microseconds span, const std::string& why) {
  say("EXTEND_TIMEOUT_USEC=" + std::to_string(span.count()) + "\nSTATUS=" + why);
}

Task<void> keep_manager_told() {
  if (std::getenv("NOTIFY_SOCKET") == nullptr) co_return;
  const auto watchdog = watchdog_period();
  boost::asio::steady_timer timer{co_await boost::asio::this_coro::executor};
  for (;;) {
    say_what_is_unsaid();
    if (watchdog) send("WATCHDOG=1");  // one that is lost is followed by the next
    timer.expires_after(std::min<std::chrono::microseconds>(watchdog.value_or(say_again_every), say_again_every));
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
