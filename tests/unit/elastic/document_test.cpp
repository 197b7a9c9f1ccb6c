#include "elastic/document.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mentiond::elastic {
namespace {

const Time seen = *parse_iso8601("2026-01-31T12:00:00.5Z");

DocumentBuilder builder() {
  const std::array<QueryText, 3> queries{QueryText{"aws", "AWS", "AWS Marketplace -is:retweet"},
                                         QueryText{"aws-wide", "AWS", "\"Amazon Web Services Marketplace\""},
                                         QueryText{"gcp", "GCP", "GCP Marketplace -is:retweet"}};
  return DocumentBuilder{MatchTable{queries}};
}

Tweet small(std::string_view text = "AWS Marketplace is here") {
  Tweet tweet;
  tweet.id = TweetId{1800000000000000000};
  tweet.root = tweet.id;
  tweet.text = text;
  return tweet;
}

std::string document(const Tweet& tweet, const CloudSet& clouds = {"AWS"}, const QuerySet& queries = {"aws"}) {
  std::string out;
  builder().append(out, tweet, clouds, queries, seen);
  return out;
}

testing::Matcher<const std::string&> has(std::string_view part) { return testing::HasSubstr(std::string{part}); }

TEST(Document, AFullTweetFillsTheWholeTable) {
  Tweet tweet = small("cut short &amp; …");
  tweet.id = TweetId{1800000000000000001};
  tweet.author = TweetId{42};
  tweet.created_at = parse_iso8601("2024-06-10T03:00:17Z");
  tweet.note_text = "GCP &amp; AWS Marketplace:\n\"&lt;3\" 🎉";
  tweet.lang = "en";
  tweet.metrics = {1, 2, 3, 4, 5, 6};
  tweet.hashtags = {"AWS", "Cloud"};
  tweet.mentioned = {"awscloud"};
  tweet.urls = {"https://www.Example.com/a", "http://example.com/b", "https://aws.amazon.com/marketplace?x=1"};
  EXPECT_EQ(
      document(tweet, {"GCP", "AWS"}, {"gcp", "aws"}),
      R"({"@timestamp":"2024-06-10T03:00:17.000Z","created_at":"2024-06-10T03:00:17.000Z","tweet_id":"1800000000000000001",)"
      R"("root_id":"1800000000000000000","author_id":"42","text":"GCP & AWS Marketplace:\n\"<3\" 🎉","cloud":["AWS","GCP"],)"
      R"("query":["aws","gcp"],"match":{"AWS":"phrase","GCP":"loose"},"lang":"en",)"
      R"("url":"https://x.com/i/web/status/1800000000000000001","source":"x","like_count":1,"repost_count":2,"reply_count":3,)"
      R"("quote_count":4,"bookmark_count":5,"impression_count":6,"hashtag":["AWS","Cloud"],"mentioned":["awscloud"],)"
      R"("domain":["example.com","aws.amazon.com"],"collected_at":"2026-01-31T12:00:00.500Z"})");
}

TEST(Document, WhatIsAbsentIsLeftOut) {
  EXPECT_EQ(
      document(small()),
      R"({"@timestamp":"2024-06-10T03:00:17.039Z","created_at":"2024-06-10T03:00:17.039Z",)"
      R"("tweet_id":"1800000000000000000","root_id":"1800000000000000000","text":"AWS Marketplace is here",)"
      R"("cloud":["AWS"],"query":["aws"],"match":{"AWS":"phrase"},"url":"https://x.com/i/web/status/1800000000000000000",)"
      R"("source":"x","collected_at":"2026-01-31T12:00:00.500Z"})");
}

TEST(Document, AZeroIsAMetricAndAnAbsentOneIsNot) {
  Tweet tweet = small();
  tweet.metrics.likes = 0;
  EXPECT_THAT(document(tweet), testing::AllOf(has(R"("like_count":0)"), testing::Not(has("repost_count"))));
}

TEST(Document, IdsAreStringsEvenAtTheirLargest) {
  Tweet tweet = small();
  tweet.id = TweetId{TweetId::max_value};
  tweet.author = TweetId{TweetId::max_value};
  EXPECT_THAT(document(tweet),
              testing::AllOf(has(R"("tweet_id":"9223372036854775807")"), has(R"("author_id":"9223372036854775807")")));
}

