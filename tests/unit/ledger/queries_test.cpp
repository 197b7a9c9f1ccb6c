#include "unit/ledger/fixture.h"

namespace mentiond::ledger {
namespace {

using xapi::Gap;
using xapi::Loss;
using LedgerQueries = LedgerTest;

Gap gap(std::int64_t key, std::uint64_t low, std::uint64_t high, int pages = 1) {
  return {key, TweetId{low}, TweetId{high}, pages};
}
PageBuilder change(const xapi::Query& query, xapi::QueryChange change) {
  PageBuilder builder{query};
  builder.page().change = std::move(change);
  builder.page().billed_request = false;
  return builder;
}

TEST_F(LedgerQueries, AQueryNeverWalkedHasAnEmptyState) {
  const std::vector queries{aws, gcp};
  const auto loaded = must(ledger_->load_queries(queries));
  ASSERT_EQ(loaded.states.size(), 2U);
  EXPECT_EQ(loaded.states[0], xapi::QueryState{});
}

TEST_F(LedgerQueries, CursorGapsAndLastSuccessSurviveInTheirQuerysPlace) {
  xapi::QueryChange first;
  first.put = gap(1, 100, 200);
  first.cursor = TweetId{300};
  append(change(aws, first));
  xapi::QueryChange second;
  second.put = gap(2, 400, 500, 3);
  second.succeeded = noon;
  append(change(aws, second));
  reopen();
  const std::vector queries{gcp, aws};
  const auto loaded = must(ledger_->load_queries(queries));
  EXPECT_EQ(loaded.states[0], xapi::QueryState{});
  xapi::QueryState expected;
  expected.cursor = TweetId{300};
  expected.gaps = {gap(2, 400, 500, 3), gap(1, 100, 200)};
  expected.last_success = noon;
  EXPECT_EQ(loaded.states[1], expected);
  EXPECT_TRUE(loaded.losses.empty());
}

TEST_F(LedgerQueries, AGapIsReplacedByItsKeyAndClosed) {
  xapi::QueryChange put;
  put.put = gap(1, 100, 200);
  append(change(aws, put));
  put.put = gap(1, 100, 150, 2);
  append(change(aws, put));
  const std::vector queries{aws};
  EXPECT_EQ(must(ledger_->load_queries(queries)).states[0].gaps, (std::vector{gap(1, 100, 150, 2)}));
  xapi::QueryChange close;
  close.close = 1;
  append(change(aws, close));
  EXPECT_TRUE(must(ledger_->load_queries(queries)).states[0].gaps.empty());
}

TEST_F(LedgerQueries, ACursorNeverFalls) {
  xapi::QueryChange up;
  up.cursor = TweetId{300};
  append(change(aws, up));
  xapi::QueryChange down;
  down.cursor = TweetId{200};
  append(change(aws, down));
  const std::vector queries{aws};
  EXPECT_EQ(must(ledger_->load_queries(queries)).states[0].cursor, TweetId{300});
}

TEST_F(LedgerQueries, NewTextUnderAnOldNameStartsAnewAndItsGapsAreLosses) {
  xapi::QueryChange put;
  put.put = gap(1, 100, 200);
  put.cursor = TweetId{300};
  append(change(aws, put));
  const std::vector queries{xapi::Query{"aws", "another text", "AWS"}};
  const auto loaded = must(ledger_->load_queries(queries));
  EXPECT_EQ(loaded.states[0], xapi::QueryState{});
  ASSERT_EQ(loaded.losses.size(), 1U);
  EXPECT_EQ(loaded.losses[0].first, "aws");
  EXPECT_EQ(loaded.losses[0].second, (Loss{TweetId{100}, TweetId{200}}));
  EXPECT_TRUE(must(ledger_->load_queries(queries)).losses.empty());
  EXPECT_EQ(BackDoor{path_}.number("SELECT count(*) FROM loss"), 1);
}

TEST_F(LedgerQueries, TheOpenEndOfAFirstWalkHasNoLength) {
  xapi::QueryChange put;
  put.put = gap(1, 0, 200);
  append(change(aws, put));
  const std::vector queries{gcp};
  const auto losses = must(ledger_->load_queries(queries)).losses;
  ASSERT_EQ(losses.size(), 1U);
  EXPECT_EQ(losses[0].second.length(), Millis{0});
}

TEST_F(LedgerQueries, ALossCommitsWithItsPage) {
  xapi::QueryChange lost;
  lost.loss = Loss{TweetId{100}, TweetId{200}};
  append(change(aws, lost));
  EXPECT_EQ(BackDoor{path_}.text("SELECT low || '-' || high FROM loss"), "100-200");
}

TEST_F(LedgerQueries, ParkingIsRemembered) {
  must(ledger_->set_parked(aws, noon));
  const std::vector queries{aws};
  EXPECT_EQ(must(ledger_->load_queries(queries)).states[0].parked_since, noon);
  must(ledger_->set_parked(aws, std::nullopt));
  EXPECT_EQ(must(ledger_->load_queries(queries)).states[0].parked_since, std::nullopt);
}

TEST_F(LedgerQueries, AChangeOfStateAloneIsNoRequest) {
  xapi::QueryChange up;
  up.cursor = TweetId{300};
  append(change(aws, up));
  EXPECT_EQ(must(ledger_->metered_since(Day{})).requests, 0);
}

TEST_F(LedgerQueries, SmallThingsAreRememberedAcrossRestarts) {
  EXPECT_EQ(must(ledger_->recall("vocabulary")), std::nullopt);
  must(ledger_->remember("vocabulary", "tweet"));
  must(ledger_->remember("vocabulary", "post"));
  must(ledger_->remember("empty", ""));
  reopen();
  EXPECT_EQ(must(ledger_->recall("vocabulary")), "post");
  EXPECT_EQ(must(ledger_->recall("empty")), "");
}

}  // namespace
}  // namespace mentiond::ledger
