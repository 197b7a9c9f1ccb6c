// Standing still: caps, budget, disk, backpressure, schedules, once-mode and stopping.
#include "poller_story.h"

namespace mentiond::xapi {
namespace {

using namespace testing;

TEST(SearchPoller, ACapPausesUntilTheNextUtcDayOfX) {
  Story story;
  story.publish(25);
  story.fetches(1);
  story.script = {Capped{Capped::By::credits, {}}};
  story.fetches(3);
  EXPECT_GE(story.now.wall, *parse_iso8601("2026-08-11T00:00:00Z"));
  EXPECT_LE(story.now.wall, *parse_iso8601("2026-08-11T00:01:00Z"));
  ASSERT_EQ(story.told<PauseBegan>().size(), 1U);
  EXPECT_EQ(story.told<PauseBegan>()[0].reason, PauseReason::credits);
  story.poll();
  EXPECT_EQ(story.told<PauseEnded>().size(), 1U);
  EXPECT_TRUE(story.has_all()) << "polling went on by the gap";
}

TEST(SearchPoller, ASpendCapPausesUntilTheDateGiven) {
  Story story;
  story.script = {Capped{Capped::By::spend_cap, parse_day("2026-08-14")}};
  story.fetches(2);
  EXPECT_GE(story.now.wall, *parse_iso8601("2026-08-14T00:00:00Z"));
  EXPECT_LE(story.now.wall, *parse_iso8601("2026-08-14T00:01:00Z"));
}

TEST(SearchPoller, ACapWithADateGoneByLastsUntilTheNextUtcDay) {
  Story story;
  story.script = {Capped{Capped::By::spend_cap, parse_day("2026-08-01")}};
  story.fetches(2);
  EXPECT_GE(story.now.wall, *parse_iso8601("2026-08-11T00:00:00Z"));
  EXPECT_LE(story.now.wall, *parse_iso8601("2026-08-11T00:01:00Z"));
}

TEST(SearchPoller, ARestartKeepsThePause) {
  Story story;
  story.script = {Capped{Capped::By::cap, {}}};
  story.fetches(1);
  story.step();
  ASSERT_TRUE(story.ledger.kept["pause"].starts_with("cap 2026-08-11T00:00"));
  story.restart();
  story.fetches(2);
  EXPECT_GE(story.now.wall, *parse_iso8601("2026-08-11T00:00:00Z"));
  EXPECT_EQ(story.ledger.kept["pause"], "");
}

TEST(SearchPoller, AKeptPauseThatIsOverOrUnreadableHoldsNothing) {
  for (const char* text :
       {"cap 2026-08-01T00:00:00.000Z", "nonsense", "cap tomorrow", "holiday 2026-09-01T00:00:00Z", ""}) {
    Story story;
    story.ledger.kept["pause"] = text;
    story.restart();
    story.fetches(1);
    EXPECT_EQ(story.now.wall, story_begins) << text;
  }
}

TEST(SearchPoller, TheBudgetIsAHardStopUntilItsNextMonth) {
  PollerOptions options = Story::one_query();
  options.budget.posts_per_month = 25;
  Story story{options};
  story.publish(90);
  story.poll();
  story.run_for(24h);
  EXPECT_LE(story.stored().size(), 25U);
  EXPECT_GE(story.stored().size(), 16U);
  ASSERT_EQ(story.told<PauseBegan>().size(), 1U);
  EXPECT_EQ(story.told<PauseBegan>()[0].reason, PauseReason::budget);
  story.run_for(24h * 21);
  EXPECT_EQ(story.told<PauseEnded>().size(), 1U);
  EXPECT_EQ(story.poller->budget().began(), *parse_day("2026-09-01"));
}

TEST(SearchPoller, NearTheBudgetsCapPagesShrinkAndTheWalkGoesOnByUntilId) {
  PollerOptions options = Story::one_query();
  options.page_size = 20;
  options.budget.posts_per_month = 35;
  Story story{options};
  story.publish(60);
  story.fetches(2);
  EXPECT_EQ(story.requests[0].request.max_results, 20);
  EXPECT_EQ(story.requests[1].request.max_results, 15);
  EXPECT_TRUE(story.requests[1].request.next_token.empty());
  EXPECT_TRUE(story.requests[1].request.until_id);
}

TEST(SearchPoller, ARestartDoesNotForgetWhatWasSpent) {
  PollerOptions options = Story::one_query();
  options.budget.posts_per_month = 25;
  Story story{options};
  story.publish(90);
  story.fetches(2);
  story.step();
  story.restart();
  story.run_for(1h);
  EXPECT_EQ(story.requests.size(), 2U);
}

TEST(SearchPoller, ReReadsWithinTheDayCostNothing) {
  PollerOptions options = Story::one_query();
  options.budget.posts_per_month = 30;
  Story story{options};
  story.publish(9);
  story.run_for(6h);
  EXPECT_GT(story.requests.size(), 20U);
  EXPECT_EQ(story.poller->budget().posts(), 9);
}

TEST(SearchPoller, TooManyPendingRowsHoldPollingAndSaySo) {
  Story story;
  story.publish(25);
  story.fetches(1);
  story.poller->set_backlog(1'000'001);
  story.run_for(10min);
  EXPECT_EQ(story.requests.size(), 2U) << "the second was on its way";
  EXPECT_EQ(story.stored().size(), 20U) << "what was read is kept";
  ASSERT_EQ(story.told<PauseBegan>().size(), 1U);
  EXPECT_EQ(story.told<PauseBegan>()[0].reason, PauseReason::backpressure);
  story.poller->set_backlog(1'000'000);
  story.poll();
  EXPECT_TRUE(story.has_all());
  EXPECT_EQ(story.told<PauseEnded>().size(), 1U);
}

TEST(SearchPoller, CollectStopsBelowItsShareOfFreeDisk) {
  constexpr std::int64_t mebi = 1024 * 1024;
  struct Case {
    std::int64_t free, total;
    bool polls;
  };
  // max(4 MiB, min(5 %, 1 GiB))
  for (const Case c : {Case{4 * mebi, 10 * mebi, true}, Case{4 * mebi - 1, 10 * mebi, false},
                       Case{50 * mebi, 1000 * mebi, true}, Case{49 * mebi, 1000 * mebi, false},
                       Case{1024 * mebi, 1'000'000 * mebi, true}, Case{1023 * mebi, 1'000'000 * mebi, false}}) {
    Story story;
    story.poller->set_space(c.free, c.total);
    story.run_for(1min);
    EXPECT_EQ(!story.requests.empty(), c.polls) << c.free << " of " << c.total;
    EXPECT_EQ(story.told<PauseBegan>().empty(), c.polls);
  }
}

TEST(SearchPoller, AFullDiskLosesNothingAndNoPageIsAskedAgain) {
  Story story;
  story.publish(25);
  story.fetches(2);
  story.full_commits = 3;
  story.poll();
  EXPECT_TRUE(story.has_all());
  EXPECT_EQ(story.requests.size(), 3U);
  ASSERT_EQ(story.told<PauseBegan>().size(), 1U);
  EXPECT_EQ(story.told<PauseBegan>()[0].reason, PauseReason::disk);
  EXPECT_EQ(story.told<PauseEnded>().size(), 1U);
}

TEST(SearchPoller, StoppingOnAFullDiskTriesThePageOnceMore) {
  for (const int full_commits : {1, 2}) {
    Story story;
    story.publish(5);
    story.fetches(1);
    story.full_commits = full_commits;
    ASSERT_TRUE(story.step());
    story.poller->stop();
    story.run_for(1min);
    EXPECT_EQ(story.exit, Exit::done);
    EXPECT_EQ(story.has_all(), full_commits == 1);
    EXPECT_TRUE(story.sleeps.empty());
  }
}

// It is on its way, or was served while the page before it waited for room.
TEST(SearchPoller, APageAskedForAheadIsStoredThoughNothingMoreMayBeAsked) {
  for (const bool once : {false, true}) {
    PollerOptions options = Story::one_query();
    options.once = once;
    Story story{options};
    story.publish(25);
    story.fetches(1);
    const Fetch ahead = *std::get<Keep>(story.poller->next(story.now)).ahead;
    story.poller->set_space(1, 1'000'000'000);
    story.poller->set_backlog(options.max_pending + 1);
    story.run_for(1h);
    ASSERT_EQ(story.requests.size(), 2U);
    EXPECT_EQ(story.requests[1].ticket, ahead.ticket);
    EXPECT_EQ(story.stored().size(), 20U);
    EXPECT_EQ(story.exit.has_value(), once);
  }
}

TEST(SearchPoller, WalksRunOneAtATime) {
  Story story{Story::two_queries()};
  story.publish(25);
  story.publish(25, 1min, 1s, 1);
  story.poll();
  std::vector<std::size_t> order;
  for (const Fetch& fetch : story.requests) order.push_back(fetch.query);
  EXPECT_EQ(order, (std::vector<std::size_t>{0, 0, 0, 1, 1, 1}));
}

TEST(SearchPoller, EveryQueryHasItsOwnPeriod) {
  PollerOptions options = Story::two_queries();
  options.queries[1].schedule.every = 30min;
  Story story{options};
  story.run_for(2h - 1s);
  EXPECT_EQ(std::ranges::count(story.requests, 0U, &Fetch::query), 8);
  EXPECT_EQ(std::ranges::count(story.requests, 1U, &Fetch::query), 4);
}

TEST(SearchPoller, ARestartWaitsForTheRestOfThePeriod) {
  Story story;
  story.poll();
  story.pass(5min - (story.now.wall - story_begins));
  story.restart();
  story.fetches(2);
  EXPECT_EQ(story.now.wall, story_begins + 15min);
}

TEST(SearchPoller, AMissedDailyAtRunsAtStart) {
  PollerOptions options = Story::one_query();
  options.queries[0].schedule.daily_at = 6h;
  Story story{options};
  story.ledger.states[0].last_success = story_begins - 30h;
  story.restart();
  story.fetches(1);
  EXPECT_EQ(story.now.wall, story_begins);
  story.fetches(2);
  EXPECT_EQ(story.now.wall, *parse_iso8601("2026-08-11T06:00:00Z"));
}

TEST(SearchPoller, SleepsAreCutSoThatTheWallIsLookedAtAgain) {
  PollerOptions options = Story::one_query();
  options.queries[0].schedule.every = 24h;
  Story story{options};
  story.run_for(23h);
  for (const Sleep& sleep : story.sleeps) EXPECT_EQ(sleep.why, Sleep::Why::schedule);
  EXPECT_GT(story.sleeps.size(), 80U);
}

TEST(SearchPoller, AWallClockThatJumpsDoesNotDisturbPeriods) {
  Story story;
  story.poll();
  story.now.wall -= 24h * 400;
  const SteadyTime began = story.now.steady;
  story.fetches(2);
  EXPECT_LE(story.now.steady - began, 15min);
}

TEST(SearchPoller, StopFinishesThePageInFlight) {
  Story story;
  story.publish(25);
  story.fetches(1);
  story.poller->stop();
  while (story.step()) {
  }
  EXPECT_EQ(story.exit, Exit::done);
  EXPECT_EQ(story.stored().size(), 20U) << "the next page was under way already: it is the page in flight";
  EXPECT_EQ(story.requests.size(), 2U);
}

TEST(SearchPoller, StopEndsASleep) {
  Story story;
  story.poll();
  story.poller->stop();
  EXPECT_FALSE(story.step());
  EXPECT_EQ(story.exit, Exit::done);
}

PollerOptions once(PollerOptions options) {
  options.once = true;
  return options;
}

TEST(SearchPollerOnce, MakesOneWalkAQueryWhateverTheSchedule) {
  Story story{once(Story::two_queries())};
  story.ledger.states[0].last_success = story_begins;
  story.ledger.states[1].last_success = story_begins;
  story.restart();
  story.run_for(24h);
  EXPECT_EQ(story.exit, Exit::done);
  EXPECT_EQ(story.requests.size(), 2U);
}

TEST(SearchPollerOnce, WaitsForRetries) {
  Story story{once(Story::one_query())};
  story.script = {Retry{"a"}, Retry{"b"}, Retry{"c"}};
  story.run_for(24h);
  EXPECT_EQ(story.exit, Exit::done);
}

TEST(SearchPollerOnce, GivesUpAfterFiveMinutesOfRetries) {
  Story story{once(Story::one_query())};
  story.trouble = [](const Fetch&) { return answered(Retry{"down"}); };
  story.run_for(24h);
  EXPECT_EQ(story.exit, Exit::unavailable);
  EXPECT_LE(story.now.wall, story_begins + 5min);
}

TEST(SearchPollerOnce, WaitsForOneResetAndNoMore) {
  Story story{once(Story::one_query())};
  story.script = {RateLimited{}};
  story.run_for(24h);
  EXPECT_EQ(story.exit, Exit::done);
  Story twice{once(Story::one_query())};
  twice.script = {RateLimited{}, RateLimited{}};
  twice.run_for(24h);
  EXPECT_EQ(twice.exit, Exit::unavailable);
}

TEST(SearchPollerOnce, DoesNotSitOutAPause) {
  Story capped{once(Story::two_queries())};
  capped.script = {Capped{}};
  capped.run_for(24h);
  EXPECT_EQ(capped.exit, Exit::unavailable);
  EXPECT_EQ(capped.requests.size(), 1U);
  EXPECT_TRUE(capped.ledger.kept.contains("pause"));

  capped.exit.reset();
  capped.restart();
  capped.run_for(1h);
  EXPECT_EQ(capped.exit, Exit::unavailable) << "a run within the pause asks nothing";
  EXPECT_EQ(capped.requests.size(), 1U);
}

TEST(SearchPollerOnce, ARefusedTokenIsOurFault) {
  Story story{once(Story::two_queries())};
  story.script = {AuthFailed{401, ""}};
  story.run_for(24h);
  EXPECT_EQ(story.exit, Exit::our_fault);
  EXPECT_EQ(story.requests.size(), 1U);
}

TEST(SearchPollerOnce, AQueryThatAloneIsRefusedIsOurFaultAndTheOthersAreWalked) {
  for (const int status : {403, 302, 404, 410}) {
    Story story{once(Story::two_queries())};
    story.publish(3, 1min, 1s, 1);
    story.script = {AuthFailed{status, "no"}};
    story.run_for(24h);
    EXPECT_EQ(story.exit, Exit::our_fault) << status;
    EXPECT_TRUE(story.has_all(1)) << status;
    EXPECT_EQ(story.now.wall, story_begins) << "and nobody waited";
  }
}

TEST(SearchPollerOnce, PagesWithoutPostsEndThatQueryAlone) {
  Story story{once(Story::two_queries())};
  story.publish(3, 1min, 1s, 1);
  story.trouble = [](const Fetch& fetch) {
    return fetch.query == 0 ? std::optional{answered(empty_page("more"))} : std::nullopt;
  };
  story.run_for(24h);
  EXPECT_EQ(story.exit, Exit::unavailable);
  EXPECT_TRUE(story.has_all(1));
  EXPECT_EQ(story.requests.size(), 51U);
}

TEST(SearchPollerOnce, AParkedQueryIsOurFaultAndTheOthersAreWalked) {
  Story story{once(Story::two_queries())};
  story.publish(3, 1min, 1s, 1);
  story.script = {BadQuery{"no"}};
  story.run_for(24h);
  EXPECT_EQ(story.exit, Exit::our_fault);
  EXPECT_TRUE(story.has_all(1));
}

TEST(SearchPollerOnce, AFullDiskIsTheLedgers) {
  Story story{once(Story::one_query())};
  story.publish(3);
  story.full_commits = 1;
  story.run_for(24h);
  EXPECT_EQ(story.exit, Exit::ledger);
  Story low{once(Story::one_query())};
  low.poller->set_space(1, 1'000'000'000);
  low.run_for(24h);
  EXPECT_EQ(low.exit, Exit::ledger);
}

}  // namespace
}  // namespace mentiond::xapi
