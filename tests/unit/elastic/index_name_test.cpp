#include "elastic/index_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mentiond::elastic {
namespace {

constexpr std::string_view daily = "cloud_marketplace_data_%Y%m%d";

IndexPattern pattern(std::string_view text) { return IndexPattern::parse(text).value(); }

void expect_refused(std::string_view text, std::string_view words) {
  const auto result = IndexPattern::parse(text);
  ASSERT_FALSE(result) << text;
  EXPECT_THAT(result.error().message, testing::HasSubstr(std::string{words}));
}

TEST(IndexPattern, TheIndexIsTheIdsOwnDay) {
  EXPECT_EQ(pattern(daily).index_of(TweetId{1800000000000000000}), "cloud_marketplace_data_20240610");
}

TEST(IndexPattern, TheDayIsUtcToTheMillisecond) {
  const Time midnight = Day{std::chrono::year{2026} / 1 / 1};
  EXPECT_EQ(pattern(daily).index_of(TweetId::at(midnight)), "cloud_marketplace_data_20260101");
  EXPECT_EQ(pattern(daily).index_of(TweetId{TweetId::at(midnight).value() - 1}), "cloud_marketplace_data_20251231");
}

TEST(IndexPattern, WhatXSaysAboutTheTimeDoesNotMoveATimedId) {
  const Time elsewhere = Day{std::chrono::year{2020} / 2 / 3};
  EXPECT_EQ(pattern(daily).index_of(TweetId{1800000000000000000}, elsewhere), "cloud_marketplace_data_20240610");
}

TEST(IndexPattern, AnIdWithoutTimeLivesWhereItWasMade) {
  const Time made = Day{std::chrono::year{2006} / 3 / 21};
  EXPECT_EQ(pattern(daily).index_of(TweetId{20}, made), "cloud_marketplace_data_20060321");
  EXPECT_EQ(pattern(daily).index_of(TweetId{20}), "cloud_marketplace_data_20101104");
}

TEST(IndexPattern, EveryDateCodeExpands) {
  EXPECT_EQ(pattern("a-%Y.%m.%d-%H").index_of(TweetId{1800000000000000000}), "a-2024.06.10-03");
}

TEST(IndexPattern, AliasAndWildcardComeFromThePattern) {
  EXPECT_EQ(pattern(daily).text(), daily);
  EXPECT_EQ(pattern(daily).alias(), "cloud_marketplace_data");
  EXPECT_EQ(pattern(daily).wildcard(), "cloud_marketplace_data_*");
  EXPECT_EQ(pattern("tweets-%Y.%m").alias(), "tweets");
  EXPECT_EQ(pattern("tweets-%Y.%m").wildcard(), "tweets-*.*");
  EXPECT_EQ(pattern("tweets_-.%Y-eu").alias(), "tweets");
  EXPECT_EQ(pattern("tweets_-.%Y-eu").wildcard(), "tweets_-.*-eu");
  EXPECT_EQ(pattern("logs%Y").alias(), "logs");
}

TEST(IndexPattern, ADateIsNeededAndWhole) {
  expect_refused("", "empty");
  expect_refused("tweets", "no date");
  expect_refused("tweets-%m", "without its year");
  expect_refused("tweets-%Y%d", "%d without %m");
  expect_refused("tweets-%Y%m%H", "%H without %d");
  expect_refused("tweets-%Y%q", "only %Y");
  expect_refused("tweets-%Y%", "single %");
  expect_refused("%Y%m%d", "begins with its date");
}

TEST(IndexPattern, CharactersThatElasticsearchForbidsAreRefused) {
  for (const char c : std::string_view{"\\/*?\"<>|,#:"}) {
    expect_refused("tweets" + std::string(1, c) + "-%Y", "forbids");
    expect_refused("tweets-%Y" + std::string(1, c), "forbids");
  }
  for (const char c : std::string_view{" \t\n\x7F\xC3"})
    expect_refused("tweets" + std::string(1, c) + "-%Y", "white space");
  expect_refused("Tweets-%Y", "lower case");
  expect_refused("tweets-%YY", "lower case");
}

TEST(IndexPattern, FirstCharactersThatElasticsearchKeepsAreRefused) {
  for (const std::string_view text : {"-a%Y", "_a%Y", "+a%Y", ".a%Y"}) expect_refused(text, "begins with");
}

TEST(IndexPattern, NamesOfBuiltInDataStreamsAreRefused) {
  for (const std::string_view text :
       {"logs-%Y", "logs-x-%Y", "metrics-x-%Y", "traces-x-%Y", "synthetics-x-%Y", "profiling-x-%Y"}) {
    expect_refused(text, "data streams");
  }
}

TEST(IndexPattern, ANameBeyond255BytesIsRefused) {
  EXPECT_TRUE(IndexPattern::parse(std::string(247, 'a') + "%Y%m%d"));
  expect_refused(std::string(248, 'a') + "%Y%m%d", "255");
}

}  // namespace
}  // namespace mentiond::elastic
