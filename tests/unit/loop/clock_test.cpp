#include "loop/clock.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include "loop/random.h"
#include "loop/virtual_clock.h"

namespace mentiond {
namespace {

using namespace std::chrono_literals;
using Woke = Clock::Woke;

// Longer than any test may take: only a notification ends such a sleep.
constexpr auto far = 1h;

class ClockTest : public ::testing::Test {
 protected:
  // Sleeps and notes how it ended.
  static Task<void> sleep(Clock& clock, SteadyTime until, Wakeup& early, std::vector<Woke>& ends) {
    const Woke woke = co_await clock.sleep_until(until, early);
    ends.push_back(woke);
  }
  void spawn_sleep(Clock& clock, SteadyTime until, Wakeup& early) {
    boost::asio::co_spawn(loop, sleep(clock, until, early, log), boost::asio::detached);
  }

  boost::asio::io_context loop;
  Wakeup wakeup;
  std::vector<Woke> log;
};

class SystemClockTest : public ClockTest {
 protected:
  SystemClock clock{loop.get_executor()};
};

TEST_F(SystemClockTest, ASleepEndsAtItsTimeAndNotBefore) {
  const SteadyTime until = clock.now().steady + 10ms;
  spawn_sleep(clock, until, wakeup);
  loop.run();
  EXPECT_GE(clock.now().steady, until);
  EXPECT_EQ(log, std::vector{Woke::elapsed});
}

TEST_F(SystemClockTest, APastTimeEndsTheSleepAtOnce) {
  spawn_sleep(clock, clock.now().steady - 1s, wakeup);
  loop.run();
  EXPECT_EQ(log, std::vector{Woke::elapsed});
}

TEST_F(SystemClockTest, ANotificationEndsTheSleepEarly) {
  spawn_sleep(clock, clock.now().steady + far, wakeup);
  boost::asio::post(loop, [this] { wakeup.notify(); });
  loop.run();
  EXPECT_EQ(log, std::vector{Woke::notified});
}

TEST_F(SystemClockTest, ANotificationBeforeTheSleepIsNotLost) {
  wakeup.notify();
  spawn_sleep(clock, clock.now().steady + far, wakeup);
  loop.run();
  EXPECT_EQ(log, std::vector{Woke::notified});
}

TEST_F(SystemClockTest, ANotificationEndsOneSleepOnly) {
  wakeup.notify();
  wakeup.notify();
  spawn_sleep(clock, clock.now().steady + far, wakeup);
  loop.run();
  loop.restart();
  spawn_sleep(clock, clock.now().steady, wakeup);
  loop.run();
  EXPECT_EQ(log, (std::vector{Woke::notified, Woke::elapsed}));
}

TEST(Wakeup, IsTakenOnce) {
  Wakeup wakeup;
  EXPECT_FALSE(wakeup.take());
  wakeup.notify();
  EXPECT_TRUE(wakeup.take());
  EXPECT_FALSE(wakeup.take());
}

TEST(Wakeup, CallsTheSleeperOnce) {
  Wakeup wakeup;
  int calls = 0;
  wakeup.arm([&calls] { ++calls; });
  wakeup.notify();
  wakeup.notify();
  EXPECT_EQ(calls, 1);
  wakeup.arm([&calls] { ++calls; });
  wakeup.disarm();
  wakeup.notify();
  EXPECT_EQ(calls, 1);
}

TEST(Random, TheSameSeedTellsTheSameStory) {
  Random one{7};
  Random two{7};
  Random other{8};
  bool differs = false;
  for (int i = 0; i < 1000; ++i) {
    const double value = one.uniform();
    EXPECT_GE(value, 0.0);
    EXPECT_LT(value, 1.0);
    EXPECT_EQ(value, two.uniform());
    differs |= value != other.uniform();
  }
  EXPECT_TRUE(differs);
}

class VirtualClockTest : public ClockTest {
 protected:
  const Time start{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
  VirtualClock clock{loop, start};
};

TEST_F(VirtualClockTest, TimeStandsUntilMoved) {
  const SteadyTime steady = clock.now().steady;
  EXPECT_EQ(clock.now().wall, start);
  clock.advance(5s);
  EXPECT_EQ(clock.now().wall, start + 5s);
  EXPECT_EQ(clock.now().steady, steady + 5s);
}

TEST_F(VirtualClockTest, TheWallClockAloneMayJump) {
  const SteadyTime steady = clock.now().steady;
  clock.step_wall(-1h);
  EXPECT_EQ(clock.now().wall, start - 1h);
  EXPECT_EQ(clock.now().steady, steady);
}

TEST_F(VirtualClockTest, ASleeperWakesWhenItsTimeHasCome) {
  spawn_sleep(clock, clock.now().steady + 10s, wakeup);
  loop.poll();
  EXPECT_EQ(clock.sleepers(), 1U);
  clock.advance(Millis{9'999});
  loop.restart();
  loop.poll();
  EXPECT_TRUE(log.empty());
  clock.advance(1ms);
  loop.restart();
  loop.poll();
  EXPECT_EQ(log, std::vector{Woke::elapsed});
  EXPECT_EQ(clock.sleepers(), 0U);
}

TEST_F(VirtualClockTest, ANotificationEndsTheSleepEarly) {
  spawn_sleep(clock, clock.now().steady + 10s, wakeup);
  loop.poll();
  wakeup.notify();
  loop.restart();
  loop.poll();
  EXPECT_EQ(log, std::vector{Woke::notified});
  EXPECT_EQ(clock.now().wall, start);
}

TEST_F(VirtualClockTest, ANotificationBeforeTheSleepIsNotLost) {
  wakeup.notify();
  spawn_sleep(clock, clock.now().steady + 10s, wakeup);
  clock.run_for(1min);
  EXPECT_EQ(log, std::vector{Woke::notified});
  EXPECT_EQ(clock.now().wall, start);
}

TEST_F(VirtualClockTest, APastTimeEndsTheSleepAtOnce) {
  spawn_sleep(clock, clock.now().steady, wakeup);
  loop.poll();
  EXPECT_EQ(log, std::vector{Woke::elapsed});
}

TEST_F(VirtualClockTest, DaysPassInNoTimeAndInOrder) {
  std::vector<Time> ticks;
  const auto every_hour = [&]() -> Task<void> {
    for (int i = 0; i < 72; ++i) {
      co_await clock.sleep_until(clock.now().steady + 1h, wakeup);
      ticks.push_back(clock.now().wall);
    }
  };
  boost::asio::co_spawn(loop, every_hour(), boost::asio::detached);
  clock.run_for(std::chrono::days{30});
  ASSERT_EQ(ticks.size(), 72U);
  EXPECT_EQ(ticks.front(), start + 1h);
  EXPECT_EQ(ticks.back(), start + 72h);
}

TEST_F(VirtualClockTest, RunForStopsAtItsLimit) {
  spawn_sleep(clock, clock.now().steady + 10min, wakeup);
  clock.run_for(1min);
  EXPECT_EQ(clock.now().wall, start + 1min);
  EXPECT_EQ(clock.sleepers(), 1U);
  clock.run_for(9min);
  EXPECT_EQ(log, std::vector{Woke::elapsed});
}

TEST_F(VirtualClockTest, SleepersWakeEachAtTheirOwnTime) {
  Wakeup other;
  std::vector<Woke> later;
  boost::asio::co_spawn(loop, sleep(clock, clock.now().steady + 2s, other, later), boost::asio::detached);
  spawn_sleep(clock, clock.now().steady + 1s, wakeup);
  loop.poll();
  clock.advance(1s);
  loop.restart();
  loop.poll();
  EXPECT_EQ(log.size(), 1U);
  EXPECT_TRUE(later.empty());
  clock.run_for(1s);
  EXPECT_EQ(later.size(), 1U);
}

}  // namespace
}  // namespace mentiond
