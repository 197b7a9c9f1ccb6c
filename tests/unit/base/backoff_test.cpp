#include "base/backoff.h"

#include <gtest/gtest.h>

namespace mentiond {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, DoublesToItsCapAndStaysThere) {
  Backoff backoff{1s, 10s};
  for (const auto expected : {1000ms, 2000ms, 4000ms, 8000ms, 10000ms, 10000ms}) EXPECT_EQ(backoff.next(0.0), expected);
  EXPECT_EQ(backoff.tries(), 6);
}

TEST(Backoff, FullJitterLiesBetweenNothingAndTheDelay) {
  for (const double random : {0.0, 0.25, 0.5, 0.999999}) {
    Backoff backoff{1s, 5min};
    for (auto delay = 1000ms; delay < 5min; delay *= 2) {
      const auto wait = backoff.next(random);
      EXPECT_GE(wait, 1ms);
      EXPECT_LE(wait, delay);
    }
  }
  Backoff tiny{1ms, 1ms};
  EXPECT_EQ(tiny.next(0.999999), 1ms);
}

TEST(Backoff, EqualJitterWaitsAtLeastHalf) {
  Backoff backoff{60s, 1h, Backoff::Jitter::equal};
  EXPECT_EQ(backoff.next(0.0), 60s);
  EXPECT_GE(backoff.next(0.999999), 60s);
  EXPECT_LE(backoff.next(0.5), 240s);
}

TEST(Backoff, SuccessStartsItAnew) {
  Backoff backoff{1s, 10s};
  backoff.next(0.0);
  backoff.next(0.0);
  backoff.reset();
  EXPECT_EQ(backoff.tries(), 0);
  EXPECT_EQ(backoff.next(0.0), 1s);
}

TEST(Backoff, DaysOfFailuresDoNotOverflow) {
  Backoff backoff{1s, 5min};
  for (int i = 0; i < 10'000; ++i) EXPECT_LE(backoff.next(0.0), 5min);
}

}  // namespace
}  // namespace mentiond
