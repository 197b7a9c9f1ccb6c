#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/test/ask.h"

namespace mentiond::fakes {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

FakeX with_posts() {
  XOptions options;
  options.tweets = 200;
  options.noise = 0;
  return FakeX{options};
}

TEST(XFaults, EveryPresetAnswersAsItsNameSaysAndIsNotBilled) {
  FakeX x = with_posts();
  for (const auto preset : x_presets()) {
    EXPECT_EQ(x.admin("fault", R"({"match":{"next":1},"preset":")" + std::string{preset} + R"("})").status, 200)
        << preset;
    const Answer answer = x.ask("query=AWS");
    if (preset.starts_with("ok_")) {
      EXPECT_EQ(answer.status, 200) << preset;
    } else {
      EXPECT_GE(answer.status, 300) << preset;
    }
    x.admin("fault", "[]");
  }
  EXPECT_EQ(x.sim.bill().posts, 0);
  EXPECT_EQ(x.ask("query=AWS").status, 200);
}

TEST(XFaults, TheUsageCapComesWithBudgetLeftAndTheSpendCapWithItsDate) {
  FakeX x = with_posts();
  x.admin("fault", R"([{"match":{"request":1},"preset":"usage_capped"},{"match":{"request":2},"preset":"spend_cap"}])");
  const Answer capped = x.ask("query=AWS");
  EXPECT_EQ(capped.status, 429);
  EXPECT_EQ(capped.headers.find_number("x-rate-limit-remaining"), 39'999);
  EXPECT_THAT(x.ask("query=AWS").body, HasSubstr(R"("reset_date":"2026-10-06")"));
}

TEST(XFaults, RulesMatchByNumberByEveryAndByRange) {
  FakeX x = with_posts();
  x.admin(
      "fault",
      R"([{"match":{"every":3},"do":"status","status":500},{"match":{"from":4,"count":2},"do":"status","status":503}])");
  std::vector<int> statuses;
  for (int i = 0; i < 7; ++i) statuses.push_back(x.ask("query=AWS").status);
  EXPECT_THAT(statuses, testing::ElementsAre(200, 200, 500, 503, 503, 500, 200));
}

TEST(XFaults, RulesMatchByQuery) {
  FakeX x = with_posts();
  x.admin("fault", R"({"match":{"query":"GCP"},"preset":"html_503"})");
  EXPECT_EQ(x.ask("query=AWS").status, 200);
  EXPECT_EQ(x.ask("query=GCP").status, 503);
}

TEST(XFaults, ACutPageIsBilledButNotServed) {
  FakeX x = with_posts();
  x.admin("fault", R"({"match":{"request":1},"do":"cut","after_bytes":100})");
  const Answer answer = x.ask("query=AWS");
  EXPECT_EQ(answer.delivery.kind, Delivery::Kind::cut);
  EXPECT_EQ(answer.delivery.after_bytes, 100U);
  EXPECT_EQ(x.sim.bill().posts, 10);
  EXPECT_EQ(x.sim.served(), 0);
}

TEST(XFaults, AnEmptyPageMayCarryATokenThatLeadsOn) {
  FakeX x = with_posts();
  x.admin("fault", R"({"match":{"request":1},"do":"short_page","keep":0})");
  const Answer empty = x.ask("query=AWS");
  EXPECT_THAT(ids_of(empty), IsEmpty());
  EXPECT_EQ(ids_of(x.ask("query=AWS&next_token=" + next_of(empty))), ids_of(x.ask("query=AWS")));
}

TEST(XFaults, PagesCanLie) {
  FakeX x = with_posts();
  x.admin("fault", R"([{"match":{"request":1},"do":"wrong_count"},{"match":{"request":2},"do":"no_token"},
    {"match":{"request":3},"do":"broken_post","item":1},{"match":{"request":4},"do":"partial_errors"},
    {"match":{"request":5},"do":"no_date"},{"match":{"request":6},"do":"no_rate_headers"},{"match":{"request":7},"do":"no_fields"}])");
  EXPECT_EQ(json_of(x.ask("query=AWS")).at("meta", "result_count")->integer(), 13);
  EXPECT_EQ(next_of(x.ask("query=AWS")), "");
  EXPECT_EQ(ids_of(x.ask("query=AWS"))[1], "");
  EXPECT_THAT(x.ask("query=AWS").body, HasSubstr("resource-not-found"));
  EXPECT_FALSE(x.ask("query=AWS").headers.find("Date"));
  EXPECT_FALSE(x.ask("query=AWS").headers.find("x-rate-limit-limit"));
  EXPECT_EQ(json_of(x.ask("query=AWS&tweet.fields=lang")).find("data")->items()[0].find("lang"), nullptr);
}

TEST(XFaults, ARawPostIsServedAsItStands) {
  FakeX x;
  x.admin("add", R"({"posts":[{"id":"2105000000000000000","raw":"{\"id\":17}"}]})");
  EXPECT_THAT(x.ask("query=anything").body, HasSubstr(R"("data":[{"id":17}])"));
}

TEST(XFaults, AMisspeltRuleIsRefused) {
  FakeX x;
  for (const auto* rule : {R"({"do":"explode"})", R"({"preset":"nonsense"})", R"({"match":{"nth":2},"do":"cut"})",
                           R"({"do":"cut","afterbytes":1})", R"({"do":"delay","delay":"soon"})", R"("cut")", "{"}) {
    EXPECT_EQ(x.admin("fault", rule).status, 400) << rule;
  }
}

}  // namespace
}  // namespace mentiond::fakes
