// Design section 1, "Collect: gaps": a test a rule.
#include "poller_story.h"

namespace mentiond::xapi {
namespace {

using namespace testing;

TEST(SearchPoller, TheVeryFirstWalkHasNoLowerEnd) {
  Story story;
  story.publish(5);
  story.poll();
  ASSERT_EQ(story.requests.size(), 1U);
  EXPECT_FALSE(story.requests[0].request.since_id);
  EXPECT_FALSE(story.requests[0].request.until_id);
  EXPECT_EQ(story.requests[0].request.query, "AWS Marketplace");
  EXPECT_TRUE(story.has_all());
  EXPECT_EQ(story.state().cursor, *story.xs[0].posts.begin());
}

TEST(SearchPoller, ANewWalkGoesDownToTheCursorLessTheOverlap) {
  Story story;
  story.publish(5);
  story.poll();
  const TweetId cursor = *story.state().cursor;
  story.poll();
  EXPECT_EQ(story.requests.back().request.since_id, TweetId::at(cursor.time() - 2min));
  EXPECT_FALSE(story.requests.back().request.until_id);
}

TEST(SearchPoller, PostsThatEnterTheIndexLateAreFoundWithinTheOverlap) {
  Story story;
  story.publish(5, 1min);
  story.poll();
  story.xs[0].posts.insert(id_at(story.state().cursor->time() - 90s, 7));
  story.poll();
  EXPECT_TRUE(story.has_all());
}

TEST(SearchPoller, TheGapEntersTheLedgerWithItsFirstPageWithPosts) {
  Story story;
  story.publish(25);
  story.xs[0].empty_pages_first = 1;
  story.fetches(1);
  story.step();
  EXPECT_TRUE(story.state().gaps.empty()) << "an empty page gives no high end";
  story.fetches(2);
  story.step();
  ASSERT_EQ(story.state().gaps.size(), 1U);
  EXPECT_EQ(story.state().gaps[0].high, *story.stored().begin());
  EXPECT_EQ(story.state().gaps[0].pages_used, 1);
  EXPECT_EQ(story.state().cursor, *story.xs[0].posts.begin());
}

TEST(SearchPoller, EachPageLowersTheGapAndTheLastClosesIt) {
  Story story;
  story.publish(25);
  story.fetches(2);
  story.step();
  ASSERT_EQ(story.state().gaps.size(), 1U);
  EXPECT_EQ(story.state().gaps[0].high, *story.stored().begin());
  EXPECT_EQ(story.stored().size(), 20U);
  story.poll();
  EXPECT_TRUE(story.state().gaps.empty());
  EXPECT_TRUE(story.has_all());
}

TEST(SearchPoller, EveryPageRepeatsTheSameParameters) {
  Story story;
  story.publish(5);
  story.poll();
  story.pass(1h);
  story.publish(25);
  story.poll();
  ASSERT_EQ(story.requests.size(), 4U);
  for (std::size_t i = 2; i < 4; ++i) {
    SearchRequest request = story.requests[i].request;
    EXPECT_FALSE(request.next_token.empty());
    request.next_token.clear();
    EXPECT_EQ(request, story.requests[1].request);
  }
}

TEST(SearchPoller, AnEmptyPageMayCarryATokenAndDoesNotEndTheWalk) {
  Story story;
  story.publish(25);
  story.xs[0].empty_pages_first = 3;
  story.poll();
  EXPECT_TRUE(story.has_all());
}

TEST(SearchPoller, EmptyPagesDoNotCountTowardsMaxPages) {
  Story story;
  story.options.max_pages = 3;
  story.restart();
  story.publish(30);
  story.xs[0].empty_pages_first = 20;
  story.poll();
  EXPECT_TRUE(story.has_all());
}

TEST(SearchPoller, FiftyEmptyPagesInARowEndTheWalkAsARetry) {
  Story story;
  story.publish(5);
  story.xs[0].empty_pages_first = 1000;
  story.fetches(50);
  EXPECT_TRUE(story.told<WalkEnded>().empty());
  story.step();
  ASSERT_EQ(story.told<WalkEnded>().size(), 1U);
  EXPECT_EQ(story.told<WalkEnded>()[0].end, Walk::End::empty_pages);
  EXPECT_FALSE(story.state().last_success);
  story.xs[0].empty_pages_first = 0;
  const Time failed = story.now.wall;
  story.fetches(51);
  EXPECT_LE(story.now.wall - failed, 5min) << "it comes again after the backoff, not after a whole period";
  EXPECT_TRUE(story.requests.back().request.next_token.empty());
}

TEST(SearchPoller, FiftyEmptyPagesOnAnOpenGapGoOnByUntilId) {
  Story story;
  story.publish(25);
  story.fetches(1);
  for (int i = 0; i < 50; ++i) story.script.push_back(empty_page("more"));
  story.fetches(51);
  story.step();
  ASSERT_EQ(story.state().gaps.size(), 1U);
  const TweetId high = story.state().gaps[0].high;
  story.poll();
  EXPECT_TRUE(std::ranges::any_of(story.requests, [&](const Fetch& f) { return f.request.until_id == high; }));
  EXPECT_TRUE(story.has_all());
  EXPECT_TRUE(story.state().gaps.empty());
}

TEST(SearchPoller, ABoundedWalkLeavesAnOpenGapForLaterPolls) {
  Story story;
  story.publish(5, 30min);
  story.poll();
  story.options.max_pages = 2;
  story.restart();
  story.pass(1h);
  story.publish(50, 1min, 10s);
  const auto before = story.requests.size();
  story.poll();
  EXPECT_EQ(story.requests.size() - before, 2U) << "what the poll's own gap left over is not old in that poll";
  ASSERT_EQ(story.state().gaps.size(), 1U);
  EXPECT_TRUE(story.state().last_success) << "a bounded walk ended well";
  story.check_promise();
  story.poll();
  story.poll();
  EXPECT_TRUE(story.has_all());
  EXPECT_TRUE(story.state().gaps.empty());
}

TEST(SearchPoller, OlderGapsAreWalkedNewestFirstWithinMaxPages) {
  Story story;
  story.publish(60, 1h, 1min);
  const auto at = [&](int index) { return *std::next(story.xs[0].posts.begin(), index); };
  story.ledger.states[0].cursor = at(0);
  story.ledger.states[0].gaps = {Gap{2, at(30), at(9), 1}, Gap{1, at(59), at(40), 1}};
  story.options.max_pages = 3;
  story.restart();
  story.poll();
  ASSERT_GE(story.requests.size(), 4U);
  EXPECT_EQ(story.requests[1].request.since_id, at(30));
  EXPECT_EQ(story.requests[1].request.until_id, at(9));
  EXPECT_EQ(story.requests.back().request.since_id, at(59));
  EXPECT_EQ(story.requests.size(), 1U + 3U) << "one for the new gap, then three pages with posts";
  ASSERT_EQ(story.state().gaps.size(), 1U);
  EXPECT_EQ(story.state().gaps[0].key, 1);
  EXPECT_EQ(story.state().gaps[0].high, at(50));
}

TEST(SearchPoller, AFailedNewWalkSpendsNothingOnOlderGaps) {
  Story story;
  story.publish(30, 1h);
  const auto at = [&](int index) { return *std::next(story.xs[0].posts.begin(), index); };
  story.ledger.states[0].cursor = at(0);
  story.ledger.states[0].gaps = {Gap{1, at(29), at(9), 1}};
  story.restart();
  story.script.push_back(BadQuery{"no"});
  story.poll();
  EXPECT_EQ(story.requests.size(), 1U);
}

TEST(SearchPoller, TheFirstWalksRemainderIsDroppedAndTold) {
  Story story;
  story.options.max_pages = 2;
  story.restart();
  story.publish(50);
  story.poll();
  EXPECT_EQ(story.requests.size(), 2U);
  EXPECT_TRUE(story.state().gaps.empty());
  EXPECT_TRUE(story.ledger.losses[0].empty());
  ASSERT_EQ(story.told<FirstWalkDropped>().size(), 1U);
  EXPECT_EQ(story.told<FirstWalkDropped>()[0].below, *story.stored().begin());
  EXPECT_EQ(story.state().cursor, *story.xs[0].posts.begin());
}

TEST(SearchPoller, AResumedFirstWalkSpendsOnlyWhatIsLeft) {
  Story story;
  story.options.max_pages = 3;
  story.restart();
  story.publish(90, 1min, 10s);
  story.fetches(2);
  story.step();
  ASSERT_EQ(story.state().gaps.size(), 1U);
  EXPECT_EQ(story.state().gaps[0].low, TweetId{});
  EXPECT_EQ(story.state().gaps[0].pages_used, 2);
  story.restart();
  story.poll();
  EXPECT_EQ(story.stored().size(), 30U);
  EXPECT_FALSE(story.requests.back().request.since_id);
  EXPECT_TRUE(story.state().gaps.empty());
  EXPECT_EQ(story.told<FirstWalkDropped>().size(), 1U);
}

TEST(SearchPoller, AFirstWalkThatUsedItsPagesIsDroppedWithoutAsking) {
  Story story;
  story.publish(5);
  story.ledger.states[0].cursor = *story.xs[0].posts.begin();
  story.ledger.states[0].gaps = {Gap{1, TweetId{}, *story.xs[0].posts.rbegin(), 10}};
  story.restart();
  story.poll();
  EXPECT_EQ(story.requests.size(), 1U);
  EXPECT_TRUE(story.state().gaps.empty());
  EXPECT_EQ(story.told<FirstWalkDropped>().size(), 1U);
}

TEST(SearchPoller, AQuietQuerysCursorFollowsXsDateAtADaysDistance) {
  Story story;
  story.poll();
  EXPECT_EQ(story.state().cursor, TweetId::at(story_begins - 24h));
}

TEST(SearchPoller, TheCursorIsTheNewestSeenWhereThatIsGreater) {
  Story story;
  story.publish(1, 2h);
  story.poll();
  EXPECT_EQ(story.state().cursor, *story.xs[0].posts.begin());
}

TEST(SearchPoller, WithoutADateTheCursorIsNotRaised) {
  Story story;
  story.x_sends_date = false;
  story.poll();
  EXPECT_FALSE(story.state().cursor);
  EXPECT_TRUE(story.state().last_success);
}

TEST(SearchPoller, AQueryQuietForMonthsNeverGoesStale) {
  Story story;
  story.publish(1);
  story.options.queries[0].schedule.every = 12h;
  story.restart();
  story.run_for(24h * 90);
  EXPECT_TRUE(story.ledger.losses[0].empty());
  EXPECT_GT(story.requests.size(), 170U);
}

TEST(SearchPoller, GapsWhollyOutsideTheWindowAreClosedAndCountedBeforePagesAreSpent) {
  Story story;
  const TweetId low = id_at(story_begins - 10 * 24h);
  const TweetId high = id_at(story_begins - 8 * 24h);
  story.ledger.states[0].cursor = id_at(story_begins - 1h);
  story.ledger.states[0].gaps = {Gap{3, low, high, 1}};
  story.restart();
  story.poll();
  EXPECT_EQ(story.requests.size(), 1U);
  EXPECT_TRUE(story.state().gaps.empty());
  ASSERT_EQ(story.ledger.losses[0].size(), 1U);
  EXPECT_EQ(story.ledger.losses[0][0], (Loss{low, high}));
  EXPECT_EQ(story.lost(), 48h);
}

TEST(SearchPoller, WithoutXsDateNoGapIsCalledOld) {
  Story story;
  story.x_sends_date = false;
  story.ledger.states[0].cursor = id_at(story_begins - 1h);
  story.ledger.states[0].gaps = {Gap{3, id_at(story_begins - 10 * 24h), id_at(story_begins - 8 * 24h), 1}};
  story.restart();
  story.poll();
  EXPECT_GT(story.requests.size(), 1U) << "X itself is asked";
  EXPECT_EQ(story.lost(), 48h) << "and says that it is";
}

TEST(SearchPoller, APostThatCannotBeReadDoesNotFailItsPage) {
  Story story;
  GotPage unreadable = empty_page();
  unreadable.posts = 3;
  story.script.push_back(unreadable);
  story.poll();
  EXPECT_TRUE(story.state().last_success);
  EXPECT_EQ(story.requests.size(), 1U);
}

TEST(SearchPoller, ARestartAmongOlderGapsLeavesTheRestToTheNextPoll) {
  PollerOptions options = Story::one_query();
  options.max_pages = 4;
  Story story{options};
  story.poll();
  story.pass(3h);
  story.publish(75, 10min, 2min);
  story.poll();
  ASSERT_EQ(story.state().gaps.size(), 1U);
  const auto asked = story.requests.size();
  story.fetches(asked + 3);  // what is new, and two pages of the gap
  story.step();              // the second one is stored
  const Time last = *story.state().last_success;
  ASSERT_FALSE(story.has_all());
  story.restart();
  while (story.requests.size() < asked + 4 && story.step()) {
  }
  EXPECT_GE(story.now.wall, last + options.queries[0].schedule.every);
  story.poll();
  EXPECT_TRUE(story.has_all());
}

}  // namespace
}  // namespace mentiond::xapi
