#include "daemon/finding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mentiond {
namespace {

using deliver::TemplateChoice;
using elastic::TemplateState;
using testing::HasSubstr;

HttpReply reply_of(int status, std::string body) {
  HttpReply reply;
  reply.status = status;
  reply.body = std::move(body);
  return reply;
}

const elastic::IndexPattern pattern = *elastic::IndexPattern::parse("data_%Y%m%d");

TEST(Finding, OfX_WhatAPersonMustMendIs78AndWhatPassesIs69) {
  EXPECT_EQ(judge(xapi::GotPage{}).code, ExitCode::done);
  EXPECT_EQ(judge(xapi::BadQuery{"no such operator"}).code, ExitCode::configuration);
  EXPECT_THAT(judge(xapi::BadQuery{"no such operator"}).words, HasSubstr("no such operator"));
  EXPECT_EQ(judge(xapi::AuthFailed{401, "Unauthorized"}).code, ExitCode::configuration);
  EXPECT_EQ(judge(xapi::WrongVocabulary{"tweet.fields"}).code, ExitCode::configuration);
  EXPECT_THAT(judge(xapi::WrongVocabulary{"tweet.fields"}).words, HasSubstr("x.vocabulary"));
  EXPECT_EQ(judge(xapi::Retry{"refused"}).code, ExitCode::unavailable);
  EXPECT_EQ(judge(xapi::Capped{}).code, ExitCode::unavailable);
  EXPECT_THAT(judge(xapi::Capped{}).words, HasSubstr("capped"));
}

TEST(Finding, WhatMustBeMendedWeighsMoreThanWhatPasses) {
  EXPECT_EQ(worse(ExitCode::done, ExitCode::done), ExitCode::done);
  EXPECT_EQ(worse(ExitCode::done, ExitCode::unavailable), ExitCode::unavailable);
  EXPECT_EQ(worse(ExitCode::unavailable, ExitCode::done), ExitCode::unavailable);
  EXPECT_EQ(worse(ExitCode::unavailable, ExitCode::configuration), ExitCode::configuration);
  EXPECT_EQ(worse(ExitCode::configuration, ExitCode::unavailable), ExitCode::configuration);
}

TEST(Finding, UsersCostAsWellAsPosts) {
  const collect::Budget prices{.usd_per_post = 0.005, .usd_per_user = 0.01};
  EXPECT_DOUBLE_EQ(cost_usd(prices, 1000, 0), 5.0);
  EXPECT_DOUBLE_EQ(cost_usd(prices, 1000, 300), 8.0);
}

TEST(Finding, AClusterSaysWhoItIs) {
  const auto finding = judge_cluster(
      reply_of(200, R"({"cluster_uuid":"u1","version":{"number":"8.5.2"},"tagline":"You Know, for Search"})"),
      "http://a");
  EXPECT_EQ(finding.code, ExitCode::done);
  EXPECT_EQ(finding.words, "http://a is elasticsearch 8.5.2, cluster u1");
}

TEST(Finding, RefusedCredentialsAre78AndAServerInTrouble69) {
  EXPECT_EQ(judge_cluster(reply_of(401, ""), "http://a").code, ExitCode::configuration);
  for (const int status : {302, 429, 503})
    EXPECT_EQ(judge_cluster(reply_of(status, ""), "http://a").code, ExitCode::unavailable);
  EXPECT_EQ(judge_cluster(reply_of(403, "{}"), "http://a").code, ExitCode::done) << "a narrow key indexes well";
}

TEST(Finding, MissingPrivilegesAre78AndNameWhatIsNeeded) {
  const auto finding = judge_privileges(reply_of(200, R"({"has_all_requested" : false})"), pattern, true);
  EXPECT_EQ(finding.code, ExitCode::configuration);
  EXPECT_THAT(finding.words, HasSubstr("create_index, index and delete on data_*, monitor and manage_index_templates"));
  EXPECT_EQ(judge_privileges(reply_of(200, R"({"has_all_requested" : true})"), pattern, true).code, ExitCode::done);
  EXPECT_EQ(judge_privileges(reply_of(401, ""), pattern, true).code, ExitCode::configuration);
  EXPECT_EQ(judge_privileges(reply_of(405, ""), pattern, true).code, ExitCode::done) << "no such API here";
}

TEST(Finding, ATemplateThatDeliveryWouldPauseForIs78AndPrinted) {
  const auto code = [](TemplateState state, TemplateChoice choice) {
    return judge_template(state, pattern, choice).code;
  };
  for (const auto state : {TemplateState::same, TemplateState::older, TemplateState::newer, TemplateState::absent}) {
    EXPECT_EQ(code(state, TemplateChoice::install), ExitCode::done) << to_text(state);
  }
  EXPECT_EQ(code(TemplateState::foreign, TemplateChoice::install), ExitCode::configuration);
  EXPECT_EQ(code(TemplateState::denied, TemplateChoice::install), ExitCode::configuration);
  EXPECT_EQ(code(TemplateState::absent, TemplateChoice::expect), ExitCode::configuration);
  EXPECT_EQ(code(TemplateState::foreign, TemplateChoice::expect), ExitCode::done);
  EXPECT_EQ(code(TemplateState::absent, TemplateChoice::none), ExitCode::done);
  EXPECT_EQ(code(TemplateState::unknown, TemplateChoice::install), ExitCode::unavailable);
  EXPECT_THAT(judge_template(TemplateState::absent, pattern, TemplateChoice::expect).words,
              HasSubstr("PUT /_index_template/data {"));
}

TEST(Finding, AnotherTemplateInTheWayIs78) {
  const auto finding = judge_simulation(reply_of(400, "multiple composable templates"), pattern);
  EXPECT_EQ(finding.code, ExitCode::configuration);
  EXPECT_THAT(finding.words, HasSubstr("multiple composable templates"));
  EXPECT_EQ(judge_simulation(reply_of(200, "{}"), pattern).code, ExitCode::done);
  EXPECT_EQ(judge_simulation(reply_of(403, "{}"), pattern).code, ExitCode::done) << "tells nothing";
}

}  // namespace
}  // namespace mentiond
