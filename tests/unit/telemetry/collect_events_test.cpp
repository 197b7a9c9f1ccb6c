#include "telemetry/collect_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "event_rig.h"

namespace mentiond::telemetry {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

using CollectEvents = EventTest;

TEST_F(CollectEvents, APageCountsItsTweetsPairsDuplicatesAndItsBill) {
  PageStored page;
  page.query = "aws";
  page.cloud = "AWS";
  page.posts = 100;
  page.new_pairs = 60;
  page.duplicates = 40;
  page.billed_posts = 70;
  EXPECT_EQ(told(page), "") << "a page is told at debug only";
  EXPECT_EQ(metric(R"(mentiond_tweets_received_total{query="aws"})"), "100");
  EXPECT_EQ(metric(R"(mentiond_tweets_new_total{cloud="AWS"})"), "60");
  EXPECT_EQ(metric(R"(mentiond_tweets_duplicate_total{query="aws"})"), "40");
  EXPECT_EQ(metric("mentiond_posts_billed_total"), "70");
  EXPECT_EQ(board.new_by_cloud.at("AWS"), 60);
}

TEST_F(CollectEvents, AnAnswerOfXCountsByItsOutcomeAndShowsTheRateLimit) {
  told(XAnswered{"aws", "rate_limited", 1500ms, 0, then});
  EXPECT_EQ(metric(R"(mentiond_x_requests_total{outcome="rate_limited",query="aws"})"), "1");
  EXPECT_EQ(metric("mentiond_x_request_seconds_sum"), "1.5");
  EXPECT_EQ(metric("mentiond_x_rate_limit_remaining"), "0");
  EXPECT_EQ(board.rate_limit_remaining, 0);
  EXPECT_EQ(board.rate_limit_reset, then);
}

TEST_F(CollectEvents, AWalksEndIsOneLine) {
  WalkDone done;
  done.query = "aws";
  done.end = "complete";
  done.pages = 3;
  done.fresh = 120;
  done.duplicates = 7;
  done.took = 1200ms;
  EXPECT_THAT(told(done), StartsWith("<6>level=info event=walk_done query=aws pages=3 new=120 dup=7 took=1.2s"));
}

TEST_F(CollectEvents, ALostGapIsAWarningThatNamesFromAndToAndIsCountedInSeconds) {
  board.queries["aws"].cloud = "AWS";
  const std::string line = told(GapLost{"aws", TweetId::at(then), TweetId::at(then + 1h), "older than X serves"});
  EXPECT_THAT(line, StartsWith("<4>level=warn event=gap_lost query=aws"));
  EXPECT_THAT(line, HasSubstr("from=2026-01-31T00:00:00.000Z to=2026-01-31T01:00:00.000Z"));
  EXPECT_EQ(metric(R"(mentiond_gap_seconds_total{query="aws"})"), "3600");
  EXPECT_EQ(board.queries.at("aws").seconds_lost, 3600);
}

TEST_F(CollectEvents, APauseIsToldShownAndTakenBack) {
  EXPECT_THAT(told(CollectPaused{"cap", "usage capped", then, std::nullopt}),
              StartsWith("<3>level=error event=paused half=collect reason=cap"));
  EXPECT_EQ(metric(R"(mentiond_paused{half="collect",reason="cap"})"), "1");
  ASSERT_EQ(board.pauses.size(), 1U);
  EXPECT_THAT(told(CollectResumed{"cap"}), StartsWith("<6>level=info event=resumed half=collect reason=cap"));
  EXPECT_EQ(metric(R"(mentiond_paused{half="collect",reason="cap"})"), "0");
  EXPECT_TRUE(board.pauses.empty());
}

TEST_F(CollectEvents, AParkedQueryIsToldShownAndTakenBack) {
  EXPECT_THAT(told(QueryParked{"aws", "no such operator"}), StartsWith("<3>level=error event=parked query=aws"));
  EXPECT_EQ(metric(R"(mentiond_parked{query="aws"})"), "1");
  EXPECT_THAT(told(QueryUnparked{"aws"}), StartsWith("<6>level=info event=unparked query=aws"));
  EXPECT_EQ(metric(R"(mentiond_parked{query="aws"})"), "0");
}

TEST_F(CollectEvents, AQuerysCountersStandAt0BeforeAnythingHappened) {
  QueryStanding standing;
  standing.query = "aws";
  standing.cloud = "AWS";
  standing.gaps.resize(2);
  told(standing);
  for (const std::string name :
       {"tweets_received", "tweets_duplicate", "gap_seconds", "partial_errors", "unparsed_posts"}) {
    EXPECT_EQ(metric("mentiond_" + name + R"(_total{query="aws"})"), "0") << name;
  }
  EXPECT_EQ(metric(R"(mentiond_tweets_new_total{cloud="AWS"})"), "0");
  EXPECT_EQ(metric(R"(mentiond_open_gaps{query="aws"})"), "2");
  EXPECT_EQ(metric(R"(mentiond_last_poll_success_timestamp_seconds{query="aws"})"), "") << "not known yet is no zero";
}

}  // namespace
}  // namespace mentiond::telemetry
