#include "xapi/schedule.h"

#include <gtest/gtest.h>

namespace mentiond::xapi {
namespace {

using namespace std::chrono_literals;

Now now_at(const char* wall) { return {*parse_iso8601(wall), SteadyTime{} + 1000h}; }
Now later(Now now, Millis by) { return {now.wall + by, now.steady + by}; }

TEST(Schedule, AQueryNeverPolledIsDueAtOnce) {
  const Now now = now_at("2026-03-15T12:00:00Z");
  EXPECT_LE((DueTime{{.every = 15min, .daily_at = {}}, std::nullopt, now}.at(now)), now.steady);
}

TEST(Schedule, ASuccessYoungerThanThePeriodWaitsForTheRest) {
  const Now now = now_at("2026-03-15T12:00:00Z");
  const DueTime due{{.every = 15min, .daily_at = {}}, now.wall - 10min, now};
  EXPECT_EQ(due.at(now), now.steady + 5min);
}

TEST(Schedule, AnOldSuccessIsDueAtOnce) {
  const Now now = now_at("2026-03-15T12:00:00Z");
  EXPECT_LE((DueTime{{.every = 15min, .daily_at = {}}, now.wall - 16min, now}.at(now)), now.steady);
}

TEST(Schedule, ASuccessFromTheFutureWaitsForOnePeriodAtMost) {
  const Now now = now_at("2026-03-15T12:00:00Z");
  const DueTime due{{.every = 15min, .daily_at = {}}, now.wall + 24h * 365, now};
  EXPECT_EQ(due.at(now), now.steady + 15min);
}

TEST(Schedule, PeriodsIgnoreTheWallClock) {
  const Now now = now_at("2026-03-15T12:00:00Z");
  DueTime due{{.every = 15min, .daily_at = {}}, std::nullopt, now};
  due.on_success(now, now.wall);
  const Now jumped{now.wall + 24h, now.steady + 1min};
  EXPECT_EQ(due.at(jumped), now.steady + 15min);
}

TEST(Schedule, DailyAtWaitsForItsTime) {
  const Now now = now_at("2026-03-15T05:00:00Z");
  const DueTime due{{.every = {}, .daily_at = 6h}, now.wall - 20h, now};
  EXPECT_EQ(due.at(now), now.steady + 1h);
}

TEST(Schedule, AMissedDailyAtRunsAtStart) {
  const Now now = now_at("2026-03-15T07:00:00Z");
  EXPECT_LE((DueTime{{.every = {}, .daily_at = 6h}, now.wall - 20h, now}.at(now)), now.steady);
  EXPECT_LE((DueTime{{.every = {}, .daily_at = 6h}, std::nullopt, now}.at(now)), now.steady);
}

TEST(Schedule, DailyAtDoneTodayWaitsForTomorrow) {
  const Now now = now_at("2026-03-15T07:00:00Z");
  DueTime due{{.every = {}, .daily_at = 6h}, now.wall - 20h, now};
  due.on_success(now, now.wall);
  EXPECT_EQ(due.at(later(now, 1h)), now.steady + 23h);
}

TEST(Schedule, DailyAtFollowsTheWallClock) {
  const Now now = now_at("2026-03-15T07:00:00Z");
  DueTime due{{.every = {}, .daily_at = 6h}, now.wall, now};
  const Now jumped{now.wall + 24h, now.steady + 1min};
  EXPECT_LE(due.at(jumped), jumped.steady);
}

TEST(Schedule, ADailySuccessFromFarInTheFutureIsNotBelieved) {
  const Now now = now_at("2026-03-15T07:00:00Z");
  EXPECT_LE((DueTime{{.every = {}, .daily_at = 6h}, now.wall + 24h * 365, now}.at(now)), now.steady);
}

TEST(Schedule, AFailureComesAgainAtItsOwnTime) {
  const Now now = now_at("2026-03-15T12:00:00Z");
  DueTime due{{.every = 15min, .daily_at = {}}, std::nullopt, now};
  due.on_failure(now.steady + 3s);
  EXPECT_EQ(due.at(now), now.steady + 3s);
  due.on_success(later(now, 3s), now.wall);
  EXPECT_EQ(due.at(now), now.steady + 15min + 3s);
}

}  // namespace
}  // namespace mentiond::xapi
