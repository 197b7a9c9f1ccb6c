// The X verdict table of design section 1: a test a row, and the ways in which rows meet.
#include "poller_story.h"

namespace mentiond::xapi {
namespace {

using namespace testing;

TEST(SearchPoller, RetryAsksTheSamePageAgain) {
  Story story;
  story.publish(25);
  story.fetches(1);
  story.script = {Retry{"503"}, Retry{"503"}};
  story.poll();
  ASSERT_EQ(story.requests.size(), 5U);
  EXPECT_EQ(story.requests[1].request, story.requests[2].request);
  EXPECT_EQ(story.requests[2].request, story.requests[3].request);
  EXPECT_TRUE(story.has_all());
  EXPECT_EQ(story.told<Waiting>().size(), 2U);
}

TEST(SearchPoller, RetryBacksOffToFiveMinutes) {
  Story story;
  story.trouble = [](const Fetch&) { return answered(Retry{"down"}); };
  story.run_for(2h);
  const auto waits = story.told<Waiting>();
  ASSERT_GT(waits.size(), 12U);
  EXPECT_EQ(waits[0].wait, 500ms) << "half of 1 s, the random number being 0.5";
  EXPECT_EQ(waits[1].wait, 1s);
  EXPECT_EQ(waits.back().wait, 150s);
}

TEST(SearchPoller, AQueryThatAloneMakesXFailDoesNotStarveTheOthers) {
  Story story{Story::two_queries()};
  story.publish(3, 1min, 1s, 1);
  story.trouble = [](const Fetch& fetch) {
    return fetch.query == 0 ? std::optional{answered(Retry{"503"})} : std::nullopt;
  };
  story.run_for(2h);
  EXPECT_TRUE(story.has_all(1));
  EXPECT_GT(story.state(1).last_success, story_begins + 1h);
}

TEST(SearchPoller, RateLimitMidWalkResumesTheSamePage) {
  Story story;
  story.publish(25);
  story.fetches(1);
  story.script = {RateLimited{}};
  story.reset = story.now.wall + 7min;
  story.poll();
  EXPECT_EQ(story.requests[1].request, story.requests[2].request);
  EXPECT_TRUE(story.has_all());
  const auto waits = story.told<Waiting>();
  ASSERT_EQ(waits.size(), 1U);
  EXPECT_GE(waits[0].wait, 7min);
  EXPECT_LE(waits[0].wait, 7min + 2s);
}

TEST(SearchPoller, ResetsAreReadAgainstXsDateNotOurClock) {
  Story story;
  const Time x_now = story.now.wall + 72h;
  story.trouble = [&](const Fetch&) {
    story.trouble = nullptr;
    return answered(RateLimited{}, x_now, x_now + 100s);
  };
  story.poll();
  EXPECT_GE(story.told<Waiting>().at(0).wait, 100s);
  EXPECT_LE(story.told<Waiting>().at(0).wait, 102s);
}

TEST(SearchPoller, WaitsForAResetAreClampedToOneSecondAndSixteenMinutes) {
  Story story;
  story.script = {RateLimited{}};
  story.reset = story.now.wall - 1h;
  story.poll();
  EXPECT_GE(story.told<Waiting>().at(0).wait, 1s);
  EXPECT_LE(story.told<Waiting>().at(0).wait, 3s);
  story.script = {RateLimited{}};
  story.reset = story.now.wall + 24h;
  story.poll();
  EXPECT_EQ(story.told<Waiting>().at(1).wait, 16min);
}

TEST(SearchPoller, ARateLimitHoldsAllQueries) {
  Story story{Story::two_queries()};
  story.script = {RateLimited{}};
  story.reset = story.now.wall + 10min;
  story.fetches(2);
  EXPECT_GE(story.now.wall, story_begins + 10min);
}

TEST(SearchPoller, APageWithNothingRemainingIsKeptAndTheNextRequestWaits) {
  Story story;
  story.publish(25);
  story.remaining = 0;
  story.reset = story.now.wall + 5min;
  story.fetches(1);
  const Step keep = story.poller->next(story.now);
  ASSERT_TRUE(std::holds_alternative<Keep>(keep));
  EXPECT_FALSE(std::get<Keep>(keep).ahead);
  story.remaining = 100;
  story.fetches(2);
  EXPECT_EQ(story.stored().size(), 10U);
  EXPECT_GE(story.now.wall, story_begins + 5min);
}

TEST(SearchPoller, TooManyRequestsBacksOffFromAMinuteToAnHour) {
  Story story;
  story.script.assign(8, TooManyRequests{});
  story.poll();
  const auto waits = story.told<Waiting>();
  ASSERT_EQ(waits.size(), 8U);
  EXPECT_GE(waits[0].wait, 60s);
  EXPECT_GE(waits[1].wait, 120s);
  EXPECT_GE(waits[7].wait, 1h);
  EXPECT_LE(waits[7].wait, 66min);
  EXPECT_TRUE(story.state().last_success);
}

TEST(SearchPoller, SixHoursOfTooManyRequestsAreACap) {
  Story story;
  story.trouble = [](const Fetch&) { return answered(TooManyRequests{}); };
  story.run_for(8h);
  ASSERT_EQ(story.told<PauseBegan>().size(), 1U);
  EXPECT_EQ(story.told<PauseBegan>()[0].reason, PauseReason::cap);
}

TEST(SearchPoller, AnOldSinceIdIsAskedAgainWithoutItAndTheLossCountedWithTheNextPage) {
  Story story;
  const TweetId cursor = id_at(story.now.wall - 9 * 24h);
  story.ledger.states[0].cursor = cursor;
  story.restart();
  story.publish(25);
  story.fetches(2);
  EXPECT_TRUE(story.requests[0].request.since_id);
  EXPECT_FALSE(story.requests[1].request.since_id);
  EXPECT_TRUE(story.ledger.losses[0].empty()) << "not before the page that follows";
  story.step();
  const TweetId low = TweetId::at(cursor.time() - 2min);
  const TweetId bound = TweetId::at(story_begins - 7 * 24h);
  ASSERT_EQ(story.ledger.losses[0].size(), 1U);
  EXPECT_EQ(story.ledger.losses[0][0], (Loss{low, bound}));
  ASSERT_EQ(story.state().gaps.size(), 1U);
  EXPECT_EQ(story.state().gaps[0].low, bound);
  story.poll();
  EXPECT_TRUE(story.has_all());
  ASSERT_EQ(story.ledger.losses[0].size(), 2U);
  EXPECT_EQ(story.ledger.losses[0][1], (Loss{bound, TweetId::at(bound.time() + Walk::window_slack)}));
}

TEST(SearchPoller, WithoutAnIdInXsAnswerTheBoundIsItsDateLessTheWindow) {
  Story story;
  story.ledger.states[0].cursor = id_at(story.now.wall - 9 * 24h);
  story.restart();
  story.script = {StaleSinceId{}, empty_page("e0")};
  story.poll();
  ASSERT_EQ(story.ledger.losses[0].size(), 1U);
  EXPECT_EQ(story.ledger.losses[0][0].high, TweetId::at(story_begins - 7 * 24h + Walk::window_slack));
}

TEST(SearchPoller, WhatLeavesXsWindowDuringAWalkWithoutSinceIdIsCountedToo) {
  Story story;
  const TweetId low = id_at(story.now.wall - 9 * 24h);
  story.ledger.states[0].cursor = low;
  story.publish(15);
  story.restart();
  bool slow = false;
  story.trouble = [&](const Fetch& fetch) -> std::optional<Reply> {
    if (fetch.request.since_id) return answered(StaleSinceId{id_at(story.now.wall - Walk::window)}, story.now.wall);
    if (fetch.request.next_token.empty() || std::exchange(slow, true)) return std::nullopt;
    return answered(Capped{}, story.now.wall);  // until the next day
  };
  const Time asked = story.now.wall;
  story.run_for(20h);
  ASSERT_EQ(story.ledger.losses[0].size(), 2U);
  EXPECT_EQ(story.ledger.losses[0][0].high, id_at(asked - Walk::window));
  EXPECT_EQ(story.ledger.losses[0][1].low, story.ledger.losses[0][0].high);
  EXPECT_GT(story.ledger.losses[0][1].high, id_at(asked + 10h - Walk::window));
}

TEST(SearchPoller, AnOldGapLosesNothingAboveItsHighEnd) {
  Story story;
  const TweetId low = id_at(story.now.wall - 9 * 24h);
  const TweetId high = id_at(story.now.wall - 6 * 24h);
  story.ledger.states[0].cursor = id_at(story.now.wall - 1h);
  story.ledger.states[0].gaps = {Gap{1, low, high, 1}};
  story.restart();
  story.script = {empty_page(), StaleSinceId{id_at(story.now.wall - 24h)}};
  story.poll();
  ASSERT_EQ(story.ledger.losses[0].size(), 1U);
  EXPECT_EQ(story.ledger.losses[0][0], (Loss{low, TweetId{high.value() - 1}}));
  EXPECT_TRUE(story.state().gaps.empty());
}

TEST(SearchPoller, NothingIsCountedIfTheAnswerAfterAStaleSinceIdNeverComes) {
  Story story;
  story.ledger.states[0].cursor = id_at(story.now.wall - 9 * 24h);
  story.restart();
  story.publish(5);
  story.script = {StaleSinceId{}, Capped{}};
  story.fetches(2);
  story.restart();
  EXPECT_TRUE(story.ledger.losses[0].empty());
  story.ledger.kept.clear();
  story.restart();
  story.poll();
  EXPECT_EQ(story.ledger.losses[0].size(), 1U);
}

TEST(SearchPoller, AStaleSinceIdThatWasNotSentParksTheQuery) {
  Story story;
  story.ledger.states[0].cursor = id_at(story.now.wall - 9 * 24h);
  story.restart();
  story.script = {StaleSinceId{}, StaleSinceId{}};
  story.poll();
  EXPECT_EQ(story.requests.size(), 2U);
  EXPECT_TRUE(story.state().parked_since);
}

TEST(SearchPoller, ALossIsCountedOnceThoughXSendsNoDate) {
  Story story;
  story.x_sends_date = false;
  story.ledger.states[0].cursor = id_at(story.now.wall - 9 * 24h);
  story.restart();
  story.script = {StaleSinceId{id_at(story.now.wall - 7 * 24h)}, empty_page()};
  story.poll();
  story.script = {empty_page()};
  story.poll();
  EXPECT_EQ(story.ledger.losses[0].size(), 1U);
  EXPECT_EQ(story.state().cursor, id_at(story_begins - 7 * 24h));
}

TEST(SearchPoller, AnOldUntilIdClosesAndCountsTheGap) {
  Story story;
  const Gap gap{1, id_at(story.now.wall - 6 * 24h), id_at(story.now.wall - 5 * 24h), 1};
  story.ledger.states[0].cursor = id_at(story.now.wall - 1h);
  story.ledger.states[0].gaps = {gap};
  story.restart();
  story.script = {empty_page(), StaleUntilId{}};
  story.poll();
  EXPECT_TRUE(story.state().gaps.empty());
  ASSERT_EQ(story.ledger.losses[0].size(), 1U);
  EXPECT_EQ(story.ledger.losses[0][0], (Loss{gap.low, gap.high}));
}

TEST(SearchPoller, AnOldUntilIdThatWasNotSentParksTheQuery) {
  Story story;
  story.script = {StaleUntilId{}};
  story.poll();
  EXPECT_TRUE(story.state().parked_since);
}

TEST(SearchPoller, ABadNextTokenGoesOnByUntilId) {
  Story story;
  story.publish(25);
  story.fetches(1);
  story.script = {BadNextToken{}};
  story.poll();
  EXPECT_FALSE(story.requests[1].request.next_token.empty());
  EXPECT_TRUE(story.requests[2].request.next_token.empty());
  EXPECT_EQ(story.requests[2].request.until_id, *std::next(story.xs[0].posts.begin(), 9));
  EXPECT_TRUE(story.has_all());
}

TEST(SearchPoller, ABadNextTokenBeforeAnyPostStartsTheWalkAgain) {
  Story story;
  story.publish(5);
  story.script = {empty_page("x"), BadNextToken{}};
  story.poll();
  EXPECT_TRUE(story.requests[2].request.next_token.empty());
  EXPECT_FALSE(story.requests[2].request.until_id);
  EXPECT_TRUE(story.has_all());
}

TEST(SearchPoller, TwoBadNextTokensInARowParkTheQuery) {
  Story story;
  const GotPage empty = empty_page("x");
  story.script = {empty, BadNextToken{}, empty, BadNextToken{}};
  story.poll();
  EXPECT_EQ(story.requests.size(), 4U);
  EXPECT_TRUE(story.state().parked_since);
}

TEST(SearchPoller, AFieldsParameterRefusedIsTheOtherVocabularyForTheSamePage) {
  Story story;
  story.publish(5);
  story.script = {WrongVocabulary{"tweet.fields"}};
  story.poll();
  EXPECT_EQ(story.requests[0].request.vocabulary, Vocabulary::tweet);
  SearchRequest second = story.requests[1].request;
  EXPECT_EQ(second.vocabulary, Vocabulary::post);
  second.vocabulary = Vocabulary::tweet;
  EXPECT_EQ(second, story.requests[0].request);
  EXPECT_EQ(story.ledger.kept["vocabulary"], "post");
  story.restart();
  EXPECT_EQ(story.poller->vocabulary(), Vocabulary::post) << "remembered";
}

TEST(SearchPoller, ThreePagesWithoutAnyAskedFieldSwitchTheVocabulary) {
  Story story;
  story.publish(45);
  story.xs[0].bears_asked_field = false;
  story.poll();
  EXPECT_EQ(story.requests[2].request.vocabulary, Vocabulary::tweet);
  EXPECT_EQ(story.requests[3].request.vocabulary, Vocabulary::post);
  EXPECT_TRUE(story.requests[3].request.next_token.empty()) << "a token holds only for its parameters";
  EXPECT_TRUE(story.has_all());
}

TEST(SearchPoller, TheVocabularySwitchesAtMostOnceAnHour) {
  Story story;
  story.script = {WrongVocabulary{"tweet.fields"}, WrongVocabulary{"post.fields"}};
  story.poll();
  EXPECT_EQ(story.told<VocabularyChanged>().size(), 1U);
  EXPECT_TRUE(story.state().parked_since);
  story.script = {WrongVocabulary{"post.fields"}};
  story.poll();
  EXPECT_GE(story.now.wall, story_begins + 1h);
  EXPECT_EQ(story.told<VocabularyChanged>().size(), 2U);
  EXPECT_FALSE(story.state().parked_since);
}

TEST(SearchPoller, AFixedVocabularyIsNeverSwitched) {
  PollerOptions options = Story::one_query();
  options.vocabulary = Vocabulary::post;
  Story story{options};
  story.script = {WrongVocabulary{"post.fields"}};
  story.poll();
  EXPECT_EQ(story.requests.size(), 1U);
  EXPECT_EQ(story.requests[0].request.vocabulary, Vocabulary::post);
  EXPECT_TRUE(story.state().parked_since);
}

TEST(SearchPoller, ABadQueryIsParkedAndTriedHourlyWhileOthersGoOn) {
  Story story{Story::two_queries()};
  story.publish(5, 1min, 1s, 1);
  story.trouble = [](const Fetch& fetch) {
    return fetch.query == 0 ? std::optional{answered(BadQuery{"missing operand"})} : std::nullopt;
  };
  story.run_for(4h + 10min);
  EXPECT_EQ(story.state(0).parked_since, story_begins);
  EXPECT_TRUE(story.has_all(1));
  const auto tries = std::ranges::count_if(story.requests, [](const Fetch& f) { return f.query == 0; });
  EXPECT_EQ(tries, 5);
}

TEST(SearchPoller, SuccessUnparks) {
  Story story;
  story.script = {BadQuery{"no"}};
  story.poll();
  ASSERT_TRUE(story.state().parked_since);
  story.poll();
  EXPECT_FALSE(story.state().parked_since);
  EXPECT_EQ(story.told<Unparked>().size(), 1U);
}

TEST(SearchPoller, ARefusedTokenIsReadAnewEveryFiveMinutesUntilOneWorks) {
  Story story;
  story.publish(5);
  story.script = {AuthFailed{401, "Unauthorized"}, AuthFailed{401, "Unauthorized"}};
  story.fetches(2);
  EXPECT_EQ(story.now.wall, story_begins + 5min);
  EXPECT_FALSE(story.requests[0].reread_secret);
  EXPECT_TRUE(story.requests[1].reread_secret);
  ASSERT_EQ(story.told<PauseBegan>().size(), 1U) << "said once";
  EXPECT_EQ(story.told<PauseBegan>()[0].reason, PauseReason::auth);
  story.poll();
  EXPECT_EQ(story.requests.size(), 3U);
  EXPECT_EQ(story.told<PauseEnded>().size(), 1U);
  EXPECT_TRUE(story.has_all());
}

TEST(SearchPoller, AQueryThatAloneIsForbiddenDoesNotStarveTheOthers) {
  Story story{Story::two_queries()};
  story.publish(5, 1min, 1s, 1);
  story.trouble = [](const Fetch& fetch) {
    return fetch.query == 0 ? std::optional{answered(AuthFailed{403, "Forbidden"})} : std::nullopt;
  };
  story.run_for(2h);
  EXPECT_TRUE(story.has_all(1));
  EXPECT_GT(story.state(1).last_success, story_begins + 1h);
  EXPECT_EQ(story.told<PauseBegan>().size(), 1U) << "one pause, as long as the query is refused";
  EXPECT_TRUE(story.told<PauseEnded>().empty());
  story.trouble = nullptr;
  story.run_for(6min);
  EXPECT_EQ(story.told<PauseEnded>().size(), 1U);
}

TEST(SearchPoller, AnotherQuerysPageEndsTheTroubleWithTheToken) {
  Story story{Story::two_queries()};
  story.script = {AuthFailed{401, "Unauthorized"}};
  story.fetches(2);
  story.step();
  EXPECT_EQ(story.requests[1].query, 1U);
  EXPECT_EQ(story.told<PauseEnded>().size(), 1U);
}

TEST(SearchPoller, OnceATokenWorksItIsNotReadAgain) {
  Story story;
  story.publish(25);
  story.script = {AuthFailed{401, ""}};
  story.fetches(3);
  EXPECT_TRUE(story.requests[1].reread_secret);
  EXPECT_FALSE(story.requests[2].reread_secret);
}

TEST(SearchPoller, AQueryThatXHasLookedAtEndsTheTroubleWithTheTokenThoughItIsParked) {
  Story story;
  story.script = {AuthFailed{401, "Unauthorized"}, BadQuery{"missing operand"}};
  story.fetches(2);
  story.step();
  EXPECT_TRUE(story.state().parked_since);
  EXPECT_EQ(story.told<PauseEnded>().size(), 1U);
}

TEST(SearchPoller, AFieldsParameterRefusedInTheMiddleOfAWalkGoesOnWithoutTheOldToken) {
  Story story;
  story.publish(25);
  story.trouble = [&story](const Fetch&) {
    return story.requests.size() == 2 ? std::optional{answered(WrongVocabulary{"tweet.fields"})} : std::nullopt;
  };
  story.poll();
  EXPECT_FALSE(story.requests[1].request.next_token.empty());
  EXPECT_EQ(story.requests[2].request.vocabulary, Vocabulary::post);
  EXPECT_TRUE(story.requests[2].request.next_token.empty()) << "a token holds only for its parameters";
  EXPECT_TRUE(story.has_all());
}

TEST(Throttle, OnlySixHoursOfNothingButTooManyRequestsAreACap) {
  Throttle throttle;
  Now now{.wall = story_begins, .steady = SteadyTime{}};
  EXPECT_TRUE(throttle.on_too_many_requests(now, 0));
  now.steady += 7h;
  throttle.on_retry(now, 0);
  EXPECT_EQ(throttle.on_too_many_requests(now, 0), Throttle::first_busy_wait) << "X was down in between";
  now.steady += Throttle::busy_is_a_cap_after;
  EXPECT_FALSE(throttle.on_too_many_requests(now, 0));
  EXPECT_EQ(throttle.on_too_many_requests(now, 0), Throttle::first_busy_wait)
      << "the cap was waited out: from the start";
}

}  // namespace
}  // namespace mentiond::xapi
