#include "telemetry/deliver_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "event_rig.h"

namespace mentiond::telemetry {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

using DeliverEvents = EventTest;

TEST_F(DeliverEvents, ABulkCountsItsRequestItsItemsAndTheirFreshness) {
  board.sink.emplace();
  const std::array<std::pair<std::string_view, std::int64_t>, 2> items{{{"created", 8}, {"dead", 1}}};
  const std::array<Millis, 1> freshness{90s};
  BulkSent sent{.outcome = "ok", .items = items, .freshness = freshness, .docs = 9, .bytes = 100, .took = 500ms};
  sent.answered = true;
  EXPECT_EQ(told(sent), "") << "a bulk is told at debug only";
  EXPECT_EQ(metric(R"(mentiond_bulk_requests_total{outcome="ok"})"), "1");
  EXPECT_EQ(metric(R"(mentiond_bulk_items_total{outcome="created"})"), "8");
  EXPECT_EQ(metric(R"(mentiond_bulk_items_total{outcome="dead"})"), "1");
  EXPECT_EQ(metric("mentiond_bulk_seconds_sum"), "0.5");
  EXPECT_EQ(metric("mentiond_freshness_seconds_sum"), "90");
  EXPECT_TRUE(board.sink->answers);
}

TEST_F(DeliverEvents, AStepOfDeliveryBringsTheBoardAndTheGaugesUpToDate) {
  board.sink.emplace();
  told(PositionMoved{
      .settled_revision = 40, .last_revision = 99, .pending = 7, .held = 2, .dead = 1, .delivered_at = then});
  EXPECT_EQ(board.sink->settled_revision, 40U);
  EXPECT_EQ(board.sink->last_success, then);
  EXPECT_EQ(board.ledger.pending, 7);
  EXPECT_EQ(board.ledger.held, 2);
  EXPECT_EQ(board.ledger.dead_letters, 1);
}

TEST_F(DeliverEvents, APausedSinkIsToldOnceWithItsRemedy) {
  board.sink.emplace();
  const std::string line = told(SinkPaused{.reason = "flood_stage",
                                           .type = "cluster_block_exception",
                                           .status = 429,
                                           .said = "disk usage exceeded",
                                           .template_json = {},
                                           .now = then});
  EXPECT_THAT(line, StartsWith("<3>level=error event=paused half=deliver reason=flood_stage status=429"));
  EXPECT_THAT(line, HasSubstr("disk usage exceeded; free disk space on the cluster"));
  EXPECT_EQ(metric(R"(mentiond_paused{half="deliver",reason="flood_stage"})"), "1");
  told(SinkResumed{"flood_stage"});
  EXPECT_EQ(metric(R"(mentiond_paused{half="deliver",reason="flood_stage"})"), "0");
  EXPECT_TRUE(board.pauses.empty());
}

TEST_F(DeliverEvents, ASinkThatCannotBeReachedDoesNotAnswer) {
  board.sink.emplace().answers = true;
  told(SinkPaused{
      .reason = "unreachable", .type = {}, .status = 0, .said = "refused", .template_json = {}, .now = then});
  EXPECT_FALSE(board.sink->answers);
}

TEST_F(DeliverEvents, EveryReasonHasARemedy) {
  for (const auto* const reason : {"auth", "template", "flood_stage", "refused", "other_writer", "unreachable",
                                   "shard_limit", "read_only", "closed", "not_found", "overloaded", "drift"}) {
    told(GroupHeld{.reason = reason, .index = "i", .type = "t", .status = 403, .said = "s", .now = then});
    EXPECT_GT(board.pauses.back().detail.size(), std::string{"t: s; "}.size()) << reason;
  }
}

TEST_F(DeliverEvents, AHeldIndexIsPausedUntilTheLastOfItsReasonIsReleased) {
  for (const auto* const index : {"a", "b"}) {
    told(GroupHeld{.reason = "read_only", .index = index, .type = "t", .status = 403, .said = {}, .now = then});
  }
  EXPECT_THAT(told(GroupReleased{"read_only", "a"}),
              StartsWith("<6>level=info event=released reason=read_only index=a"));
  EXPECT_EQ(metric(R"(mentiond_paused{half="deliver",reason="read_only"})"), "1");
  told(GroupReleased{"read_only", "b"});
  EXPECT_EQ(metric(R"(mentiond_paused{half="deliver",reason="read_only"})"), "0");
}

TEST_F(DeliverEvents, DeadLettersOfATypeAreToldEverMoreRarely) {
  int lines = 0;
  for (std::int64_t nth = 1; nth <= 100; ++nth)
    lines += told(DeadLettered{TweetId{1}, "i", "mapper", nth}).empty() ? 0 : 1;
  EXPECT_EQ(lines, 7) << "1, 2, 4, 8, 16, 32, 64";
}

TEST_F(DeliverEvents, WhatPruningTookFromANewSinkIsAWarningAndCounted) {
  EXPECT_THAT(told(PrunedPassed{12}), StartsWith("<4>level=warn event=pruned_passed rows=12"));
  EXPECT_EQ(metric("mentiond_pruned_passed_total"), "12");
}

}  // namespace
}  // namespace mentiond::telemetry
