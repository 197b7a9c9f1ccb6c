#include "elastic/cluster_info.h"

#include <gtest/gtest.h>

#include "unit/elastic/replies.h"

namespace mentiond::elastic::test {
namespace {

ClusterInfo read(std::string body, bool says_elastic = false) {
  HttpReply answer = reply(200, std::move(body));
  if (says_elastic) answer.headers.add("X-elastic-product", "Elasticsearch");
  return read_cluster_info(answer).value();
}

TEST(ClusterInfo, ElasticsearchSaysSoInAHeader) {
  const auto info = read(R"({"name":"n","cluster_name":"c","cluster_uuid":"AbC-1","version":{"number":"8.5.2",)"
                         R"("build_flavor":"default","lucene_version":"9.4.1"},"tagline":"You Know, for Search"})",
                         true);
  EXPECT_EQ(info.product, Product::elasticsearch);
  EXPECT_EQ(info.version, "8.5.2");
  EXPECT_EQ(info.cluster_uuid, "AbC-1");
}

TEST(ClusterInfo, AnOlderElasticsearchIsKnownByItsTagline) {
  EXPECT_EQ(read(R"({"version":{"number":"7.10.0"},"tagline":"You Know, for Search"})").product,
            Product::elasticsearch);
}

TEST(ClusterInfo, OpenSearchIsKnownByItsDistribution) {
  const auto info = read(R"({"cluster_uuid":"u","version":{"distribution":"opensearch","number":"2.19.1"}})");
  EXPECT_EQ(info.product, Product::opensearch);
  EXPECT_EQ(info.version, "2.19.1");
}

TEST(ClusterInfo, OpenSearchInCompatibilityModeIsKnownByItsTagline) {
  const auto info = read(
      R"({"cluster_uuid":"u","version":{"number":"7.10.2"},"tagline":"The OpenSearch Project: https://opensearch.org/"})");
  EXPECT_EQ(info.product, Product::opensearch);
  EXPECT_EQ(info.version, "7.10.2");
}

TEST(ClusterInfo, AnotherProductIsUnknownAndAccepted) {
  const auto info = read(R"({"cluster_uuid":"u","version":{"number":"0.1"},"tagline":"something else"})");
  EXPECT_EQ(info.product, Product::unknown);
  EXPECT_EQ(info.cluster_uuid, "u");
}

TEST(ClusterInfo, ARefusalIsUnknownAndNotFatal) {
  for (const int status : {401, 403, 404}) {
    const auto info = read_cluster_info(reply(status, R"({"cluster_uuid":"of an error page"})")).value();
    EXPECT_EQ(info.product, Product::unknown);
    EXPECT_TRUE(info.cluster_uuid.empty());
    EXPECT_TRUE(info.version.empty());
  }
}

TEST(ClusterInfo, AServerlessRefusalStillNamesTheProduct) {
  HttpReply answer = reply(403, "{}");
  answer.headers.add("X-Elastic-Product", "Elasticsearch");
  EXPECT_EQ(read_cluster_info(answer).value().product, Product::elasticsearch);
}

TEST(ClusterInfo, AClusterStillFormingHasNoUuidYet) {
  EXPECT_TRUE(read(R"({"cluster_uuid":"_na_","version":{"number":"8.5.2"}})").cluster_uuid.empty());
  EXPECT_TRUE(read(R"({"cluster_uuid":null,"version":{"number":"8.5.2"}})").cluster_uuid.empty());
}

TEST(ClusterInfo, AServerInTroubleOrElsewhereIsNoCluster) {
  for (const int status : {302, 408, 429, 503}) {
    const auto info = read_cluster_info(reply(status, R"({"cluster_uuid":"of an error page"})"));
    ASSERT_FALSE(info) << status;
    EXPECT_EQ(info.error().message, "answered with status " + std::to_string(status));
  }
}

TEST(ClusterInfo, IsAskedAtTheRootWithOurCredentials) {
  const auto request = cluster_info_request(Authorization{"ApiKey x"});
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.target, "/");
  EXPECT_EQ(request.headers.find("Authorization"), "ApiKey x");
}

TEST(ClusterInfo, ProductsHaveNames) {
  EXPECT_EQ(to_text(Product::unknown), "unknown");
  EXPECT_EQ(to_text(Product::elasticsearch), "elasticsearch");
  EXPECT_EQ(to_text(Product::opensearch), "opensearch");
}

TEST(ClusterInfo, SomethingInBetweenThatAnswers200IsNoClusterWithoutAUuid) {
  for (const std::string body :
       {"", "<html><body>Sign in</body></html>", "[]", R"({"cluster_uuid":"u")", R"({"cluster_uuid":7,"version":"8"})",
        R"({"cluster_uuid":"ours","cluster_uuid":"another"})"}) {
    const auto info = read_cluster_info(reply(200, body));
    ASSERT_FALSE(info) << body;
    EXPECT_NE(info.error().message.find("stands in between"), std::string::npos);
  }
}

}  // namespace
}  // namespace mentiond::elastic::test
