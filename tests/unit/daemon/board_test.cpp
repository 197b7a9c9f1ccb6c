#include "daemon/board.h"

#include <gtest/gtest.h>

namespace mentiond {
namespace {

constexpr Time then{std::chrono::sys_days{std::chrono::year{2026} / 1 / 31}};

TEST(BoardOfALedger, ShowsEachQueryWithItsGaps) {
  ledger::Stats stats;
  xapi::QueryState state;
  state.cursor = TweetId{900};
  state.gaps = {xapi::Gap{1, TweetId{100}, TweetId{200}, 3}};
  state.last_success = then;
  state.parked_since = then;
  stats.queries.push_back({xapi::Query{"aws", "AWS Marketplace", "AWS"}, state});
  const auto board = board_of(stats);
  ASSERT_TRUE(board.queries.contains("aws"));
  const auto& shown = board.queries.at("aws");
  EXPECT_EQ(shown.cloud, "AWS");
  EXPECT_EQ(shown.cursor, TweetId{900});
  EXPECT_EQ(shown.last_success, then);
  EXPECT_EQ(shown.parked_since, then);
  ASSERT_EQ(shown.gaps.size(), 1U);
  EXPECT_EQ(shown.gaps[0].low, TweetId{100});
  EXPECT_EQ(shown.gaps[0].high, TweetId{200});
  EXPECT_EQ(shown.gaps[0].pages_used, 3);
}

TEST(BoardOfALedger, ShowsTheSinkThatWasOpenedLast) {
  ledger::Stats stats;
  stats.rows = 12;
  stats.last_revision = 99;
  stats.sinks.push_back({ledger::Sink{2, "new", "data_%Y", 40, false}, ledger::SinkCounts{5, 2, 1}});
  stats.sinks.push_back({ledger::Sink{1, "old", "data_%Y", 10, false}, ledger::SinkCounts{9, 9, 9}});
  const auto board = board_of(stats);
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

TEST(BoardOfALedger, HasNoSinkWhereNoneWasEverOpened) { EXPECT_FALSE(board_of(ledger::Stats{}).sink); }

}  // namespace
}  // namespace mentiond
