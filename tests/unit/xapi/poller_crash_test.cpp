// The promise under fire: crashes between any two steps, long outages, and the page that is asked for ahead.
#include <random>

#include "poller_story.h"

namespace mentiond::xapi {
namespace {

using namespace testing;

TEST(SearchPoller, ACrashBetweenAnyTwoStepsRepeatsTweetsAndSkipsNone) {
  for (int crash_after = 1; crash_after < 40; ++crash_after) {
    Story story;
    story.publish(35);
    story.poll();
    story.pass(1h);
    story.publish(62);
    for (int steps = 0; steps < crash_after; ++steps) story.step();
    story.restart();
    story.check_promise();
    story.run_for(1h);
    EXPECT_TRUE(story.has_all()) << "crashed after " << crash_after << " steps";
    EXPECT_TRUE(story.state().gaps.empty());
    EXPECT_TRUE(story.ledger.losses[0].empty());
  }
}

TEST(SearchPoller, RandomTroubleNeverBreaksThePromise) {
  for (unsigned seed = 0; seed < 25; ++seed) {
    std::mt19937 dice{seed};
    const auto chance = [&dice](int percent) { return static_cast<int>(dice() % 100) < percent; };
    PollerOptions options = Story::two_queries();
    options.max_pages = 6;
    options.queries[1].schedule.every = 40min;
    Story story{options};
    // A first walk that reads everything, so that the promise covers all that follows.
    story.poll();
    story.trouble = [&](const Fetch&) -> std::optional<Reply> {
      if (!chance(25)) return std::nullopt;
      const auto date = chance(50) ? std::optional{story.now.wall} : std::nullopt;
      const std::vector<Answer> troubles{Retry{"503"},         RateLimited{},       TooManyRequests{}, BadNextToken{},
                                         BadQuery{"no"},       AuthFailed{401, ""}, Capped{},          Retry{"cut"},
                                         WrongVocabulary{"x"}, Retry{"html"}};
      return answered(troubles[dice() % troubles.size()], date);
    };
    for (int hour = 0; hour < 60; ++hour) {
      // No later than the overlap allows.
      story.publish(static_cast<int>(dice() % 40), 20s, 3s, dice() % 2);
      if (chance(10)) story.full_commits = 2;
      story.run_for(Millis{static_cast<std::int64_t>(dice() % 3'600'000)});
      if (chance(30)) story.restart();
      ASSERT_NO_FATAL_FAILURE(story.check_promise()) << "seed " << seed << " hour " << hour;
    }
    story.trouble = nullptr;
    story.run_for(48h);
    EXPECT_TRUE(story.has_all(0)) << "seed " << seed;
    EXPECT_TRUE(story.has_all(1)) << "seed " << seed;
  }
}

TEST(SearchPoller, ADayOfXDownLosesNothing) {
  Story story;
  story.publish(5);
  story.poll();
  story.trouble = [](const Fetch&) { return answered(Retry{"connect: refused"}); };
  for (int hour = 0; hour < 24; ++hour) {
    story.run_for(1h);
    story.publish(2, 1min);
  }
  const auto asked = story.requests.size();
  EXPECT_LT(asked, 1000U) << "it does not hammer";
  story.trouble = nullptr;
  story.run_for(15min);
  EXPECT_TRUE(story.has_all());
  EXPECT_TRUE(story.ledger.losses[0].empty());
}

TEST(SearchPoller, TenDaysOfXDownAreACountedLossAndNoMore) {
  Story story;
  story.publish(5);
  story.poll();
  const Time down = story.now.wall;
  story.trouble = [](const Fetch&) { return answered(Retry{"connect: refused"}); };
  story.run_for(24h * 10);
  story.publish(5);
  story.trouble = nullptr;
  story.run_for(1h);
  story.check_promise();
  EXPECT_TRUE(story.has_all());
  EXPECT_GE(story.lost(), story.now.wall - down - 7 * 24h - 2h);
  EXPECT_LE(story.lost(), story.now.wall - down - 7 * 24h + 1h);
}

TEST(SearchPoller, TheNextPageMayBeAskedForWhileThisOneIsCommitted) {
  Story story;
  story.publish(25);
  story.fetches(1);
  const Step kept = story.poller->next(story.now);
  ASSERT_TRUE(std::get<Keep>(kept).ahead);
  const Fetch ahead = *std::get<Keep>(kept).ahead;
  story.fetches(2);
  EXPECT_EQ(story.requests[1].ticket, ahead.ticket);
  EXPECT_EQ(story.requests[1].request, ahead.request);
}

TEST(SearchPoller, TheLastPageOfAWalkNamesNothingAhead) {
  Story story;
  story.publish(5);
  story.fetches(1);
  EXPECT_FALSE(std::get<Keep>(story.poller->next(story.now)).ahead);
}

TEST(SearchPoller, APageAskedForAheadIsUsedOnceThisOneIsStored) {
  Story story;
  story.publish(25);
  story.fetches(1);
  const Fetch ahead = *std::get<Keep>(story.poller->next(story.now)).ahead;
  story.full_commits = 3;
  story.fetches(2);
  EXPECT_EQ(story.requests[1].ticket, ahead.ticket);
  EXPECT_EQ(story.stored().size(), 10U);
}

TEST(SearchPoller, NothingIsAskedForAheadThatTheBudgetMightNotAllow) {
  PollerOptions options = Story::one_query();
  options.budget.posts_per_month = 19;
  Story story{options};
  story.publish(25);
  story.fetches(1);
  EXPECT_FALSE(std::get<Keep>(story.poller->next(story.now)).ahead);
}

}  // namespace
}  // namespace mentiond::xapi
