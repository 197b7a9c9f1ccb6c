#include "telemetry/reconfigured.h"

#include "telemetry/collect_events.h"
#include "unit/telemetry/event_rig.h"

namespace mentiond::telemetry {
namespace {

using ReconfiguredTest = EventTest;

TEST_F(ReconfiguredTest, NobodyWaitsForAQueryThatIsAskedNoMore) {
  for (const char* query : {"aws", "gone"}) {
    board.queries[query];
    metrics.count(Counter::tweets_received, query, 3);
    for (const auto gauge : {Gauge::open_gaps, Gauge::last_poll_success_timestamp_seconds, Gauge::parked}) {
      metrics.set(gauge, query, 1);
    }
  }
  EXPECT_EQ(told(Reconfigured{.queries = {"aws"}, .pattern = {}}), "");
  EXPECT_TRUE(board.queries.contains("aws"));
  EXPECT_FALSE(board.queries.contains("gone"));
  for (const std::string gauge :
       {"mentiond_open_gaps", "mentiond_last_poll_success_timestamp_seconds", "mentiond_parked"}) {
    EXPECT_EQ(metric(gauge + R"({query="aws"})"), "1") << gauge;
    EXPECT_EQ(metric(gauge + R"({query="gone"})"), "") << gauge;
  }
  EXPECT_EQ(metric(R"(mentiond_tweets_received_total{query="gone"})"), "3") << "a total stays";
  metrics.set(Gauge::parked, "gone", 1);
  EXPECT_EQ(metric(R"(mentiond_parked{query="gone"})"), "1") << "asked again";
}

TEST_F(ReconfiguredTest, WhatHeldTheOldHalvesUpIsOver) {
  told(CollectPaused{.reason = "auth", .detail = "401", .since = then, .until = {}});
  told(Reconfigured{.queries = {}, .pattern = "cloud"});
  EXPECT_TRUE(board.pauses.empty());
  EXPECT_EQ(metric(R"(mentiond_paused{half="collect",reason="auth"})"), "0");
  board.ledger.pending = board.ledger.held = 5;
  told(Reconfigured{.queries = {}, .pattern = "cloud"});
  EXPECT_EQ(board.ledger.pending, 5) << "the same rows wait";
  EXPECT_EQ(board.sink->pattern, "cloud");
  EXPECT_FALSE(board.sink->answers);
}

TEST_F(ReconfiguredTest, WithoutASinkNothingIsPending) {
  board.sink.emplace();
  board.ledger.pending = board.ledger.held = 5;
  for (const auto gauge : {Gauge::ledger_pending, Gauge::held}) metrics.set(gauge, 5);
  told(Reconfigured{});
  EXPECT_FALSE(board.sink);
  EXPECT_EQ(board.ledger.pending + board.ledger.held, 0);
  EXPECT_EQ(metric("mentiond_ledger_pending"), "0");
  EXPECT_EQ(metric("mentiond_held"), "0");
}

}  // namespace
}  // namespace mentiond::telemetry
