// What X says and cannot mean: ids out of place, clocks that jump, resets gone by.
#include "poller_story.h"

namespace mentiond::xapi {
namespace {

using namespace testing;

// The given page once, in place of X's, with these ids in front of its own.
void slip_in(Story& story, const std::vector<TweetId>& ids) {
  story.trouble = [&story, ids, done = false](const Fetch& fetch) mutable -> std::optional<Reply> {
    if (std::exchange(done, true)) return std::nullopt;
    Reply reply = story.xs[fetch.query].answer(fetch.request, story.now.wall);
    auto& page = std::get<GotPage>(reply.answer);
    page.ids.insert(page.ids.begin(), ids.begin(), ids.end());
    page.posts += ids.size();
    return reply;
  };
}

TEST(SearchPoller, AnIdBelowWhatWasAskedDoesNotCloseTheGap) {
  Story story;
  story.poll();
  story.publish(35);
  slip_in(story, {TweetId{7}, id_at(story_begins - 48h)});
  const auto before = story.requests.size();
  story.fetches(before + 1);
  story.step();
  ASSERT_EQ(story.state().gaps.size(), 1U);
  EXPECT_EQ(story.state().gaps[0].high, *std::next(story.xs[0].posts.begin(), 9));
  story.script = {BadNextToken{}};
  story.poll();
  EXPECT_TRUE(story.has_all()) << "the rest is asked for by the gap's high end";
}

TEST(SearchPoller, AnIdAboveWhatWasAskedMovesNothing) {
  Story story;
  const TweetId low = id_at(story_begins - 3h);
  const TweetId high = id_at(story_begins - 1h);
  story.ledger.states[0].cursor = high;
  story.ledger.states[0].gaps = {Gap{1, low, high, 1}};
  story.restart();
  story.publish(15, 90min);
  story.fetches(1);
  slip_in(story, {id_at(story_begins - 1min)});
  story.fetches(2);
  story.step();
  EXPECT_EQ(story.state().cursor, high);
}

TEST(SearchPoller, AnIdFromTheFutureDoesNotMoveTheCursor) {
  Story story;
  story.publish(5);
  slip_in(story, {id_at(story_begins + 6min), TweetId{TweetId::max_value}});
  story.poll();
  EXPECT_EQ(story.state().cursor, *story.xs[0].posts.begin());
  story.publish(1, -4min);
  story.poll();
  EXPECT_EQ(story.state().cursor, *story.xs[0].posts.begin()) << "X's clocks may differ by minutes";
}

TEST(SearchPoller, TheVeryFirstWalkIgnoresIdsOlderThanXServes) {
  Story story;
  story.publish(15);
  slip_in(story, {TweetId{7}, id_at(story_begins - Walk::window - 1min)});
  story.fetches(1);
  story.step();
  ASSERT_EQ(story.state().gaps.size(), 1U);
  EXPECT_EQ(story.state().gaps[0].high, *std::next(story.xs[0].posts.begin(), 9));
}

TEST(SearchPoller, APageOfImpossibleIdsAloneIsOneWithoutIds) {
  Story story;
  story.publish(5);
  GotPage odd = empty_page("e0");
  odd.posts = 2;
  odd.ids = {TweetId{7}, TweetId{TweetId::max_value}};
  story.script = {odd};
  story.poll();
  EXPECT_EQ(story.requests.size(), 2U) << "the walk goes on by the token";
  EXPECT_TRUE(story.has_all());
  EXPECT_EQ(story.state().cursor, *story.xs[0].posts.begin());
}

// A walk of a gap half outside X's window, whose last page is dated as `date` makes it of the time that it is. Returns
// where the window began then.
TweetId walk_a_stale_gap(Story& story, const std::function<std::optional<Time>(Time)>& date) {
  story.ledger.states[0].cursor = id_at(story_begins - 1h);
  story.ledger.states[0].gaps = {Gap{1, id_at(story_begins - 8 * 24h), id_at(story_begins - 5 * 24h), 1}};
  story.publish(1, 6 * 24h);
  story.restart();
  Time last;
  story.trouble = [&](const Fetch& fetch) -> std::optional<Reply> {
    story.pass(20s);
    last = story.now.wall;
    Reply reply = story.xs[fetch.query].answer(fetch.request, last);
    reply.date = last - 15s;  // it has been under way
    if (fetch.request.until_id && !fetch.request.since_id) reply.date = date(last);
    return reply;
  };
  story.poll();
  EXPECT_TRUE(story.state().gaps.empty());
  return id_at(last - Walk::window);
}

// What lies between the window's beginning and what was read is nobody's to know.
void expect_counted_up_to(const Story& story, TweetId id) {
  ASSERT_FALSE(story.ledger.losses[0].empty());
  EXPECT_EQ(story.ledger.losses[0].front().low, id_at(story_begins - 8 * 24h));
  EXPECT_GE(story.ledger.losses[0].back().high, id);
  EXPECT_LT(story.ledger.losses[0].back().high, *story.xs[0].posts.begin()) << "what was read is not lost";
}

TEST(SearchPoller, WhatLeftXsWindowIsCountedThoughTheLastPageBearsNoDate) {
  Story story;
  const TweetId begin = walk_a_stale_gap(story, [](Time) { return std::nullopt; });
  expect_counted_up_to(story, begin);
}

TEST(SearchPoller, WhatLeftXsWindowIsCountedThoughTheLastDateIsBehind) {
  Story story;
  const TweetId begin = walk_a_stale_gap(story, [](Time now) { return now - 5h; });
  expect_counted_up_to(story, begin);
}

TEST(SearchPoller, WhereNoDateTellsXsTimeAllBelowWhatWasReadIsCounted) {
  Story story;
  story.now.wall = story_begins - 48h;  // our clock is behind, and must not be the judge of what X still serves
  story.trouble = [&story](const Fetch& fetch) -> std::optional<Reply> {
    Reply reply = story.xs[fetch.query].answer(fetch.request, story_begins);
    reply.date.reset();
    if (std::holds_alternative<StaleSinceId>(reply.answer)) reply.answer = StaleSinceId{};
    return reply;
  };
  const TweetId low = id_at(story_begins - 8 * 24h);
  const TweetId read = id_at(story_begins - 6 * 24h);
  story.ledger.states[0].cursor = id_at(story_begins - 49h);
  story.ledger.states[0].gaps = {Gap{1, low, id_at(story_begins - 5 * 24h), 1}};
  story.xs[0].posts = {read};
  story.restart();
  story.poll();
  EXPECT_TRUE(story.state().gaps.empty());
  ASSERT_EQ(story.ledger.losses[0].size(), 1U);
  EXPECT_EQ(story.ledger.losses[0][0], (Loss{low, TweetId{read.value() - 1}}));
}

TEST(Throttle, ADateFarFromTheLastCountsOnceTheNextAgrees) {
  Throttle throttle;
  Now now{.wall = story_begins, .steady = SteadyTime{}};
  const auto far = story_begins + 24h * 30;
  throttle.note_date(story_begins, now);
  throttle.note_date(far, now);
  EXPECT_EQ(throttle.x_time(now), story_begins);
  now.steady += 1h;
  throttle.note_date(far + 2h, now);
  EXPECT_EQ(throttle.x_time(now), story_begins + 1h) << "they do not agree";
  throttle.note_date(far + 2h + 1min, now);
  EXPECT_EQ(throttle.x_time(now), far + 2h + 1min);
}

TEST(Throttle, TheFirstDateFarFromOurClockCountsOnceTheNextAgrees) {
  Throttle throttle;
  Now now{.wall = story_begins, .steady = SteadyTime{}};
  const auto far = story_begins + 24h * 10;
  throttle.note_date(far, now);
  EXPECT_FALSE(throttle.knows_x_time());
  EXPECT_EQ(throttle.x_time(now), far) << "days and waits go by it all the same";
  now.steady += 1h;
  throttle.note_date(far + 1h, now);
  EXPECT_TRUE(throttle.knows_x_time());
  EXPECT_EQ(throttle.x_time(now), far + 1h);
}

TEST(Throttle, ACapIsNotWaitedOutByOneDoubtfulDate) {
  Throttle throttle;
  const Now now{.wall = story_begins, .steady = SteadyTime{}};
  throttle.note_date(story_begins - 24h * 9, now);
  const Day reset = day_of(story_begins) + std::chrono::days{2};
  EXPECT_LE(throttle.cap_wait(reset, now, 0), 48h);
  EXPECT_LE(throttle.cap_wait(std::nullopt, now, 0), 24h);
}

TEST(Throttle, ADateThatTwoHaveCalledWrongIsNotTheLatestAnyMore) {
  Throttle throttle;
  const Now now{.wall = story_begins, .steady = SteadyTime{}};
  for (const auto date : {story_begins, story_begins + 24h * 30, story_begins + 24h * 30})
    throttle.note_date(date, now);
  EXPECT_EQ(throttle.latest_x_time(now), story_begins + 24h * 30);
  throttle.note_date(story_begins + 1s, now);
  EXPECT_EQ(throttle.latest_x_time(now), story_begins + 24h * 30) << "one word against two";
  throttle.note_date(story_begins + 1s, now);
  EXPECT_EQ(throttle.latest_x_time(now), story_begins + 1s);
}

TEST(SearchPoller, OneWrongDateAfterAStartPassesOverNothing) {
  Story story;
  story.publish(5);
  story.poll();
  const auto cursor = story.state().cursor;
  story.restart();
  story.trouble = [](const Fetch&) { return answered(empty_page(""), story_begins + 24h * 10); };
  story.poll();
  EXPECT_EQ(story.state().cursor, cursor);
}

TEST(Throttle, ADoubtIsForgottenOnceTheOldClockIsBack) {
  Throttle throttle;
  const Now now{.wall = story_begins, .steady = SteadyTime{}};
  throttle.note_date(story_begins, now);
  throttle.note_date(story_begins + 240h, now);
  throttle.note_date(story_begins, now);
  throttle.note_date(story_begins + 240h, now);
  EXPECT_EQ(throttle.x_time(now), story_begins);
}

TEST(Throttle, ResetsGoneByAreWaitedForLongerEachTime) {
  Throttle throttle;
  const Now now{.wall = story_begins, .steady = SteadyTime{}};
  const Reply late = answered(RateLimited{}, {}, story_begins - 1min);
  EXPECT_EQ(throttle.on_rate_limit(late, now, 0), 1s);
  EXPECT_EQ(throttle.on_rate_limit(late, now, 0), 2s);
  EXPECT_EQ(throttle.on_rate_limit(late, now, 0), 4s);
  for (int i = 0; i < 40; ++i) EXPECT_LE(throttle.on_rate_limit(late, now, 0.9), Throttle::longest_wait);
  EXPECT_EQ(throttle.on_rate_limit(late, now, 0), Throttle::longest_wait);
  throttle.on_page();
  EXPECT_EQ(throttle.on_rate_limit(late, now, 0), 1s);
}

TEST(SearchPoller, TheMonthOfXsDateIsReadFromTheLedger) {
  PollerOptions options = Story::one_query();
  options.budget.posts_per_month = 25;
  Story story{options};
  // Our clock is a month ahead; 20 posts were billed in X's month.
  for (std::uint64_t i = 0; i < 20; ++i) story.ledger.billed.emplace(day_of(story_begins), id_at(story_begins, i));
  story.now.wall = *parse_iso8601("2026-09-10T12:00:00Z");
  story.restart();
  EXPECT_EQ(story.poller->budget().posts(), 0);
  story.trouble = [](const Fetch&) { return answered(empty_page("e0"), story_begins); };
  story.run_for(1h);
  // A second date is wanted before one so far off ours is believed.
  EXPECT_EQ(story.requests.size(), 2U) << "20 of 25 are used: no page of ten is left";
  EXPECT_EQ(story.poller->budget().began(), *parse_day("2026-08-01"));
  EXPECT_EQ(story.poller->budget().posts(), 20);
}

TEST(SearchPoller, ADateThatGoesBackOverTheMonthsEndZeroesNothing) {
  Story story;
  story.now.wall = *parse_iso8601("2026-09-01T00:00:02Z");
  story.ledger.billed.emplace(*parse_day("2026-08-31"), TweetId{1});
  story.ledger.billed.emplace(*parse_day("2026-09-01"), TweetId{2});
  story.restart();
  EXPECT_EQ(story.poller->budget().posts(), 1);
  story.trouble = [](const Fetch&) { return answered(empty_page("e0"), parse_iso8601("2026-08-31T23:59:59Z")); };
  story.fetches(3);
  EXPECT_EQ(story.poller->budget().posts(), 2);
}

TEST(SearchPoller, AMeterThatCannotBeReadIsReadAgainBeforeAnythingIsAsked) {
  Story story;
  const Now later{.wall = *parse_iso8601("2026-09-10T12:00:00Z"), .steady = story.now.steady};
  ASSERT_TRUE(std::holds_alternative<LoadMeter>(story.poller->next(later)));
  story.poller->on_full(later, "ledger x: database is locked");
  const Step rest = story.poller->next(later);
  ASSERT_TRUE(std::holds_alternative<Sleep>(rest));
  const auto events = story.poller->take_events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(std::get<PauseBegan>(events[0]).detail, "ledger x: database is locked");
  const Now then{later.wall + 10s, later.steady + 10s};
  ASSERT_TRUE(std::holds_alternative<LoadMeter>(story.poller->next(then)));
  story.poller->on_metered(3, 0, then);
  EXPECT_TRUE(std::holds_alternative<Fetch>(story.poller->next(then)));
  EXPECT_EQ(story.poller->budget().posts(), 3);
}

TEST(SearchPoller, OneDateFromLongAgoPausesNothingForAMonth) {
  PollerOptions options = Story::one_query();
  options.budget.posts_per_month = 100;
  Story story{options};
  for (std::uint64_t i = 0; i < 60; ++i)
    story.ledger.billed.emplace(day_of(story_begins) - std::chrono::days{40}, TweetId{i + 1});
  for (std::uint64_t i = 0; i < 40; ++i) story.ledger.billed.emplace(day_of(story_begins), TweetId{i + 100});
  story.restart();
  story.trouble = [&story](const Fetch&) {
    const bool first = story.requests.size() == 1;
    return answered(empty_page("e0"), first ? *parse_iso8601("1970-01-01T00:00:00Z") : story.now.wall);
  };
  story.run_for(1h);
  EXPECT_GT(story.requests.size(), 2U);
  EXPECT_TRUE(story.told<PauseBegan>().empty());
  EXPECT_EQ(story.poller->budget().posts(), 40);
}

// An hour in which X says that the credits are used up, by a clock so far from ours.
void use_up_credits(Story& story, Millis xs_clock) {
  story.trouble = [&story, xs_clock](const Fetch&) {
    return answered(Capped{.by = Capped::By::credits, .until = {}}, story.now.wall + xs_clock);
  };
  story.run_for(1h);
}

TEST(SearchPoller, ACapThatIsMetWithAClockAheadIsOverAtItsEndOnceTheClockIsRight) {
  Story story;
  story.poll();
  story.now.wall += 72h;  // X's dates stay what they are
  use_up_credits(story, -72h);
  ASSERT_FALSE(story.told<PauseBegan>().empty());
  story.now.wall -= 72h;
  story.trouble = nullptr;
  story.restart();
  const auto asked = story.requests.size();
  story.run_for(25h);
  EXPECT_GT(story.requests.size(), asked);
}

TEST(SearchPoller, ACapThatIsMetWithAClockAheadWhoseDateIsDoubtedIsOverAtItsEndHoweverOftenItIsRestarted) {
  Story story;
  story.now.wall += 72h;  // from before the first word of X
  use_up_credits(story, -72h);
  ASSERT_EQ(story.told<PauseBegan>().size(), 1U);
  story.now.wall -= 72h;
  story.trouble = nullptr;
  const auto asked = story.requests.size();
  for (int restarts = 0; restarts < 5; ++restarts) {
    story.restart();
    story.run_for(5h);
  }
  EXPECT_GT(story.requests.size(), asked);
}

TEST(SearchPoller, ACapThatIsMetWithAClockBehindIsOverAtItsEndThoughTheClockStaysBehind) {
  Story story;
  story.poll();
  story.now.wall -= 72h;
  use_up_credits(story, 72h);
  ASSERT_FALSE(story.told<PauseBegan>().empty());
  story.trouble = nullptr;
  story.restart();
  const auto asked = story.requests.size();
  story.run_for(25h);
  EXPECT_GT(story.requests.size(), asked);
}

TEST(SearchPoller, ACapThatComesWithOneDateFromLongAgoIsStillThereAfterARestart) {
  Story story;
  story.trouble = [](const Fetch&) {
    return answered(Capped{.by = Capped::By::credits, .until = {}}, *parse_iso8601("1970-01-01T00:00:00Z"));
  };
  story.run_for(1h);
  ASSERT_EQ(story.requests.size(), 1U);
  story.restart();
  story.run_for(1h);
  EXPECT_EQ(story.requests.size(), 1U) << "nobody has asked within the cap";
}

}  // namespace
}  // namespace mentiond::xapi
