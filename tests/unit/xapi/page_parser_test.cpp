#include "unit/xapi/page_samples.h"

namespace mentiond::xapi {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// ---- both vocabularies ----

class Vocabularies : public testing::TestWithParam<std::string_view> {};

TEST_P(Vocabularies, APageIsReadInFull) {
  PageParser parser;
  const auto page = parser.parse_page(fixture(GetParam()));
  ASSERT_TRUE(page) << page.error().message;
  ASSERT_EQ(page->tweets.size(), 2U);
  const Tweet& tweet = page->tweets[0];
  EXPECT_EQ(tweet.id, TweetId{2083157183716917301});
  EXPECT_EQ(tweet.root, tweet.id);
  EXPECT_EQ(tweet.text, "We are live on the AWS Marketplace &amp; happy 🚀");
  EXPECT_EQ(tweet.full_text(), tweet.text);
  EXPECT_EQ(tweet.lang, "en");
  EXPECT_EQ(tweet.created_at, parse_iso8601("2026-08-06T10:15:30.000Z"));
  EXPECT_EQ(tweet.metrics.likes, 42);
  EXPECT_EQ(tweet.metrics.reposts, 3);
  EXPECT_EQ(tweet.metrics.replies, 1);
  EXPECT_EQ(tweet.metrics.quotes, 0);
  EXPECT_EQ(tweet.metrics.bookmarks, 7);
  EXPECT_EQ(tweet.metrics.impressions, 12345);
  EXPECT_THAT(tweet.hashtags, ElementsAre("cloud"));
  EXPECT_THAT(tweet.mentioned, ElementsAre("example_user"));
  EXPECT_THAT(tweet.urls, ElementsAre("https://marketplace.example.com/listing", "https://blog.example.com/post",
                                      "https://t.co/cccccccccc"));
  EXPECT_EQ(page->next_token, "b26v89c19zqg8o3fqk6l4xr5q0v1c2");
  EXPECT_THAT(page->users, ElementsAre(TweetId{1402938475610293847}));
  EXPECT_EQ(page->partial_errors, 1U);
  EXPECT_EQ(page->first_error, "Not Found Error");
  EXPECT_TRUE(page->bears_asked_field);
  EXPECT_THAT(page->bad, IsEmpty());
}

TEST_P(Vocabularies, AnEditedLongPostHasItsFirstIdAsRootAndTheNotesTextAndEntities) {
  PageParser parser;
  const auto page = parser.parse_page(fixture(GetParam()));
  ASSERT_TRUE(page);
  const Tweet& tweet = page->tweets[1];
  EXPECT_EQ(tweet.id, TweetId{2083157183716917290});
  EXPECT_EQ(tweet.root, TweetId{2083157183716917200});
  EXPECT_THAT(tweet.full_text(), HasSubstr("the GCP Marketplace took us three days"));
  EXPECT_THAT(tweet.text, HasSubstr("procurement…"));
  EXPECT_THAT(tweet.hashtags, ElementsAre("longform"));
  EXPECT_THAT(tweet.urls, ElementsAre("https://long.example.com/"));
  EXPECT_THAT(tweet.mentioned, IsEmpty());
}

TEST_P(Vocabularies, AStoredPostReadsAsItDidInItsPage) {
  PageParser pages;
  PageParser posts;
  const auto page = pages.parse_page(fixture(GetParam()));
  ASSERT_TRUE(page);
  for (const Tweet& tweet : page->tweets) {
    const auto stored = posts.parse_post(tweet.raw);
    ASSERT_TRUE(stored) << stored.error().message;
    EXPECT_EQ(stored->id, tweet.id);
    EXPECT_EQ(stored->root, tweet.root);
    EXPECT_EQ(stored->author, tweet.author);
    EXPECT_EQ(stored->full_text(), tweet.full_text());
    EXPECT_EQ(stored->hashtags, tweet.hashtags);
    EXPECT_EQ(stored->urls, tweet.urls);
    EXPECT_EQ(stored->metrics.reposts, tweet.metrics.reposts);
    EXPECT_EQ(stored->raw, tweet.raw);
  }
}

INSTANTIATE_TEST_SUITE_P(PageParser, Vocabularies, testing::Values("page_tweet.json", "page_post.json"),
                         [](const auto& test) { return test.index == 0 ? "Tweet" : "Post"; });

// ---- what a page is ----

TEST_F(PageParserTest, DataMayBeAbsentNullOrEmpty) {
  for (const std::string_view body :
       {R"({"meta":{"result_count":0}})", R"({"data":null,"meta":{"result_count":0}})", R"({"data":[],"meta":{}})",
        R"({"meta":{"result_count":null,"next_token":null}})", R"({"meta":{},"errors":null,"includes":null})",
        "\n\t {\"meta\" : { \"result_count\" : 0 } }\r\n "}) {
    const auto parsed = parser_.parse_page(body, page_);
    EXPECT_TRUE(parsed) << body << (parsed ? "" : parsed.error().message);
    EXPECT_EQ(page_.items(), 0U);
    EXPECT_EQ(page_.next_token, "");
    EXPECT_FALSE(page_.bears_asked_field);
  }
}

TEST_F(PageParserTest, AShortPageMayCarryANextToken) {
  ASSERT_TRUE(parser_.parse_page(R"({"meta":{"result_count":0,"next_token":"abc"}})", page_));
  EXPECT_EQ(page_.next_token, "abc");
}

TEST_F(PageParserTest, WhatHasNoMetaOrAnotherCountIsNoPage) {
  for (const std::string_view body :
       {"{}", R"({"data":[]})", R"({"meta":null})", R"({"meta":[]})", R"({"meta":"x"})",
        R"({"meta":{"result_count":1}})", R"({"data":[{"id":"1","text":"t"}],"meta":{"result_count":2}})",
        R"({"meta":{"result_count":-1}})", R"({"meta":{"result_count":"many"}})", R"({"meta":{"result_count":0.5}})",
        R"({"meta":{"next_token":5}})", R"({"data":{"id":"1"},"meta":{}})", R"({"data":"x","meta":{}})", "[]", "null",
        "5", "\"meta\"", R"({"errors":[{"message":"Over capacity","code":130}]})"}) {
    EXPECT_FALSE(parser_.parse_page(body, page_)) << body;
    EXPECT_EQ(page_.items(), 0U);
  }
}

TEST_F(PageParserTest, TheCountMayBeATextAsXsOtherCountsHaveBecome) {
  EXPECT_TRUE(parser_.parse_page(R"({"data":[{"id":"1","text":"t"}],"meta":{"result_count":"1"}})", page_));
}

TEST_F(PageParserTest, UnparsablePostsCountAsItems) {
  ASSERT_TRUE(
      parser_.parse_page(page_of(R"({"id":"1","text":"a"},{"id":"x","text":"b"},7,{"id":"3","text":"c"})", 4), page_));
  EXPECT_EQ(page_.tweets.size(), 2U);
  EXPECT_EQ(page_.bad.size(), 2U);
  EXPECT_EQ(page_.tweets[1].id, TweetId{3});
}

TEST_F(PageParserTest, ThePageIsReusedWithoutTracesOfTheOneBefore) {
  ASSERT_TRUE(parser_.parse_page(fixture("page_tweet.json"), page_));
  ASSERT_TRUE(parser_.parse_page(page_of(R"({"id":"8","text":"t"})", 1), page_));
  ASSERT_EQ(page_.tweets.size(), 1U);
  const Tweet& tweet = page_.tweets[0];
  EXPECT_EQ(tweet.root, TweetId{8});
  EXPECT_FALSE(tweet.author || tweet.created_at || tweet.metrics.likes || tweet.metrics.impressions);
  EXPECT_TRUE(tweet.lang.empty() && tweet.note_text.empty() && tweet.hashtags.empty() && tweet.urls.empty());
  EXPECT_TRUE(page_.users.empty() && page_.next_token.empty() && page_.first_error.empty());
  EXPECT_EQ(page_.partial_errors, 0U);
  EXPECT_FALSE(page_.bears_asked_field);
}

TEST_F(PageParserTest, OnlyIdTextAndHistoryBearNoAskedField) {
  tweet_of(R"({"id":"1","text":"t","edit_history_post_ids":["1"],"lang":null})");
  EXPECT_FALSE(page_.bears_asked_field);
  tweet_of(R"({"id":"1","text":"t","lang":"en"})");
  EXPECT_TRUE(page_.bears_asked_field);
}

// ---- posts ----

TEST_F(PageParserTest, TheRawPostIsItsObjectByteForByte) {
  const std::string first = R"({ "id" : "1", "text":"a}]" , "x":{"y":[1,{}]} })";
  const std::string second = R"({"id":"2","text":"b"})";
  body_ = page_of(" " + first + " \n, " + second + "\t", 2);
  ASSERT_TRUE(parser_.parse_page(body_, page_));
  EXPECT_EQ(page_.tweets[0].raw, first);
  EXPECT_EQ(page_.tweets[1].raw, second);
}

