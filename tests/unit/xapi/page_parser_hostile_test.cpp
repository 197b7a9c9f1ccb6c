#include "unit/xapi/page_samples.h"

namespace mentiond::xapi {
namespace {

// ---- hostile input ----

class Hostile : public PageParserTest, public testing::WithParamInterface<std::string> {};

TEST_P(Hostile, IsRefusedWithoutACrash) {
  const auto parsed = parser_.parse_page(GetParam(), page_);
  ASSERT_FALSE(parsed) << GetParam().substr(0, 200);
  EXPECT_FALSE(parsed.error().message.empty());
  EXPECT_EQ(page_.items(), 0U);
  // And the parser goes on.
  EXPECT_TRUE(parser_.parse_page(page_of(R"({"id":"1","text":"t"})", 1), page_));
}

// A whole page but for a value of a field that nobody reads.
std::string around(std::string_view value) {
  return R"({"data":[{"id":"1","text":"t","unknown":)" + std::string{value} + R"(}],"meta":{"result_count":1}})";
}

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out.append(text);
  return out;
}

INSTANTIATE_TEST_SUITE_P(BrokenText, Hostile,
                         testing::Values("", " ", std::string(1, '\0'), "<html><body>Bad gateway</body></html>", "{",
                                         "}", "[", "\"", "{\"", "{\"meta\"", "{\"meta\":", "{\"meta\":{",
                                         "{\"meta\":{}", "tru", "\xEF\xBB\xBF{\"meta\":{}}", "{\"meta\":{}}\xFF",
                                         "{\"meta\":{},\"a\":\"\xC0\xAF\"}", "{\"meta\":{},\"a\":\"\xED\xA0\x80\"}",
                                         "{\"meta\":{},\"a\":\"\n\"}", std::string{"{\"meta\":{}}\0", 12},
                                         "{\"meta\":{},\"a\":\"\\u12\"}"));

INSTANTIATE_TEST_SUITE_P(AfterTheEnd, Hostile,
                         testing::Values(R"({"meta":{}}{})", R"({"meta":{}} x)", R"({"meta":{}}})", R"({"meta":{}}])",
                                         R"({"meta":{}},)", R"({"meta":{}}"")", R"({"meta":{}}0)"));

INSTANTIATE_TEST_SUITE_P(InsideSkippedValues, Hostile,
                         testing::Values(around("{]"), around("[}"), around("[1,{\"a\":2]}"), around("[1 2]"),
                                         around("[1,]"), around("[,1]"), around("{\"a\" \"b\"}"), around("{\"a\":1,}"),
                                         around("{\"a\":1 \"b\":2}"), around("{1:2}"), around("{\"a\":\"b\":1}"),
                                         around("{\"a\"}"), around("{\"a\",\"b\"}"), around("[\"a\":1]"), around("tru"),
                                         around("nul"), around("nullx"), around("falsey"), around("True"), around("01"),
                                         around("-"), around("1."), around(".5"), around("1e"), around("+1"),
                                         around("0x1"), around("1e+"), around("NaN"), around("-Infinity"),
                                         around("\"\\q\""), around("\"\\u12g4\""), around("\"\\u\""),
                                         around("{\"\\x\":1}"), around(""), around("'a'"), around("[1;2]"),
                                         around("\"a\"\"b\""), around("\"a\"b"), around("1\"a\""), around("{}{}"),
                                         around("//c\n1")));

INSTANTIATE_TEST_SUITE_P(Bombs, Hostile,
                         testing::Values(around(repeat("[", 100'000) + repeat("]", 100'000)),
                                         around(repeat("{\"a\":", 100'000) + "1" + repeat("}", 100'000)),
                                         repeat("[", 1'000'000), repeat("{\"data\":", 100'000),
                                         around(repeat("[", 64) + repeat("]", 64)),
                                         page_of(repeat("[", 200) + repeat("]", 200), 1)));

TEST_F(PageParserTest, OrdinaryNestingAndEveryKindOfUnknownValueIsIgnored) {
  const auto text_with = [this](const std::string& unknown) { return tweet_of(post_with(unknown)).text; };
  EXPECT_EQ(
      text_with(
          R"("a":{"b":[{},[],"\u00e9",-1.5e-7,0,-0,1E5,true,false,null,123456789012345678901234567890]},"":{"":""})"),
      "t");
  EXPECT_EQ(text_with("\"a\":" + repeat("[", 50) + repeat("]", 50)), "t");
}

TEST_F(PageParserTest, EveryTruncationOfAPageIsRefused) {
  const std::string whole = fixture("page_tweet.json");
  const std::size_t end = whole.rfind('}');
  ASSERT_NE(end, std::string::npos);
  for (std::size_t size = 0; size <= end; ++size) {
    ASSERT_FALSE(parser_.parse_page(std::string_view{whole}.substr(0, size), page_)) << "cut at " << size;
  }
}

TEST_F(PageParserTest, NoChangedByteCrashesOrBreaksAPostsRawText) {
  const std::string whole = fixture("page_post.json");
  PageParser posts;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char byte : {'"', '\\', '{', '}', ']', ',', ':', ' ', '0', '\0', '\x80'}) {
      std::string changed = whole;
      changed[at] = byte;
      if (!parser_.parse_page(changed, page_)) continue;
      for (const Tweet& tweet : page_.tweets) ASSERT_TRUE(posts.parse_post(tweet.raw)) << at << byte;
    }
  }
}

TEST_F(PageParserTest, APageBeyondTheLimitIsRefused) {
  std::string body = R"({"meta":{}})";
  body.resize(PageParser::max_page_bytes, ' ');
  EXPECT_TRUE(parser_.parse_page(body, page_));
  body.push_back(' ');
  EXPECT_FALSE(parser_.parse_page(body, page_));
  EXPECT_FALSE(parser_.parse_post(body));
}

TEST_F(PageParserTest, MoreItemsThanAPageCanHaveAreRefused) {
  std::string items = R"({"id":"1","text":"t"})";
  for (std::size_t i = 1; i < PageParser::max_items; ++i) items += i % 2 == 0 ? R"(,{"id":"1","text":"t"})" : ",7";
  EXPECT_TRUE(parser_.parse_page(page_of(items, PageParser::max_items), page_));
  EXPECT_FALSE(parser_.parse_page(page_of(items + ",7", PageParser::max_items + 1), page_));
}

TEST_F(PageParserTest, ALongTitleOfAPartialErrorIsCut) {
  ASSERT_TRUE(
      parser_.parse_page(R"({"meta":{},"errors":[{"title":")" + repeat("x", 5000) + R"("},{"title":5},7]})", page_));
  EXPECT_EQ(page_.partial_errors, 3U);
  EXPECT_LE(page_.first_error.size(), 200U);
}

}  // namespace
}  // namespace mentiond::xapi
