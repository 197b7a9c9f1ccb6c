#include "xapi/reply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "xapi/problem.h"
#include "xapi/reply_reader.h"

namespace mentiond::xapi {
namespace {

using testing::HasSubstr;
using testing::Not;

HttpReply http(int status, std::string body, std::initializer_list<std::pair<const char*, const char*>> headers = {}) {
  HttpReply reply{.status = status, .headers = {}, .body = std::move(body)};
  for (const auto& [name, value] : headers) reply.headers.add(name, value);
  return reply;
}

Reply read(const Result<HttpReply, HttpFailure>& reply) {
  PageParser parser;
  Page page;
  return read_reply(reply, parser, page);
}

// ---- the verdict table, row by row ----

struct Row {
  const char* name;
  int status;
  const char* body;
  const char* outcome;
  const char* remaining = nullptr;  // x-rate-limit-remaining
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class VerdictTable : public testing::TestWithParam<Row> {};

TEST_P(VerdictTable, GivesEachAnswerItsVerdict) {
  const Row& row = GetParam();
  HttpReply reply = http(row.status, row.body);
  if (row.remaining != nullptr) reply.headers.add("x-rate-limit-remaining", row.remaining);
  EXPECT_EQ(outcome_name(read(reply).answer), row.outcome) << row.name;
}

constexpr const char* html = "<!DOCTYPE html><html><body>Attention Required!</body></html>";
constexpr const char* plain_429 =
    R"({"title":"Too Many Requests","detail":"Too Many Requests","type":"about:blank","status":429})";
constexpr const char* stale_nested =
    R"({"errors":[{"parameters":{"since_id":["2075200933194039668"]},"message":"'since_id' must be a tweet id created after 2026-07-31T11:45Z. Please use a 'since_id' that is larger than 2083157183716917248"}],"title":"Invalid Request","detail":"One or more parameters to your request was invalid.","type":"https://api.twitter.com/2/problems/invalid-request"})";
constexpr const char* stale_flat =
    R"({"type":"https://api.x.com/2/problems/invalid-request","title":"Invalid Request","status":400,"parameter":"since_id","value":"2075200933194039668","detail":"'since_id' must be a tweet id created after 2026-07-31T11:45Z. Please use a 'since_id' that is larger than 2083157183716917248"})";

INSTANTIATE_TEST_SUITE_P(
    Pages, VerdictTable,
    testing::Values(Row{"empty page", 200, R"({"meta":{"result_count":0}})", "page"},
                    Row{"no meta", 200, R"({"data":[]})", "retry"}, Row{"broken", 200, R"({"meta":{)", "retry"},
                    Row{"html", 200, html, "retry"}, Row{"empty", 200, "", "retry"},
                    Row{"errors alone", 200, R"({"errors":[{"message":"Over capacity"}]})", "retry"},
                    Row{"short count", 200, R"({"meta":{"result_count":3}})", "retry"}));

INSTANTIATE_TEST_SUITE_P(Servers, VerdictTable,
                         testing::Values(Row{"408", 408, "", "retry"}, Row{"500", 500, "{}", "retry"},
                                         Row{"502", 502, html, "retry"},
                                         Row{"503", 503, R"({"title":"Service Unavailable"})", "retry"},
                                         Row{"504", 504, "", "retry"}, Row{"599", 599, "", "retry"}));

INSTANTIATE_TEST_SUITE_P(
    TooMany, VerdictTable,
    testing::Values(
        Row{"none left", 429, plain_429, "rate_limited", "0"},
        Row{"none left, old body", 429, R"({"errors":[{"code":88,"message":"Rate limit exceeded"}]})", "rate_limited",
            "0"},
        Row{"none left, no body", 429, "", "rate_limited", "0"},
        Row{"some left", 429, plain_429, "too_many_requests", "39999"},
        Row{"no header", 429, plain_429, "too_many_requests"}, Row{"html", 429, html, "too_many_requests"},
        Row{"a header that is none", 429, plain_429, "too_many_requests", "none"},
        Row{"a negative header", 429, plain_429, "too_many_requests", "-1"},
        Row{"usage cap", 429,
            R"({"account_id":1234567890123456789,"product_name":"standard-basic","title":"UsageCapExceeded","period":"Monthly","scope":"Product","detail":"Usage cap exceeded: Monthly product cap","type":"https://api.twitter.com/2/problems/usage-capped"})",
            "capped", "39999"},
        Row{"usage cap by type", 429, R"({"type":"https://api.x.com/2/problems/usage-capped"})", "capped", "0"},
        Row{"usage cap by title", 429, R"({"title":"usagecapexceeded","type":"about:blank"})", "capped"},
        Row{"usage cap, nested", 429, R"({"errors":[{"title":"UsageCapExceeded"}]})", "capped"}));

INSTANTIATE_TEST_SUITE_P(
    Money, VerdictTable,
    testing::Values(
        Row{"402 old", 402,
            R"({"account_id":9223372036854775809,"title":"CreditsDepleted","detail":"Your enrolled account [9223372036854775809] does not have any credits to fulfill this request.","type":"https://api.twitter.com/2/problems/credits"})",
            "capped"},
        Row{"402 new", 402,
            R"({"title":"Payment Required","detail":"credits depleted","status":402,"type":"https://api.x.com/2/problems/credits-depleted"})",
            "capped"},
        Row{"402 without a body", 402, "", "capped"}, Row{"402 as html", 402, html, "capped"},
        Row{"403 spend cap", 403, R"({"title":"SpendCapReached","detail":"Blocked.","reset_date":"2026-04-14"})",
            "capped"}));

INSTANTIATE_TEST_SUITE_P(
    BadRequests, VerdictTable,
    testing::Values(
        Row{"old since_id, nested", 400, stale_nested, "stale_since_id"},
        Row{"old since_id, flat", 400, stale_flat, "stale_since_id"},
        Row{"old since_id, in words alone", 400,
            R"({"title":"Invalid Request","detail":"'since_id' must be a tweet id created after 2026-07-31T11:45Z."})",
            "stale_since_id"},
        Row{"since_id for another reason", 400,
            R"({"errors":[{"parameters":{"since_id":["x"]},"message":"The `since_id` query parameter value [x] is not valid"}]})",
            "bad_query"},
        Row{"until_id, nested", 400,
            R"({"errors":[{"parameters":{"until_id":["5"]},"message":"'until_id' must be a tweet id created after 2026-07-31T11:45Z."}]})",
            "stale_until_id"},
        Row{"until_id, flat", 400,
            R"({"parameter":"until_id","value":"5","title":"Invalid Request","detail":"too old"})", "stale_until_id"},
        Row{"next_token", 400, R"({"errors":[{"parameters":{"next_token":["abc"]},"message":"Invalid token"}]})",
            "bad_next_token"},
        Row{"pagination_token", 400, R"({"parameter":"pagination_token","title":"Invalid Request","detail":"x"})",
            "bad_next_token"},
        Row{"tweet.fields", 400,
            R"({"errors":[{"parameters":{"tweet.fields":["id"]},"message":"The query parameter [tweet.fields] is not one of [query,since_id,until_id,next_token,post.fields]"}]})",
            "wrong_vocabulary"},
        Row{"tweet.fields in words alone", 400,
            R"({"errors":[{"message":"The query parameter [tweet.fields] is not one of [query,since_id,until_id,next_token]"}]})",
            "wrong_vocabulary"},
        Row{"post.fields", 400, R"({"parameter":"post.fields","title":"Invalid Request","detail":"unknown"})",
            "wrong_vocabulary"},
        Row{"user.fields", 400, R"({"parameter":"user.fields","title":"Invalid Request","detail":"unknown"})",
            "wrong_vocabulary"},
        Row{"expansions", 400,
            R"({"errors":[{"parameters":{"expansions":["referenced_tweets.id"]},"message":"not one of"}]})",
            "wrong_vocabulary"},
        Row{"several: the cursor first", 400,
            R"({"errors":[{"parameters":{"tweet.fields":["id"]},"message":"x"},{"parameters":{"since_id":["1"]},"message":"larger than 5"}]})",
            "stale_since_id"},
        Row{"the query", 400,
            R"({"errors":[{"parameters":{"query":["x"]},"message":"Reference to invalid operator 'foo'"}],"title":"Invalid Request"})",
            "bad_query"},
        Row{"nothing named", 400, "{}", "bad_query"}, Row{"no body", 400, "", "bad_query"},
        Row{"html", 400, html, "retry"}, Row{"broken JSON", 400, "{\"title\":", "retry"}));

INSTANTIATE_TEST_SUITE_P(
    Refusals, VerdictTable,
    testing::Values(
        Row{"401", 401, R"({"title":"Unauthorized","type":"about:blank","status":401,"detail":"Unauthorized"})",
            "auth_failed"},
        Row{"403 client", 403,
            R"({"title":"Client Forbidden","reason":"client-not-enrolled","type":"https://api.twitter.com/2/problems/client-forbidden"})",
            "auth_failed"},
        Row{"403 method", 403,
            R"({"title":"Unsupported Authentication","type":"https://api.x.com/2/problems/unsupported-authentication"})",
            "auth_failed"},
        Row{"403 html", 403, html, "auth_failed"}, Row{"404 without a body", 404, "", "auth_failed"},
        Row{"410", 410, "{}", "auth_failed"}, Row{"301", 301, "", "auth_failed"}, Row{"204", 204, "", "auth_failed"},
        Row{"418", 418, "", "auth_failed"}));

TEST(ReadReply, WithoutAReplyItIsARetry) {
  for (const auto kind :
       {HttpFailure::Kind::resolve, HttpFailure::Kind::connect, HttpFailure::Kind::tls, HttpFailure::Kind::timeout,
        HttpFailure::Kind::cut, HttpFailure::Kind::malformed, HttpFailure::Kind::too_large}) {
    const Reply reply = read(HttpFailure{.kind = kind, .message = "api.x.com: it is gone"});
    ASSERT_TRUE(std::holds_alternative<Retry>(reply.answer));
    EXPECT_THAT(std::get<Retry>(reply.answer).why, HasSubstr("it is gone"));
  }
}

// ---- what the verdicts carry ----

TEST(ReadReply, AStaleSinceIdCarriesTheBoundThatXNames) {
  for (const char* body : {stale_nested, stale_flat}) {
    EXPECT_EQ(std::get<StaleSinceId>(read(http(400, body)).answer).bound, TweetId{2083157183716917248});
  }
  const Reply without =
      read(http(400, R"({"parameter":"since_id","detail":"must be created after 2026-07-31T11:45Z"})"));
  EXPECT_FALSE(std::get<StaleSinceId>(without.answer).bound);
  const Reply quoted = read(http(400, R"({"parameter":"since_id","detail":"larger than ['77']."})"));
  EXPECT_EQ(std::get<StaleSinceId>(quoted.answer).bound, TweetId{77});
}

TEST(ReadReply, ACapCarriesItsKindAndTheDateWhereXGivesOne) {
  const auto cap = [](int status, const char* body) { return std::get<Capped>(read(http(status, body)).answer); };
  EXPECT_EQ(cap(402, "").by, Capped::By::credits);
  EXPECT_EQ(cap(429, R"({"title":"UsageCapExceeded"})").by, Capped::By::cap);
  EXPECT_FALSE(cap(429, R"({"title":"UsageCapExceeded"})").until);
  const Capped spend = cap(403, R"({"title":"SpendCapReached","detail":"x","reset_date":"2026-04-14"})");
  EXPECT_EQ(spend.by, Capped::By::spend_cap);
  EXPECT_EQ(spend.until, parse_day("2026-04-14"));
  const char* in_words = R"({"title":"SpendCapReached","detail":"blocked until the next cycle begins on 2026-04-14."})";
  EXPECT_EQ(cap(403, in_words).until, parse_day("2026-04-14"));
  EXPECT_FALSE(cap(403, R"({"title":"SpendCapReached","reset_date":"soon"})").until);
}

TEST(ReadReply, AWrongVocabularyCarriesTheParameter) {
  const Reply reply = read(http(400, R"({"parameter":"post.fields","detail":"unknown"})"));
  EXPECT_EQ(std::get<WrongVocabulary>(reply.answer).parameter, "post.fields");
}

TEST(ReadReply, APageCarriesItsIdsUnparsablePostsIncluded) {
  PageParser parser;
  Page page;
  const Reply reply = read_reply(
      http(
          200,
          R"({"data":[{"id":"30","text":"t","lang":"en"},{"id":"40"},{"id":"20","text":"t"},{}],"meta":{"next_token":"n"}})"),
      parser, page);
  const auto& got = std::get<GotPage>(reply.answer);
  EXPECT_EQ(got.posts, 4U);
  EXPECT_EQ(got.ids, (std::vector{TweetId{30}, TweetId{20}, TweetId{40}}));
  EXPECT_EQ(got.next_token, "n");
  EXPECT_TRUE(got.bears_asked_field);
  EXPECT_EQ(page.tweets.size(), 2U);
}

TEST(ReadReply, APageWithoutPostsHasNoIds) {
  const Reply reply = read(http(200, R"({"meta":{"result_count":0}})"));
  const auto& got = std::get<GotPage>(reply.answer);
  EXPECT_FALSE(!got.ids.empty() || got.bears_asked_field);
  EXPECT_EQ(got.posts, 0U);
}

TEST(ReadReply, WhateverIsNoPageLeavesThePageEmpty) {
  PageParser parser;
  Page page;
  const std::string whole = R"({"data":[{"id":"1","text":"t"}],"meta":{}})";
  for (const int status : {500, 200, 400, 429}) {
    read_reply(http(200, whole), parser, page);
    ASSERT_EQ(page.items(), 1U);
    read_reply(http(status, "{}"), parser, page);
    EXPECT_EQ(page.items(), 0U);
  }
  read_reply(http(200, whole), parser, page);
  read_reply(HttpFailure{}, parser, page);
  EXPECT_EQ(page.items(), 0U);
}

TEST(ReadReply, TheHeadersTellTheTimeAndTheLimit) {
  const Reply reply = read(http(503, "{}",
                                {{"Date", "Thu, 06 Aug 2026 10:15:30 GMT"},
                                 {"X-Rate-Limit-Remaining", "449"},
                                 {"x-rate-limit-reset", "1786011630"}}));
  EXPECT_EQ(reply.date, parse_iso8601("2026-08-06T10:15:30Z"));
  EXPECT_EQ(reply.remaining, 449);
  EXPECT_EQ(reply.reset, Time{std::chrono::seconds{1786011630}});
}

TEST(ReadReply, OnlyAnAnswerThatIsSurelyXsTellsTheTime) {
  const auto date = [](int status, const char* body) {
    return read(http(status, body, {{"Date", "Thu, 06 Aug 2026 10:15:30 GMT"}})).date.has_value();
  };
  EXPECT_TRUE(date(200, R"({"meta":{"result_count":0}})"));
  EXPECT_TRUE(date(429, R"({"title":"Too Many Requests"})"));
  EXPECT_FALSE(date(502, "<html>Bad gateway</html>"));
  EXPECT_FALSE(date(200, "<html>Log in to this network</html>"));
  EXPECT_FALSE(date(407, ""));
}

TEST(ReadReply, HeadersThatAreNoneAreIgnored) {
  for (const char* reset : {"-1", "soon", "9223372036854775807", "99999999999999999999"}) {
    const Reply reply =
        read(http(429, "", {{"date", "today"}, {"x-rate-limit-remaining", "-3"}, {"x-rate-limit-reset", reset}}));
    EXPECT_FALSE(reply.date || reply.remaining || reply.reset) << reset;
  }
}

// ---- what may reach a log ----

TEST(ReadReply, NoDetailHoldsSomethingLikeATokenOrAForeignBody) {
  const std::string token(110, 'A');
  for (const std::string& body :
       {R"({"title":"Unauthorized","detail":"Bearer )" + token + R"("})", "<p>" + token + "</p>", token}) {
    const Reply reply = read(http(401, body));
    EXPECT_THAT(std::get<AuthFailed>(reply.answer).detail, Not(HasSubstr("AAAA")));
  }
  const Reply park =
      read(http(400, R"({"errors":[{"parameters":{"query":["x"]},"message":"token )" + token + R"("}]})"));
  EXPECT_THAT(std::get<BadQuery>(park.answer).detail, Not(HasSubstr("AAAA")));
}

TEST(ReadReply, ADetailSaysWhatXSays) {
  const Reply reply = read(http(
      400,
      R"({"errors":[{"parameters":{"query":["x"]},"message":"Reference to invalid operator 'foo'"}],"title":"Invalid Request","detail":"One or more parameters to your request was invalid."})"));
  EXPECT_EQ(std::get<BadQuery>(reply.answer).detail, "Invalid Request: Reference to invalid operator 'foo'");
}

TEST(ReadReply, ABrokenPagesTextStaysOutOfTheReason) {
  const Reply reply = read(http(200, R"({"data":[{"id":"1","text":"secret words"}],"meta":{"result_count":2}})"));
  EXPECT_THAT(std::get<Retry>(reply.answer).why, Not(HasSubstr("secret words")));
}

TEST(FitForLog, IsShortOnOneLineAndWholeCharacters) {
  EXPECT_EQ(fit_for_log("a\nb\tc\x7F"), "a b c ");
  EXPECT_EQ(fit_for_log("an id of 2083157183716917248 stays"), "an id of 2083157183716917248 stays");
  std::string long_words;
  for (int i = 0; i < 200; ++i) long_words += "né ";
  const std::string cut = fit_for_log(long_words);
  EXPECT_LE(cut.size(), 300U);
  EXPECT_NE(static_cast<unsigned char>(cut.back()), 0xC3);
}

TEST(ReadProblem, WhatIsNoJsonObjectIsNothing) {
  for (const char* body : {"", "[]", "5", "<html>", "{", "{}x", "{\"a\":tru}"})
    EXPECT_FALSE(read_problem(body)) << body;
  EXPECT_TRUE(read_problem("{}"));
  EXPECT_FALSE(read_problem("{}" + std::string(std::size_t{2} << 20U, ' ')));
}

TEST(ReadProblem, StrangeTypesAreIgnored) {
  const auto problem =
      read_problem(R"({"title":5,"type":null,"detail":[],"errors":{"a":1},"parameter":{},"reset_date":7})");
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->summary(), "");
  EXPECT_TRUE(read_problem(R"({"errors":[5,null,"x",{"parameters":[1],"message":{}}]})"));
}

}  // namespace
}  // namespace mentiond::xapi