TEST(Document, EntitiesAreDecodedOnceAndBeforeMatching) {
  EXPECT_THAT(document(small("AWS &amp;lt; Marketplace")), has(R"("text":"AWS &lt; Marketplace")"));
}

TEST(Document, BytesThatAreNoTextCannotBreakIt) {
  EXPECT_THAT(document(small("a\xFF\"\\\n\x01")), has(R"("text":"a)"
                                                      "\xEF\xBF\xBD"
                                                      R"(\"\\\n\u0001")"));
}

TEST(Document, BuffersOfOneTweetDoNotLeakIntoTheNext) {
  DocumentBuilder documents = builder();
  Tweet first = small("GCP Marketplace &amp; more");
  first.urls = {"https://a.example/"};
  std::string out;
  documents.append(out, first, {"GCP"}, {"gcp"}, seen);
  out.clear();
  documents.append(out, small(), {"AWS"}, {"aws"}, seen);
  EXPECT_EQ(out, document(small()));
}

TEST(Document, IsAppendedToWhatIsThere) {
  std::string out = "before\n";
  builder().append(out, small(), {"AWS"}, {"aws"}, seen);
  EXPECT_EQ(out, "before\n" + document(small()));
}

TEST(DocumentMatch, TheBestOfACloudsQueriesCounts) {
  const Tweet tweet = small("The Amazon Web Services Marketplace");
  EXPECT_THAT(document(tweet, {"AWS"}, {"aws"}), has(R"("match":{"AWS":"loose"})"));
  EXPECT_THAT(document(tweet, {"AWS"}, {"aws", "aws-wide"}), has(R"("match":{"AWS":"phrase"})"));
}

TEST(DocumentMatch, AQueryThatDidNotFindTheTweetSaysNothing) {
  EXPECT_THAT(document(small("GCP Marketplace"), {"GCP"}, {"aws"}), has(R"("match":{"GCP":"loose"})"));
}

TEST(DocumentMatch, AQueryNoLongerConfiguredIsLooseUnlessAnotherSaysPhrase) {
  EXPECT_THAT(document(small(), {"AWS"}, {"retired"}), has(R"("match":{"AWS":"loose"})"));
  EXPECT_THAT(document(small(), {"AWS"}, {"aws", "retired"}), has(R"("match":{"AWS":"phrase"})"));
}

TEST(DocumentMatch, ACloudNoLongerConfiguredIsLoose) {
  EXPECT_THAT(document(small(), {"AWS", "OCI"}, {"aws"}), has(R"("match":{"AWS":"phrase","OCI":"loose"})"));
}

TEST(Domain, IsTheHostInLowerCaseWithoutWww) {
  EXPECT_EQ(domain_of("https://WWW.Example.COM/Path"), "example.com");
  EXPECT_EQ(domain_of("http://example.com"), "example.com");
  EXPECT_EQ(domain_of("https://www2.example.com/"), "www2.example.com");
}

TEST(Domain, UserPortQueryAndFinalDotAreCutOff) {
  EXPECT_EQ(domain_of("https://user:pw@example.com:8443/x"), "example.com");
  EXPECT_EQ(domain_of("https://example.com?x=https://evil.test/"), "example.com");
  EXPECT_EQ(domain_of("https://example.com#@evil.test"), "example.com");
  EXPECT_EQ(domain_of("https://example.com./"), "example.com");
}

TEST(Domain, AddressesAndOtherScriptsStayAsTheyAre) {
  EXPECT_EQ(domain_of("http://[2001:DB8::1]:80/"), "[2001:db8::1]");
  EXPECT_EQ(domain_of("http://192.0.2.1:80/"), "192.0.2.1");
  EXPECT_EQ(domain_of("https://münchen.example/"), "münchen.example");
}

TEST(Domain, WhatHasNoHostHasNoDomain) {
  for (const std::string_view url : {"", "mailto:a@b.example", "example.com/path", "https://", "https:///x",
                                     "https://a b/", "http://[::1", "http://[not-an-address]/"}) {
    EXPECT_EQ(domain_of(url), "") << url;
  }
}

}  // namespace
}  // namespace mentiond::elastic
