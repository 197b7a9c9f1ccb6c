#include "elastic/index_template.h"

#include <gtest/gtest.h>

#include "unit/elastic/replies.h"

namespace mentiond::elastic::test {
namespace {

IndexPattern pattern(std::string_view text = "cloud_marketplace_data_%Y%m%d") {
  return IndexPattern::parse(text).value();
}

// The reply of GET /_index_template/<name> with one entry.
HttpReply listing(std::string_view name, std::string_view body) {
  return reply(200, R"({"index_templates":[{"name":")" + std::string{name} + R"(","index_template":)" +
                        std::string{body} + "}]}");
}
TemplateState judge(std::string_view body) {
  return judge_template(listing("cloud_marketplace_data", body), pattern());
}

std::string entry(std::string_view meta, std::string_view patterns = R"(["cloud_marketplace_data_*"])") {
  return R"({"index_patterns":)" + std::string{patterns} + R"(,"template":{"settings":{}},"priority":500,"_meta":)" +
         std::string{meta} + "}";
}

TEST(IndexTemplate, IsTheMappingOfTheDocumentTable) {
  EXPECT_EQ(
      template_json(pattern()),
      R"({"index_patterns":["cloud_marketplace_data_*"],"priority":500,"template":{"settings":{"index":{"number_of_shards":1,)"
      R"("auto_expand_replicas":"0-1"}},"mappings":{"dynamic":false,"dynamic_templates":[{"match":{"path_match":"match.*",)"
      R"("mapping":{"type":"keyword","ignore_above":1024}}}],"properties":{)"
      R"("@timestamp":{"type":"date","ignore_malformed":true},"created_at":{"type":"date","ignore_malformed":true},)"
      R"("collected_at":{"type":"date","ignore_malformed":true},)"
      R"("tweet_id":{"type":"keyword","ignore_above":1024},"root_id":{"type":"keyword","ignore_above":1024},)"
      R"("author_id":{"type":"keyword","ignore_above":1024},"cloud":{"type":"keyword","ignore_above":1024},)"
      R"("query":{"type":"keyword","ignore_above":1024},"lang":{"type":"keyword","ignore_above":1024},)"
      R"("url":{"type":"keyword","ignore_above":1024},"source":{"type":"keyword","ignore_above":1024},)"
      R"("hashtag":{"type":"keyword","ignore_above":1024},"mentioned":{"type":"keyword","ignore_above":1024},)"
      R"("domain":{"type":"keyword","ignore_above":1024},"text":{"type":"text"},"match":{"type":"object","dynamic":true},)"
      R"("like_count":{"type":"long","ignore_malformed":true},"repost_count":{"type":"long","ignore_malformed":true},)"
      R"("reply_count":{"type":"long","ignore_malformed":true},"quote_count":{"type":"long","ignore_malformed":true},)"
      R"("bookmark_count":{"type":"long","ignore_malformed":true},"impression_count":{"type":"long","ignore_malformed":true}}},)"
      R"("aliases":{"cloud_marketplace_data":{}}},"_meta":{"managed_by":"mentiond","version":1}})");
}

TEST(IndexTemplate, WhatWeInstallIsWhatWeRecognise) { EXPECT_EQ(judge(template_json(pattern())), TemplateState::same); }

TEST(IndexTemplate, AMissingOneIsAbsent) {
  const auto words = error_json("resource_not_found_exception", "index template matching [x] not found");
  EXPECT_EQ(judge_template(reply(404, refusal_json(404, words)), pattern()), TemplateState::absent);
  EXPECT_EQ(judge_template(reply(200, R"({"index_templates":[]})"), pattern()), TemplateState::absent);
  EXPECT_EQ(judge_template(listing("another", template_json(pattern())), pattern()), TemplateState::absent);
}

TEST(IndexTemplate, OursOfThisVersionIsLeft) {
  EXPECT_EQ(judge(entry(R"({"managed_by":"mentiond","version":1})")), TemplateState::same);
}

TEST(IndexTemplate, OursOfAnEarlierVersionIsUpdated) {
  EXPECT_EQ(judge(entry(R"({"managed_by":"mentiond","version":0})")), TemplateState::older);
}

TEST(IndexTemplate, OursOfALaterVersionIsLeft) {
  EXPECT_EQ(judge(entry(R"({"managed_by":"mentiond","version":2})")), TemplateState::newer);
}

TEST(IndexTemplate, OursForAnotherPatternIsUpdated) {
  EXPECT_EQ(judge(entry(R"({"managed_by":"mentiond","version":1})", R"(["cloud_marketplace_data-*"])")),
            TemplateState::older);
  EXPECT_EQ(judge(entry(R"({"managed_by":"mentiond","version":1})", "[]")), TemplateState::older);
}

TEST(IndexTemplate, AForeignOneIsNeverTouched) {
  EXPECT_EQ(judge(R"({"index_patterns":["cloud_marketplace_data_*"],"template":{}})"), TemplateState::foreign);
  for (const std::string_view meta :
       {"{}", "null", "7", R"({"managed_by":"terraform","version":1})", R"({"version":1})",
        R"({"managed_by":"mentiond"})", R"({"managed_by":"mentiond","version":"1"})"}) {
    EXPECT_EQ(judge(entry(meta)), TemplateState::foreign) << meta;
  }
}

TEST(IndexTemplate, WithoutTheRightToLookItIsDenied) {
  for (const int status : {401, 403}) EXPECT_EQ(judge_template(reply(status, "{}"), pattern()), TemplateState::denied);
}

TEST(IndexTemplate, AnyOtherAnswerIsUnknown) {
  for (const int status : {200, 404, 302, 400, 429, 500, 503}) {
    EXPECT_EQ(judge_template(reply(status, "<html>"), pattern()), TemplateState::unknown) << status;
  }
  EXPECT_EQ(judge_template(reply(200, "{}"), pattern()), TemplateState::unknown);
  const std::string whole = listing("cloud_marketplace_data", template_json(pattern())).body;
  for (std::size_t length = 0; length < whole.size(); ++length) {
    ASSERT_EQ(judge_template(reply(200, whole.substr(0, length)), pattern()), TemplateState::unknown) << length;
  }
}

TEST(IndexTemplate, WhatIsSaidTwiceIsNotBelieved) {
  EXPECT_EQ(judge_template(reply(200, R"({"index_templates":[],"index_templates":[]})"), pattern()),
            TemplateState::unknown);
  EXPECT_TRUE(template_refusal(reply(200, R"({"acknowledged":false,"acknowledged":true})")));
}

TEST(IndexTemplate, IsAskedForAndInstalledUnderTheAliasName) {
  const Authorization key{"ApiKey x"};
  const auto get = get_template_request(pattern(), key);
  EXPECT_EQ(get.method, "GET");
  EXPECT_EQ(get.target, "/_index_template/cloud_marketplace_data");
  EXPECT_EQ(get.headers.find("Authorization"), "ApiKey x");
  const auto put = put_template_request(pattern(), key);
  EXPECT_EQ(put.method, "PUT");
  EXPECT_EQ(put.target, "/_index_template/cloud_marketplace_data");
  EXPECT_EQ(put.headers.find("Content-Type"), "application/json");
  EXPECT_EQ(put.body, template_json(pattern()));
}

TEST(IndexTemplate, AnOddNameIsEscapedInThePath) {
  EXPECT_EQ(get_template_request(pattern("a%%b&c=d-%Y"), {}).target, "/_index_template/a%25b%26c%3Dd");
}

TEST(IndexTemplate, AnInstalledOneIsAcknowledged) {
  EXPECT_EQ(template_refusal(reply(200, R"({"acknowledged":true})")), std::nullopt);
}

TEST(IndexTemplate, ARefusedOneKeepsTheServersWords) {
  const auto fault =
      template_refusal(reply(400, refusal_json(400, error_json("illegal_argument_exception", "same priority"))));
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->status, 400);
  EXPECT_EQ(fault->type, "illegal_argument_exception");
  EXPECT_EQ(fault->reason, "same priority");
  EXPECT_EQ(template_refusal(reply(502, "<html>"))->reason, "<html>");
  EXPECT_TRUE(template_refusal(reply(200, R"({"acknowledged":false})")));
  EXPECT_TRUE(template_refusal(reply(200, "")));
}

TEST(IndexTemplate, IsInstalledOnlyWhereItIsOursToInstall) {
  using enum TemplateAction;
  const auto action = [](TemplateState state) {
    return std::pair{template_action(state, true), template_action(state, false)};
  };
  EXPECT_EQ(action(TemplateState::absent), std::pair(install, wait_for_person));
  EXPECT_EQ(action(TemplateState::same), std::pair(none, none));
  EXPECT_EQ(action(TemplateState::older), std::pair(install, none));
  EXPECT_EQ(action(TemplateState::newer), std::pair(none, none));
  EXPECT_EQ(action(TemplateState::foreign), std::pair(wait_for_person, none));
  EXPECT_EQ(action(TemplateState::denied), std::pair(wait_for_person, wait_for_person));
  EXPECT_EQ(action(TemplateState::unknown), std::pair(ask_again, ask_again));
}

TEST(IndexTemplate, StatesHaveNames) {
  EXPECT_EQ(to_text(TemplateState::absent), "absent");
  EXPECT_EQ(to_text(TemplateState::same), "same");
  EXPECT_EQ(to_text(TemplateState::older), "older");
  EXPECT_EQ(to_text(TemplateState::newer), "newer");
  EXPECT_EQ(to_text(TemplateState::foreign), "foreign");
  EXPECT_EQ(to_text(TemplateState::denied), "denied");
  EXPECT_EQ(to_text(TemplateState::unknown), "unknown");
}

}  // namespace
}  // namespace mentiond::elastic::test