TEST_F(PageParserTest, EscapesAreDecodedAndRawIsNot) {
  const Tweet tweet = tweet_of(R"({"id":"1","text":"a\"b\\c\/\n\t\b\f\r\u0041\u00e9\u20ac\ud83d\ude80!"})");
  EXPECT_EQ(tweet.text, "a\"b\\c/\n\t\b\f\rAé€🚀!");
  EXPECT_THAT(tweet.raw, HasSubstr(R"(\ud83d\ude80)"));
}

TEST_F(PageParserTest, HalfAnEmojiBecomesAReplacementCharacter) {
  EXPECT_EQ(tweet_of(R"({"id":"1","text":"a\ud83d"})").text, "a\uFFFD");
  EXPECT_EQ(tweet_of(R"({"id":"1","text":"\ude80b\ud83dx\ud83d\u0041"})").text, "\uFFFDb\uFFFDx\uFFFDA");
}

TEST_F(PageParserTest, ManyEscapedTextsStayApart) {
  const Tweet tweet = tweet_of(
      R"({"id":"1","text":"a\nb","lang":"e\u006e","entities":{"hashtags":[{"tag":"\u0061"},{"tag":"\u0062"}]}})");
  EXPECT_EQ(tweet.text, "a\nb");
  EXPECT_EQ(tweet.lang, "en");
  EXPECT_THAT(tweet.hashtags, ElementsAre("a", "b"));
}

