#include "daemon/board.h"

#include <gtest/gtest.h>

namespace mentiond {
namespace {

constexpr MonthMeter nothing_billed{std::chrono::sys_days{std::chrono::year{2026} / 1 / 31}, {}};
constexpr Time then{std::chrono::sys_days{std::chrono::year{2026} / 1 / 31}};

TEST(BoardOfALedger, ShowsEachQueryWithItsGaps) {
  collect::Options options;
  options.queries.push_back({"aws", "AWS", "AWS Marketplace", {std::chrono::minutes{30}, std::nullopt}});
  ledger::Stats stats;
  xapi::QueryState state;
  state.cursor = TweetId{900};
  state.gaps = {xapi::Gap{1, TweetId{100}, TweetId{200}, 3}};
  state.last_success = then;
  state.parked_since = then;
  stats.queries.push_back({xapi::Query{"aws", "AWS Marketplace", "AWS"}, state});
  const auto board = board_of(stats, options, nothing_billed);
  ASSERT_TRUE(board.queries.contains("aws"));
  const auto& shown = board.queries.at("aws");
  EXPECT_EQ(shown.cloud, "AWS");
  EXPECT_EQ(shown.period, std::chrono::minutes{30});
  EXPECT_EQ(shown.cursor, TweetId{900});
  EXPECT_EQ(shown.last_success, then);
  EXPECT_EQ(shown.parked_since, then);
  ASSERT_EQ(shown.gaps.size(), 1U);
  EXPECT_EQ(shown.gaps[0].low, TweetId{100});
  EXPECT_EQ(shown.gaps[0].high, TweetId{200});
  EXPECT_EQ(shown.gaps[0].pages_used, 3);
}

TEST(BoardOfALedger, ShowsTheSinkThatWasOpenedLast) {
  const collect::Options options;
  ledger::Stats stats;
  stats.rows = 12;
  stats.last_revision = 99;
  stats.sinks.push_back({ledger::Sink{2, "new", "data_%Y", 40, false}, ledger::SinkCounts{5, 2, 1}});
  stats.sinks.push_back({ledger::Sink{1, "old", "data_%Y", 10, false}, ledger::SinkCounts{9, 9, 9}});
  const auto board = board_of(stats, options, nothing_billed);
  ASSERT_TRUE(board.sink);
  EXPECT_EQ(board.sink->cluster_uuid, "new");
  EXPECT_EQ(board.sink->settled_revision, 40U);
  EXPECT_FALSE(board.sink->answers);
  EXPECT_EQ(board.ledger.rows, 12);
  EXPECT_EQ(board.ledger.last_revision, 99U);
  EXPECT_EQ(board.ledger.pending, 5);
  EXPECT_EQ(board.ledger.held, 2);
  EXPECT_EQ(board.ledger.dead_letters, 1);
}

TEST(BoardOfALedger, ShowsWhatThisBudgetMonthHasCost) {
  collect::Options options;
  options.budget.month_starts = 15;
  const MonthMeter month{nothing_billed.today, {.posts = 200, .users = 10, .requests = 3}};
  const auto board = board_of(ledger::Stats{}, options, month);
  EXPECT_EQ(month_of(month.today, options.budget), Day{std::chrono::year{2026} / 1 / 15});
  EXPECT_EQ(board.budget.month_began, month_of(month.today, options.budget));
  EXPECT_EQ(board.budget.posts, 200);
  EXPECT_EQ(board.budget.requests, 3);
  EXPECT_EQ(board.budget.cap_posts, 20'000);
  EXPECT_DOUBLE_EQ(board.budget.usd, 200 * 0.005 + 10 * 0.010);
}

TEST(BoardOfALedger, SaysThatNothingRunsAndNoMore) {
  const auto reasons = telemetry::not_ready_reasons(board_of(ledger::Stats{}, {}, nothing_billed), then);
  ASSERT_EQ(reasons.size(), 1U);
  EXPECT_EQ(reasons.front(), "no daemon runs");
}

TEST(BoardOfALedger, HasNoSinkWhereNoneWasEverOpened) {
  EXPECT_FALSE(board_of(ledger::Stats{}, {}, nothing_billed).sink);
}

}  // namespace
}  // namespace mentiond
