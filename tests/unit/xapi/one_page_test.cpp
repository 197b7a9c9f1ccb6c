#include "xapi/one_page.h"

#include <gtest/gtest.h>

namespace mentiond::xapi {
namespace {

using namespace std::chrono_literals;

SearchRequest request() {
  SearchRequest request;
  request.query = "AWS Marketplace";
  request.since_id = TweetId{500};
  return request;
}

TEST(OnePage, APageSettlesIt) {
  OnePage page{request(), true};
  EXPECT_EQ(page.on_answer(GotPage{}), OnePage::Next::settled);
  EXPECT_EQ(page.request(), request());
}

TEST(OnePage, ARefusedVocabularyIsTriedInTheOtherOnce) {
  OnePage page{request(), true};
  EXPECT_EQ(page.on_answer(WrongVocabulary{"tweet.fields"}), OnePage::Next::other_vocabulary);
  EXPECT_EQ(page.request().vocabulary, Vocabulary::post);
  EXPECT_EQ(page.on_answer(WrongVocabulary{"post.fields"}), OnePage::Next::settled);
}

TEST(OnePage, AConfiguredVocabularyStands) {
  OnePage page{request(), false};
  EXPECT_EQ(page.on_answer(WrongVocabulary{"tweet.fields"}), OnePage::Next::settled);
  EXPECT_EQ(page.request().vocabulary, Vocabulary::tweet);
}

TEST(OnePage, AStaleSinceIdIsLeftOutOnce) {
  OnePage page{request(), true};
  EXPECT_EQ(page.on_answer(StaleSinceId{}), OnePage::Next::without_since_id);
  EXPECT_EQ(page.request().since_id, std::nullopt);
  EXPECT_EQ(page.on_answer(StaleSinceId{}), OnePage::Next::settled);
}

TEST(OnePage, BothMendsMayBeNeededForOnePage) {
  OnePage page{request(), true};
  EXPECT_EQ(page.on_answer(StaleSinceId{}), OnePage::Next::without_since_id);
  EXPECT_EQ(page.on_answer(WrongVocabulary{"tweet.fields"}), OnePage::Next::other_vocabulary);
  EXPECT_EQ(page.on_answer(GotPage{}), OnePage::Next::settled);
}

TEST(OnePage, OtherRefusalsStand) {
  OnePage page{request(), true};
  EXPECT_EQ(page.on_answer(BadQuery{}), OnePage::Next::settled);
  EXPECT_EQ(page.on_answer(AuthFailed{}), OnePage::Next::settled);
  EXPECT_EQ(page.on_answer(Capped{}), OnePage::Next::settled);
}

TEST(OnePage, BeginsBelowTheCursorByTheOverlap) {
  const TweetId cursor = TweetId::at(Time{std::chrono::sys_days{std::chrono::year{2026} / 1 / 31}});
  EXPECT_EQ(first_since_id(cursor, 2min), TweetId::at(cursor.time() - 2min));
  EXPECT_EQ(first_since_id(std::nullopt, 2min), std::nullopt);
}

TEST(FirstVocabulary, IsTheConfiguredThenTheRememberedThenTweet) {
  EXPECT_EQ(first_vocabulary(Vocabulary::tweet, "post"), Vocabulary::tweet);
  EXPECT_EQ(first_vocabulary(std::nullopt, "post"), Vocabulary::post);
  EXPECT_EQ(first_vocabulary(std::nullopt, "tweet"), Vocabulary::tweet);
  EXPECT_EQ(first_vocabulary(std::nullopt, std::nullopt), Vocabulary::tweet);
}

}  // namespace
}  // namespace mentiond::xapi
