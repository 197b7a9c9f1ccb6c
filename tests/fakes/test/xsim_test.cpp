#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/test/ask.h"
#include "mention/tweet_id.h"

namespace mentiond::fakes {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

XOptions with_posts(std::uint64_t count) {
  XOptions options;
  options.tweets = count;
  options.noise = 0;
  return options;
}

// Every page of a walk; at most 100 of them.
std::vector<std::string> walk(FakeX& x, const std::string& parameters) {
  std::vector<std::string> all;
  std::string token;
  for (int page = 0; page < 100; ++page) {
    const Answer answer = x.ask(parameters + (token.empty() ? "" : "&next_token=" + token));
    EXPECT_EQ(answer.status, 200) << answer.body;
    const auto ids = ids_of(answer);
    all.insert(all.end(), ids.begin(), ids.end());
    token = next_of(answer);
    if (token.empty()) return all;
  }
  ADD_FAILURE() << "the walk does not end";
  return all;
}

TEST(XSim, PagesGoNewestFirstAndTokensLeadThroughAllOfThemOnce) {
  FakeX x{with_posts(1'000)};
  const auto ids = walk(x, "query=AWS+Marketplace&max_results=100");
  EXPECT_GT(ids.size(), 400U);
  EXPECT_TRUE(
      std::ranges::is_sorted(ids, std::greater{}, [](const std::string& id) { return TweetId::parse(id)->value(); }));
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), ids.size());
}

TEST(XSim, WithoutNoiseTheStandardQueriesTogetherFindEveryPost) {
  FakeX x{with_posts(2'000)};
  std::set<std::string> all;
  std::size_t found = 0;
  for (const auto* cloud : {"AWS", "GCP", "Azure"}) {
    const auto ids = walk(x, std::string{"query="} + cloud + "+Marketplace+-is:retweet&max_results=100");
    found += ids.size();
    all.insert(ids.begin(), ids.end());
  }
  EXPECT_EQ(all.size(), 2'000U);
  EXPECT_GT(found, 2'010U);  // about 2 % are found by two queries
}

TEST(XSim, SinceAndUntilExcludeTheirOwnIds) {
  FakeX x;
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i) ids.push_back(x.add("AWS Marketplace"));
  const auto found = ids_of(x.ask("query=AWS&since_id=" + ids[0] + "&until_id=" + ids[3]));
  EXPECT_THAT(found, ElementsAre(ids[2], ids[1]));
}

TEST(XSim, AStaleSinceIdGetsXsOwn400WithTheBoundInIt) {
  FakeX x;
  const Answer answer = x.ask("query=AWS&since_id=2000000000000000000");
  EXPECT_EQ(answer.status, 400);
  const auto bound = TweetId::at(noon() - std::chrono::days{7}).to_string();
  EXPECT_THAT(answer.body, HasSubstr("'since_id' must be a tweet id created after 2026-09-28T12:00Z. Please use a "
                                     "'since_id' that is larger than " +
                                     bound));
}

TEST(XSim, AnUntilIdOutsideTheWindowIsRefusedByName) {
  FakeX x;
  const Answer answer = x.ask("query=AWS&until_id=2000000000000000000");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr(R"("parameters":{"until_id":)"));
}

TEST(XSim, PostsLeaveTheWindowAsTheClockMovesOn) {
  FakeX x;
  x.add("AWS Marketplace");
  EXPECT_EQ(ids_of(x.ask("query=AWS")).size(), 1U);
  x.now += std::chrono::days{7} + 1s;
  EXPECT_THAT(ids_of(x.ask("query=AWS")), IsEmpty());
}

TEST(XSim, EachWrongParameterIsNamedInThe400) {
  FakeX x;
  const std::pair<const char*, const char*> cases[] = {
      {"query=", "query"},
      {"query=%22open", "query"},
      {"query=-AWS", "query"},
      {"query=min_faves:3+AWS", "query"},
      {"query=AWS&max_results=9", "max_results"},
      {"query=AWS&max_results=101", "max_results"},
      {"query=AWS&sort_order=newest", "sort_order"},
      {"query=AWS&since_id=abc", "since_id"},
      {"query=AWS&surprise=1", "surprise"},
      {"query=AWS&tweet.fields=nonsense", "tweet.fields"},
      {"query=AWS&post.fields=author_id", "post.fields"},
      {"query=AWS&expansions=everything", "expansions"},
      {"query=AWS&next_token=abc", "next_token"},
      {"query=AWS&end_time=2026-10-05T11:59:55Z", "end_time"},
      {"query=AWS&start_time=2026-09-01T00:00:00Z", "start_time"},
      {"query=AWS&since_id=2100000000000000000&start_time=2026-10-05T00:00:00Z", "since_id"},
  };
  for (const auto& [parameters, name] : cases) {
    const Answer answer = x.ask(parameters);
    EXPECT_EQ(answer.status, 400) << parameters;
    const JsonValue json = json_of(answer);
    ASSERT_NE(json.find("errors"), nullptr) << answer.body;
    EXPECT_EQ(json.find("errors")->items()[0].find("parameters")->members()[0].first, name) << answer.body;
  }
}

TEST(XSim, AQueryOf513CharactersIsRefused) {
  FakeX x;
  EXPECT_EQ(x.ask("query=" + std::string(512, 'a')).status, 200);
  EXPECT_EQ(x.ask("query=" + std::string(513, 'a')).status, 400);
}

TEST(XSim, FlatErrorsNameTheParameterToo) {
  XOptions options;
  options.error_shape = ErrorShape::flat;
  FakeX x{options};
  EXPECT_EQ(json_of(x.ask("query=AWS&max_results=5")).text_at("parameter"), "max_results");
}

TEST(XSim, OnlyAskedFieldsAreReturnedInTheVocabularyAsked) {
  FakeX x;
  x.add("AWS Marketplace #cloud");
  const auto plain = json_of(x.ask("query=AWS")).find("data")->items()[0];
  EXPECT_EQ(plain.members().size(), 3U);
  EXPECT_NE(plain.find("edit_history_tweet_ids"), nullptr);
  const auto asked = json_of(x.ask("query=AWS&post.fields=public_metrics,lang,entities")).find("data")->items()[0];
  EXPECT_NE(asked.at("public_metrics", "repost_count"), nullptr);
  EXPECT_NE(asked.find("edit_history_post_ids"), nullptr);
  EXPECT_EQ(asked.at("entities", "hashtags")->items()[0].text_at("tag"), "cloud");
  EXPECT_EQ(asked.find("created_at"), nullptr);
}

TEST(XSim, AVocabularyThatIsNotAcceptedIsA400NamingItsParameter) {
  XOptions options;
  options.vocabulary = Accepted::post;
  FakeX x{options};
  const Answer answer = x.ask("query=AWS&tweet.fields=lang");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("The query parameter [tweet.fields] is not one of"));
  EXPECT_EQ(x.ask("query=AWS&post.fields=lang").status, 200);
}

TEST(XSim, ALongPostIsCutInTextAndWholeInItsNote) {
  FakeX x;
  x.add("AWS Marketplace " + std::string(400, 'x') + " the end");
  const auto post = json_of(x.ask("query=AWS&tweet.fields=note_tweet")).find("data")->items()[0];
  EXPECT_THAT(post.text_at("text"), HasSubstr("\u2026 https://t.co/"));
  EXPECT_THAT(post.find("note_tweet")->text_at("text"), testing::EndsWith("the end"));
}

TEST(XSim, TextIsHtmlEscaped) {
  FakeX x;
  x.add("AWS Marketplace R&D <3");
  EXPECT_EQ(json_of(x.ask("query=AWS")).find("data")->items()[0].text_at("text"), "AWS Marketplace R&amp;D &lt;3");
}

TEST(XSim, QueriesFindWordsPhrasesAlternativesAndLanguages) {
  FakeX x;
  const auto near = x.add("buy it on AWS Marketplace now");
  const auto apart = x.add("a Marketplace, and AWS beside it");
  EXPECT_THAT(ids_of(x.ask("query=AWS+Marketplace")), ElementsAre(apart, near));
  EXPECT_THAT(ids_of(x.ask("query=%22AWS+Marketplace%22")), ElementsAre(near));
  EXPECT_THAT(ids_of(x.ask("query=(buy+OR+beside)+AWS")), ElementsAre(apart, near));
  EXPECT_THAT(ids_of(x.ask("query=AWS+-buy")), ElementsAre(apart));
  EXPECT_THAT(ids_of(x.ask("query=AWS+lang:de")), IsEmpty());
  EXPECT_THAT(ids_of(x.ask("query=market")), IsEmpty());
}

TEST(XSim, LatePostsAppearBelowIdsThatWereSeenBefore) {
  FakeX x;
  const auto early =
      json_of(x.admin("add", R"({"posts":[{"text":"AWS one","visible_in":"90s"}]})")).find("ids")->items()[0].text();
  x.now += 1s;
  const auto later = x.add("AWS two");
  EXPECT_THAT(ids_of(x.ask("query=AWS")), ElementsAre(later));
  x.now += 90s;
  EXPECT_THAT(ids_of(x.ask("query=AWS")), ElementsAre(later, early));
}

TEST(XSim, AnEditReplacesTheOldVersionAndRemembersItsHistory) {
  FakeX x;
  const auto first = x.add("AWS Marketplace");
  x.now += 1s;
  const auto second =
      json_of(x.admin("edit", R"({"id":")" + first + R"(","text":"AWS Marketplace, corrected"})")).text_at("id");
  const Answer answer = x.ask("query=AWS");
  EXPECT_THAT(ids_of(answer), ElementsAre(second));
  const auto history = json_of(answer).find("data")->items()[0].find("edit_history_tweet_ids")->items();
  EXPECT_EQ(history[0].text(), first);
  EXPECT_EQ(history[1].text(), second);
}

TEST(XSim, ADeletedPostVanishesWithItsWholeChain) {
  FakeX x;
  const auto first = x.add("AWS Marketplace");
  x.now += 1s;
  x.admin("edit", R"({"id":")" + first + R"(","text":"AWS"})");
  EXPECT_EQ(x.admin("delete", R"({"ids":[")" + first + R"("]})").status, 200);
  EXPECT_THAT(ids_of(x.ask("query=AWS")), IsEmpty());
}

TEST(XSim, TheBillCountsEachPostOncePerUtcDay) {
  FakeX x{with_posts(50)};
  x.ask("query=AWS+Marketplace&max_results=10");
  x.ask("query=AWS+Marketplace&max_results=10");
  EXPECT_EQ(x.sim.bill().posts, 10);
  x.now += 24h;
  x.ask("query=AWS+Marketplace&max_results=10");
  EXPECT_EQ(x.sim.bill().posts, 20);
  EXPECT_EQ(x.sim.bill().users, 0);
  EXPECT_EQ(x.sim.requests(), 3);
}

TEST(XSim, ExpandedAuthorsAreReturnedAndBilled) {
  FakeX x{with_posts(50)};
  const auto page = json_of(x.ask("query=AWS+Marketplace&expansions=author_id"));
  const auto users = page.at("includes", "users")->items().size();
  EXPECT_GT(users, 0U);
  EXPECT_EQ(x.sim.bill().users, static_cast<std::int64_t>(users));
}

TEST(XSim, TheRateLimitIsCountedInHeadersAndEndsIn429UntilTheReset) {
  XOptions options;
  options.rate_limit = 2;
  FakeX x{options};
  EXPECT_EQ(x.ask("query=AWS").headers.find_number("x-rate-limit-remaining"), 1);
  EXPECT_EQ(x.ask("query=AWS").headers.find_number("x-rate-limit-remaining"), 0);
  const Answer refused = x.ask("query=AWS");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.headers.find_number("x-rate-limit-remaining"), 0);
  x.now = Time{std::chrono::seconds{*refused.headers.find_number("x-rate-limit-reset")}};
  EXPECT_EQ(x.ask("query=AWS").status, 200);
}

TEST(XSim, AWrongTokenIs401AndAChangedOneWorks) {
  FakeX x;
  x.admin("config", R"({"token":"fresh"})");
  EXPECT_EQ(x.ask("query=AWS").status, 401);
  Request request = get("/2/tweets/search/recent?query=AWS");
  request.headers = {};
  request.headers.add("Authorization", "Bearer fresh");
  EXPECT_EQ(x.sim.handle(request, x.now).status, 200);
}

TEST(XSim, PageTokensExpireAndBelongToTheirRequest) {
  XOptions options = with_posts(100);
  options.token_ttl = 60s;
  FakeX x{options};
  const std::string token = next_of(x.ask("query=AWS+Marketplace"));
  EXPECT_EQ(x.ask("query=GCP+Marketplace&next_token=" + token).status, 400);
  EXPECT_EQ(x.ask("query=AWS+Marketplace&next_token=" + token).status, 200);
  x.now += 61s;
  const Answer expired = x.ask("query=AWS+Marketplace&next_token=" + token);
  EXPECT_EQ(expired.status, 400);
  EXPECT_THAT(expired.body, HasSubstr("next_token"));
}

TEST(XSim, ShortAndEmptyPagesStillLeadToEveryPost) {
  XOptions options = with_posts(300);
  options.short_pages = 50;
  FakeX x{options};
  FakeX whole{with_posts(300)};
  EXPECT_EQ(walk(x, "query=AWS+Marketplace&max_results=20"), walk(whole, "query=AWS+Marketplace&max_results=20"));
}

TEST(XSim, ItsOwnClockRulesDateWindowAndBill) {
  FakeX x;
  x.admin("config", R"({"clock":"2026-12-24T10:00:00Z"})");
  const Answer answer = x.ask("query=AWS");
  EXPECT_EQ(*answer.headers.find("Date"), "Thu, 24 Dec 2026 10:00:00 GMT");
}

TEST(XSim, LiveModeKeepsNewPostsComingAtItsRate) {
  XOptions options = with_posts(0);
  options.live = 5;
  FakeX x{options};
  x.now += 1'000s;
  x.ask("query=AWS");
  const auto posts = *x.state().integer_at("posts");
  EXPECT_GT(posts, 4'000);
  EXPECT_LT(posts, 6'000);
}

TEST(XSim, LazyRenderingServesTheSameBytes) {
  XOptions lazy = with_posts(200);
  lazy.lazy = true;
  FakeX one{lazy};
  FakeX other{with_posts(200)};
  const std::string parameters =
      "query=GCP+Marketplace&max_results=100&tweet.fields=entities,note_tweet,public_metrics,created_at";
  EXPECT_EQ(one.ask(parameters).body, other.ask(parameters).body);
}

TEST(XSim, TheServedListNamesEachIdWithItsQueries) {
  FakeX x;
  const auto id = x.add("AWS Marketplace and GCP Marketplace");
  x.ask("query=AWS+Marketplace");
  x.ask("query=GCP+Marketplace");
  EXPECT_EQ(x.sim.served_text(), id + "\t" + id + "\tAWS Marketplace\tGCP Marketplace\n");
}

TEST(XSim, GzipIsSentToThoseWhoAskForIt) {
  FakeX x{with_posts(100)};
  Request request = get("/2/tweets/search/recent?query=AWS+Marketplace");
  request.headers.add("Accept-Encoding", "gzip");
  const Answer packed = x.sim.handle(request, x.now);
  EXPECT_EQ(packed.headers.find("Content-Encoding"), "gzip");
  EXPECT_EQ(gunzip(packed.body, 1'000'000), x.ask("query=AWS+Marketplace").body);
}

TEST(XSim, EntitiesPointAtTheirCodePointsInTheEscapedText) {
  const PostText text = read_text("é & #cloud @someone https://example.com/a", "en");
  EXPECT_EQ(text.hashtags.at(0).start, 8U);  // "é &amp; "
  EXPECT_EQ(text.hashtags.at(0).end, 14U);
  EXPECT_EQ(text.mentions.at(0).value, "someone");
  EXPECT_EQ(text.links.at(0).value, "https://example.com/a");
  EXPECT_THAT(text.plain, Not(HasSubstr("example.com")));
}

TEST(XSim, AnAdminRequestThatMakesNoSenseIsRefusedWithAReason) {
  FakeX x;
  EXPECT_EQ(x.admin("config", R"({"colour":"red"})").status, 400);
  EXPECT_EQ(x.admin("config", R"({"rate_limit":"many"})").status, 400);
  EXPECT_EQ(x.admin("config", "{").status, 400);
  EXPECT_EQ(x.admin("config", R"({"seed":2})").status, 400);
  EXPECT_EQ(x.admin("edit", R"({"id":"1","text":"x"})").status, 400);
  EXPECT_EQ(x.admin("delete", R"({"ids":["1"]})").status, 400);
  EXPECT_EQ(x.admin("add", R"({"posts":[{"id":"none","text":"x"}]})").status, 400);
  EXPECT_EQ(x.admin("nowhere", "{}").status, 400);
}

}  // namespace
}  // namespace mentiond::fakes
