#include "elastic/privileges.h"

#include <gtest/gtest.h>

namespace mentiond::elastic {
namespace {

const IndexPattern pattern = *IndexPattern::parse("data_%Y%m%d");

HttpReply reply_of(int status, std::string body) {
  HttpReply reply;
  reply.status = status;
  reply.body = std::move(body);
  return reply;
}

TEST(Privileges, AsksForWhatDeliveryNeedsOnThePatternAndItsTemplate) {
  const auto request = privileges_request(pattern, true, Authorization{"ApiKey a"});
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/_security/user/_has_privileges");
  EXPECT_EQ(request.headers.find("Authorization"), "ApiKey a");
  EXPECT_EQ(request.body, R"({"cluster":["monitor","manage_index_templates"],)"
                          R"("index":[{"names":["data_*"],"privileges":["create_index","index","delete"]}]})");
}

TEST(Privileges, WithoutATemplateToInstallTheClusterIsOnlyLookedAt) {
  EXPECT_EQ(privileges_request(pattern, false, Authorization{}).body,
            R"({"cluster":["monitor"],"index":[{"names":["data_*"],"privileges":["create_index","index","delete"]}]})");
}

TEST(Privileges, TheAnswersOwnVerdictCountsHoweverItIsSpaced) {
  EXPECT_EQ(judge_privileges(reply_of(200, R"({"username":"a","has_all_requested":true})")), Privileges::all);
  EXPECT_EQ(judge_privileges(reply_of(200, "{\n  \"has_all_requested\" : true\n}")), Privileges::all);
  EXPECT_EQ(judge_privileges(reply_of(200, R"({"has_all_requested":false,"index":{"has_all_requested":true}})")),
            Privileges::missing);
}

TEST(Privileges, RefusedCredentialsAndAMissingApiAreTwoThings) {
  EXPECT_EQ(judge_privileges(reply_of(401, "")), Privileges::refused);
  EXPECT_EQ(judge_privileges(reply_of(403, "")), Privileges::refused);
  for (const int status : {400, 404, 405, 500}) EXPECT_EQ(judge_privileges(reply_of(status, "")), Privileges::unknown);
}

}  // namespace
}  // namespace mentiond::elastic
