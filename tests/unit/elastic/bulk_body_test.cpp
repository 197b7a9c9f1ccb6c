#include "elastic/bulk_body.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/elastic/replies.h"

namespace mentiond::elastic::test {
namespace {

TEST(BulkBody, ARowIsAnActionLineAndASourceLine) {
  std::string body;
  append_index(body, index_op(1800000000000000000, 1854803221970944),
               [](std::string& out) { out += R"({"text":"x"})"; });
  EXPECT_EQ(
      body,
      R"({"index":{"_index":"cloud_marketplace_data_20240610","_id":"1800000000000000000","version":1854803221970944,)"
      R"("version_type":"external"}})"
      "\n"
      R"({"text":"x"})"
      "\n");
}

TEST(BulkBody, ATombstoneIsADeleteLineAlone) {
  std::string body;
  append_erase(body, erase_op());
  EXPECT_EQ(body, R"({"delete":{"_index":"cloud_marketplace_data_20240610","_id":"1800000000000000000","version":5,)"
                  R"("version_type":"external"}})"
                  "\n");
}

TEST(BulkBody, ARedeliveryRewritesEqualVersions) {
  Op op = index_op();
  op.version_type = VersionType::external_gte;
  std::string body;
  append_action(body, op);
  EXPECT_THAT(body, testing::HasSubstr(R"("version_type":"external_gte")"));
}

TEST(BulkBody, NoNameCanBreakOutOfItsLine) {
  Op op = index_op();
  op.index = "a\"}}\n{\"delete\":{";
  std::string body;
  append_action(body, op);
  EXPECT_EQ(std::ranges::count(body, '\n'), 1);
  EXPECT_THAT(body, testing::HasSubstr(R"("_index":"a\"}}\n{\"delete\":{")"));
}

TEST(BulkRequest, AsksForTheItemsThatVerdictsNeed) {
  const HttpRequest request = bulk_request("{}\n", true, Authorization{"ApiKey abc"});
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/_bulk?filter_path=errors,items.*.error,items.*.status,items.*.failure_store");
  EXPECT_EQ(request.headers.find("content-type"), "application/x-ndjson");
  EXPECT_EQ(request.headers.find("authorization"), "ApiKey abc");
  EXPECT_EQ(request.body, "{}\n");
  EXPECT_TRUE(request.gzip_body);
}

TEST(BulkRequest, OutlastsTheMinutesThatTheServerMayWait) {
  EXPECT_GT(bulk_request("", false, {}).timeout, std::chrono::minutes{3});
}

TEST(BulkRequest, AnOpenClusterGetsNoCredentials) {
  EXPECT_EQ(bulk_request("", false, {}).headers.find("Authorization"), std::nullopt);
}

}  // namespace
}  // namespace mentiond::elastic::test
