// LD_PRELOAD: the steady clock runs HURRY times as fast (20 if unset), so that deadlines of a minute pass in seconds.
// The wall clock stays as it is. Deadlines are set by timerfd (Asio) or by condition variables.
#include <cstdint>
#include <cstdlib>
#include <ctime>

#include <dlfcn.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace {

constexpr std::int64_t second = 1'000'000'000;

std::int64_t hurry() {
  static const std::int64_t factor = [] {
    const char* wish = std::getenv("HURRY");
    return wish == nullptr ? 20 : std::atoll(wish);
  }();
  return factor;
}

std::int64_t count(const timespec& time) { return time.tv_sec * second + time.tv_nsec; }
timespec spell(std::int64_t nanoseconds) { return {nanoseconds / second, nanoseconds % second}; }

// Rounded up: a time that is not over yet must not become none at all, which disarms.
timespec slowed(const timespec& time) { return spell((count(time) + hurry() - 1) / hurry()); }

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

// The kernel is asked itself: a sanitizer's allocator looks at the clock too, and dlsym() allocates.
extern "C" int clock_gettime(clockid_t clock, timespec* time) {
  const int result = static_cast<int>(syscall(SYS_clock_gettime, clock, time));
  if (result == 0 && clock == CLOCK_MONOTONIC) *time = spell(count(*time) * hurry());
  return result;
}

extern "C" int timerfd_settime(int descriptor, int flags, const itimerspec* fresh, itimerspec* old) {
  static auto* const real = next<int(int, int, const itimerspec*, itimerspec*)>("timerfd_settime");
  const itimerspec slow{slowed(fresh->it_interval), slowed(fresh->it_value)};
  return real(descriptor, flags, &slow, old);
}

extern "C" int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                                      const timespec* until) {
  static auto* const real =
      next<int(pthread_cond_t*, pthread_mutex_t*, clockid_t, const timespec*)>("pthread_cond_clockwait");
  const timespec slow = clock == CLOCK_MONOTONIC ? slowed(*until) : *until;
  return real(condition, mutex, clock, &slow);
}
