#include "daemon/preview.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "xapi/page_parser.h"

namespace mentiond {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Time now{std::chrono::sys_days{std::chrono::year{2026} / 1 / 31}};

class PreviewTest : public testing::Test {
 protected:
  PreviewTest() {
    config.collect.queries = {{"aws", "AWS", "AWS Marketplace", {}}, {"gcp", "GCP", "GCP Marketplace", {}}};
  }
  void add(const std::string& posts, std::size_t count, std::size_t query) {
    const std::string body = "{\"data\":[" + posts + "],\"meta\":{\"result_count\":" + std::to_string(count) + "}}";
    xapi::Page page;
    ASSERT_TRUE(parser.parse_page(body, page));
    preview.add(page, config.collect.queries[query]);
  }
  config::Config config;
  xapi::PageParser parser;
  Preview preview;
};

constexpr const char* first = R"({"id":"1800000000000000001","text":"AWS Marketplace"})";
constexpr const char* second = R"({"id":"1800000000000000002","text":"GCP Marketplace"})";
constexpr const char* edited =
    R"({"id":"1800000000000000009","text":"edited","edit_history_tweet_ids":["1800000000000000001","1800000000000000009"]})";

TEST_F(PreviewTest, ATweetThatTwoQueriesFoundIsOneDocumentWithBothClouds) {
  add(first, 1, 0);
  add(first, 1, 1);
  EXPECT_EQ(preview.size(), 1U);
  EXPECT_THAT(preview.ndjson(config, 7, now), HasSubstr(R"("cloud":["AWS","GCP"])"));
}

TEST_F(PreviewTest, DocumentsDrawRevisionsFromTheGivenOneOn) {
  add(std::string{second} + "," + first, 2, 0);
  const std::string lines = preview.ndjson(config, 7, now);
  EXPECT_THAT(lines, HasSubstr(R"("_id":"1800000000000000001","version":7)"));
  EXPECT_THAT(lines, HasSubstr(R"("_id":"1800000000000000002","version":8)"));
}

TEST_F(PreviewTest, OfTwoVersionsTheNewerIsShownWhicheverCameLast) {
  add(edited, 1, 0);
  add(first, 1, 1);
  EXPECT_EQ(preview.size(), 1U);
  EXPECT_THAT(preview.ndjson(config, 7, now), HasSubstr("edited"));
  EXPECT_THAT(preview.ndjson(config, 7, now), Not(HasSubstr("AWS Marketplace")));
}

}  // namespace
}  // namespace mentiond