TEST_F(PageParserTest, AnEscapedKeyIsTheSameKey) {
  EXPECT_EQ(tweet_of(R"({"\u0069d":"7","te\u0078t":"t"})").id, TweetId{7});
}

TEST_F(PageParserTest, OfARepeatedKeyTheLastOneHolds) {
  const Tweet tweet = tweet_of(
      R"({"id":"1","id":"2","text":"a","text":"b","entities":{"hashtags":[{"tag":"a"}]},"entities":{"hashtags":[{"tag":"b"}]}})");
  EXPECT_EQ(tweet.id, TweetId{2});
  EXPECT_EQ(tweet.text, "b");
  EXPECT_THAT(tweet.hashtags, ElementsAre("b"));
  ASSERT_TRUE(parser_.parse_page(
      R"({"data":[{"id":"1","text":"a"},{}],"data":[{"id":"2","text":"b"}],"meta":{"result_count":9},"meta":{"result_count":1}})",
      page_));
  EXPECT_EQ(page_.items(), 1U);
  EXPECT_EQ(page_.tweets[0].id, TweetId{2});
}

TEST_F(PageParserTest, NullCountsAsAbsent) {
  const Tweet tweet = tweet_of(post_with(
      R"("edit_history_tweet_ids":null,"author_id":null,"created_at":null,"lang":null,"public_metrics":null,
      "entities":null,"note_tweet":null,"note_post":null)"));
  EXPECT_EQ(tweet.root, tweet.id);
  EXPECT_FALSE(tweet.author);
  EXPECT_FALSE(tweet_of(post_with(R"("public_metrics":{"like_count":null})")).metrics.likes);
  const Tweet nested = tweet_of(post_with(
      R"("entities":{"hashtags":null,"mentions":[null,{"username":null}],"urls":[{"url":"u","expanded_url":null,"unwound_url":null}]},
      "note_post":{"text":"n","entities":null})"));
  EXPECT_THAT(nested.mentioned, IsEmpty());
  EXPECT_THAT(nested.urls, ElementsAre("u"));
  EXPECT_EQ(nested.full_text(), "n");
}

TEST_F(PageParserTest, AFieldOfAStrangeTypeIsLeftOutAndThePostKept) {
  for (const std::string_view member :
       {R"("author_id":5)", R"("author_id":"me")", R"("created_at":1)", R"("created_at":"yesterday")", R"("lang":[])",
        R"("public_metrics":[1])", R"("public_metrics":{"like_count":[]})", R"("public_metrics":{"like_count":1.5})",
        R"("public_metrics":{"like_count":-1})", R"("public_metrics":{"like_count":99999999999999999999})",
        R"("entities":"x")", R"("entities":{"hashtags":{"tag":"x"}})", R"("entities":{"urls":[5,"x",{"url":5}]})",
        R"("note_tweet":"x")", R"("note_post":{"text":5})"}) {
    const Tweet tweet = tweet_of(post_with(member));
    EXPECT_FALSE(tweet.author || tweet.created_at || tweet.metrics.likes) << member;
    EXPECT_TRUE(tweet.lang.empty() && tweet.hashtags.empty() && tweet.urls.empty() && tweet.note_text.empty())
        << member;
  }
}

TEST_F(PageParserTest, CountsMayBeTexts) {
  EXPECT_EQ(tweet_of(post_with(R"("public_metrics":{"like_count":"12","repost_count":0})")).metrics.likes, 12);
  EXPECT_EQ(page_.tweets[0].metrics.reposts, 0);
}

TEST_F(PageParserTest, TheNotesEntitiesWinWhicheverComesFirst) {
  const std::string note = R"("note_post":{"entities":{"hashtags":[{"tag":"whole"}]},"text":"n"})";
  const std::string cut = R"("entities":{"hashtags":[{"tag":"cut"}],"urls":[{"url":"cut"}]})";
  EXPECT_THAT(tweet_of(post_with(note + "," + cut)).hashtags, ElementsAre("whole"));
  EXPECT_THAT(tweet_of(post_with(cut + "," + note)).hashtags, ElementsAre("whole"));
  EXPECT_THAT(page_.tweets[0].urls, IsEmpty());
  EXPECT_THAT(tweet_of(post_with(cut + R"(,"note_post":{"text":"n"})")).hashtags, ElementsAre("cut"));
}

TEST_F(PageParserTest, AnEmptyEditHistoryIsNone) {
  EXPECT_EQ(tweet_of(post_with(R"("edit_history_post_ids":[])")).root, TweetId{2083157183716917301});
}

// ---- posts that are none ----

struct BadCase {
  std::string_view item;
  std::string_view reason;
  std::optional<TweetId> id;
};

class BadPosts : public PageParserTest, public testing::WithParamInterface<BadCase> {};

TEST_P(BadPosts, AreKeptRawWithTheReasonAndDoNotFailTheirPage) {
  const BadPost bad = bad_of(GetParam().item);
  EXPECT_EQ(bad.raw, GetParam().item);
  EXPECT_THAT(bad.reason, HasSubstr(GetParam().reason));
  EXPECT_EQ(bad.id, GetParam().id);
  EXPECT_FALSE(parser_.parse_post(GetParam().item));
}

TEST_F(PageParserTest, AnUnreadableVersionTellsItsFirstOneWhereItCan) {
  EXPECT_EQ(bad_of(R"({"id":"13","text":7,"edit_history_tweet_ids":["10","13"]})").root, TweetId{10});
  EXPECT_EQ(bad_of(R"({"edit_history_post_ids":["10","13"]})").root, TweetId{10});
  EXPECT_EQ(bad_of(R"({"id":"13"})").root, std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(
    PageParser, BadPosts,
    testing::Values(BadCase{R"({"text":"t"})", "id: missing", {}},
                    BadCase{R"({"id":null,"text":"t"})", "id: missing", {}}, BadCase{"{}", "id: missing", {}},
                    BadCase{R"({"id":"","text":"t"})", "19 digits", {}},
                    BadCase{R"({"id":"12345678901234567890","text":"t"})", "19 digits", {}},
                    BadCase{R"({"id":"9999999999999999999","text":"t"})", "19 digits", {}},
                    BadCase{R"({"id":"-5","text":"t"})", "19 digits", {}},
                    BadCase{R"({"id":"0","text":"t"})", "19 digits", {}},
                    BadCase{R"({"id":"1 ","text":"t"})", "19 digits", {}},
                    BadCase{R"({"id":17,"text":"t"})", "not a string", TweetId{17}},
                    BadCase{R"({"id":1e3,"text":"t"})", "not a string", {}},
                    BadCase{R"({"id":["1"],"text":"t"})", "not a string", {}},
                    BadCase{R"({"id":"5"})", "text: missing", TweetId{5}},
                    BadCase{R"({"id":"5","text":null})", "text: missing", TweetId{5}},
                    BadCase{R"({"id":"5","text":7})", "text: not a string", TweetId{5}},
                    BadCase{R"({"text":{"a":[1]},"id":"5"})", "text: not a string", TweetId{5}},
                    BadCase{R"({"id":"5","text":"t","edit_history_tweet_ids":["4","x"]})", "edit history", TweetId{5}},
                    BadCase{R"({"id":"5","text":"t","edit_history_post_ids":[4]})", "edit history", TweetId{5}},
                    BadCase{R"({"id":"5","text":"t","edit_history_post_ids":"5"})", "edit history", TweetId{5}},
                    BadCase{"7", "no object", {}}, BadCase{"null", "no object", {}}, BadCase{"\"x\"", "no object", {}},
                    BadCase{"[[1,2],{}]", "no object", {}}, BadCase{"true", "no object", {}}));

TEST_F(PageParserTest, AStoredPostThatIsNoneIsAnError) {
  for (const std::string_view raw :
       {"", "{", "[]", "5", R"({"id":"1","text":"t"}x)", R"({"id":"1","text":"t"}{})", "{\"id\":\"1\"}"}) {
    EXPECT_FALSE(parser_.parse_post(raw)) << raw;
  }
  EXPECT_TRUE(parser_.parse_post(" {\"id\":\"1\",\"text\":\"t\"}\n"));
}

TEST_F(PageParserTest, AParserCanBeMoved) {
  const Tweet tweet = tweet_of(R"({"id":"1","text":"moved along"})");
  const PageParser moved = std::move(parser_);
  EXPECT_EQ(tweet.text, "moved along");
}

}  // namespace
}  // namespace mentiond::xapi
