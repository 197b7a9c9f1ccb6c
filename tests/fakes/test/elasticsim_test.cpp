#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base64.h"
#include "fakes/test/ask.h"

namespace mentiond::fakes {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(ElasticSim, AReplayIsAConflictAndWritesNothing) {
  FakeElastic es;
  EXPECT_EQ(item_status(es.bulk(doc("1", 5))), 201);
  const Answer replay = es.bulk(doc("1", 5));
  EXPECT_EQ(item_status(replay), 409);
  EXPECT_EQ(item_error(replay, "reason"),
            "[1]: version conflict, current version [5] is higher or equal to the one provided [5]");
  EXPECT_EQ(item_status(es.bulk(doc("1", 6))), 200);
  EXPECT_EQ(es.sim.cluster().lower_versions, 0) << "an equal one is a repeat";
  EXPECT_EQ(es.sim.counters().first_indexed, 1);
  EXPECT_EQ(es.sim.counters().overwritten, 1);
  EXPECT_EQ(es.sim.counters().conflicts, 1);
}

TEST(ElasticSim, AVersionBelowTheDocumentsIsCountedByItself) {
  FakeElastic es;
  es.bulk(doc("1", 5));
  EXPECT_EQ(item_status(es.bulk(doc("1", 4))), 409);
  EXPECT_EQ(es.sim.cluster().lower_versions, 1);
  EXPECT_EQ(es.sim.counters().conflicts, 1);
}

TEST(ElasticSim, ExternalGteRewritesAnEqualVersionAndRefusesALowerOne) {
  FakeElastic es;
  es.bulk(doc("1", 5));
  EXPECT_EQ(item_status(es.bulk(doc("1", 5, "cm_20261005", "external_gte"))), 200);
  const Answer lower = es.bulk(doc("1", 4, "cm_20261005", "external_gte"));
  EXPECT_THAT(item_error(lower, "reason"), HasSubstr("current version [5] is higher than the one provided [4]"));
}

TEST(ElasticSim, CreateRefusesASecondTimeAndInternalVersionsCount) {
  FakeElastic es;
  const std::string create = "{\"create\":{\"_index\":\"i\",\"_id\":\"1\"}}\n{}\n";
  EXPECT_EQ(item_status(es.bulk(create)), 201);
  EXPECT_THAT(item_error(es.bulk(create), "reason"), HasSubstr("document already exists (current version [1])"));
  es.bulk("{\"index\":{\"_index\":\"i\",\"_id\":\"1\"}}\n{}\n");
  EXPECT_EQ(json_of(es.ask("GET", "/i/_doc/1")).integer_at("_version"), 2);
}

TEST(ElasticSim, ADeleteLeavesItsVersionBehindAndKnowsWhatWasNotThere) {
  FakeElastic es;
  es.bulk(doc("1", 5));
  const auto remove = [&](int version, const std::string& id) {
    return es.bulk(R"({"delete":{"_index":"cm_20261005","_id":")" + id + R"(","version":)" + std::to_string(version) +
                   ",\"version_type\":\"external\"}}\n");
  };
  EXPECT_EQ(item_status(remove(6, "1")), 200);
  EXPECT_EQ(item_status(es.bulk(doc("1", 6))), 409);
  const Answer missing = remove(7, "2");
  EXPECT_EQ(item_status(missing), 404);
  EXPECT_THAT(missing.body, HasSubstr(R"("result":"not_found")"));
  EXPECT_EQ(es.sim.docs_text(), "");
  EXPECT_EQ(item_status(es.bulk("{\"delete\":{\"_index\":\"none\",\"_id\":\"1\"}}\n")), 404);
}

TEST(ElasticSim, BulkBodiesAreReadStrictly) {
  FakeElastic es;
  const char* const bad[] = {
      "",
      "\n",
      "{\"index\":{\"_index\":\"i\",\"_id\":\"1\"}}\n{}",
      "{\"index\":{\"_index\":\"i\",\"_id\":\"1\"}\n{}\n",
      "{\"index\":{\"_index\":\"i\",\"_id\":\"1\"}} x\n{}\n",
      "{\"index\":{\"_index\":\"i\",\"_id\":\"1\"},\"more\":{}}\n{}\n",
      "{\"replace\":{\"_index\":\"i\",\"_id\":\"1\"}}\n{}\n",
      "{\"index\":{\"_index\":\"i\",\"_id\":\"1\",\"_type\":\"t\"}}\n{}\n",
      "{\"index\":{\"_id\":\"1\"}}\n{}\n",
      "{\"create\":{\"_index\":\"i\",\"_id\":\"1\",\"version\":3,\"version_type\":\"external\"}}\n{}\n",
      "{\"index\":{\"_index\":\"i\",\"_id\":\"1\",\"version_type\":\"external\"}}\n{}\n",
      "{\"index\":{\"_index\":\"i\",\"_id\":\"1\",\"version\":3}}\n{}\n",
      "{\"update\":{\"_index\":\"i\",\"_id\":\"1\"}}\n{}\n",
      "{\"index\":{\"_index\":\"i\",\"_id\":\"1\"}}\n",
      "[]\n",
  };
  for (const auto* body : bad)
    EXPECT_EQ(es.bulk(doc("1", 1) + body).status == 400 || es.bulk(body).status == 400, true) << body;
  EXPECT_EQ(es.sim.counters().items, 2);  // only the good lines before "" and "\n" were written
}

TEST(ElasticSim, ADocumentThatIsNoObjectFailsAlone) {
  FakeElastic es;
  const Answer answer = es.bulk("{\"index\":{\"_index\":\"i\",\"_id\":\"1\"}}\n{broken\n" + doc("2", 1));
  EXPECT_EQ(item_status(answer, 0), 400);
  EXPECT_EQ(item_error(answer, "type"), "document_parsing_exception");
  EXPECT_EQ(item_status(answer, 1), 201);
}

TEST(ElasticSim, FilterPathLeavesOnlyWhatItNames) {
  FakeElastic es;
  const Answer answer = es.bulk(doc("1", 1), "?filter_path=errors,items.*.error,items.*.status");
  EXPECT_EQ(answer.body, R"({"errors":false,"items":[{"index":{"status":201}}]})");
  EXPECT_EQ(es.bulk(doc("2", 1), "?filter_path=errors,items.*.error").body, R"({"errors":false})");
}

TEST(ElasticSim, UnknownParametersAreRefused) {
  FakeElastic es;
  EXPECT_THAT(es.bulk(doc("1", 1), "?surprise=1").body, HasSubstr("unrecognized parameter: [surprise]"));
  EXPECT_EQ(es.bulk(doc("1", 1), "?include_source_on_error=false").status, 400);
  es.admin("config", R"({"mode":"es9"})");
  EXPECT_EQ(es.bulk(doc("1", 1), "?include_source_on_error=false").status, 200);
}

TEST(ElasticSim, EachModeTellsItsProduct) {
  FakeElastic es;
  const auto root = [&](const std::string& mode) {
    es.admin("config", R"({"mode":")" + mode + R"("})");
    return es.ask("GET", "/");
  };
  EXPECT_TRUE(root("es8").headers.find("X-Elastic-Product"));
  EXPECT_THAT(root("es9").body, HasSubstr(R"("number":"9.)"));
  EXPECT_THAT(root("opensearch").body, HasSubstr(R"("distribution":"opensearch")"));
  EXPECT_FALSE(root("opensearch").headers.find("X-Elastic-Product"));
  EXPECT_THAT(root("opensearch-compat").body, HasSubstr(R"("number":"7.10.2")"));
  EXPECT_THAT(root("opensearch-compat").body, Not(HasSubstr("distribution")));
  EXPECT_EQ(root("serverless").status, 404);
  EXPECT_EQ(root("proxy").status, 200);
}

TEST(ElasticSim, VendorMediaTypesFailWhereTheRealOnesFail) {
  ElasticOptions options;
  FakeElastic es{options};
  Request request = post("/_bulk", doc("1", 1));
  request.headers.add("Content-Type", "application/vnd.elasticsearch+x-ndjson;compatible-with=9");
  EXPECT_EQ(es.sim.handle(request, noon()).status, 400);
  es.admin("config", R"({"mode":"opensearch"})");
  EXPECT_EQ(es.sim.handle(request, noon()).status, 406);
  EXPECT_EQ(es.sim.handle(post("/_bulk", doc("1", 1)), noon()).status, 406);
}

TEST(ElasticSim, CredentialsAreCheckedAndCanBeRevoked) {
  ElasticOptions options;
  options.api_key = "id:key";
  FakeElastic es{options};
  EXPECT_EQ(es.ask("GET", "/").status, 401);
  Request request;
  request.headers.add("Authorization", "ApiKey " + base64_encode("id:key"));
  EXPECT_EQ(es.sim.handle(request, noon()).status, 200);
  es.admin("config", R"({"api_key":"other:key"})");
  EXPECT_EQ(es.sim.handle(request, noon()).status, 401);
  es.admin("config", R"({"api_key":"","user":"elastic:secret"})");
  request.headers = {};
  request.headers.add("Authorization", "Basic " + base64_encode("elastic:secret"));
  EXPECT_EQ(es.sim.handle(request, noon()).status, 200);
}

TEST(ElasticSim, NarrowPrivilegesRefuseWhatTheyDoNotCover) {
  FakeElastic es;
  es.admin("config", R"({"privileges":"create_doc"})");
  EXPECT_EQ(item_error(es.bulk(doc("1", 1)), "type"), "security_exception");
  es.admin("config", R"({"privileges":"no_template"})");
  EXPECT_EQ(es.ask("PUT", "/_index_template/t", R"({"index_patterns":["a*"]})").status, 403);
  const std::string asked =
      R"({"cluster":["manage_index_templates","monitor"],"index":[{"names":["cm_*"],"privileges":["index"]}]})";
  EXPECT_THAT(es.ask("POST", "/_security/user/_has_privileges", asked).body, HasSubstr(R"("has_all_requested":false)"));
  es.admin("config", R"({"privileges":"none"})");
  EXPECT_EQ(es.bulk(doc("1", 1)).status, 403);
  es.admin("config", R"({"privileges":"all"})");
  EXPECT_THAT(es.ask("POST", "/_security/user/_has_privileges", asked).body, HasSubstr(R"("has_all_requested":true)"));
}

TEST(ElasticSim, ATemplateGivesNewIndicesTheirAlias) {
  FakeElastic es;
  EXPECT_EQ(es.ask("GET", "/_index_template/t").status, 404);
  const std::string body =
      R"({"index_patterns":["cm_*"],"priority":500,"template":{"aliases":{"cm":{}},"settings":{"index":{"number_of_replicas":0}}}})";
  EXPECT_EQ(es.ask("PUT", "/_index_template/t", body).status, 200);
  EXPECT_THAT(es.ask("GET", "/_index_template/t").body, HasSubstr(body));
  es.bulk(doc("1", 1) + doc("2", 1, "cm_20261006"));
  EXPECT_EQ(json_of(es.ask("GET", "/cm/_count")).integer_at("count"), 2);
  EXPECT_EQ(es.ask("PUT", "/_index_template/other", body).status, 400);
  EXPECT_EQ(es.ask("DELETE", "/_index_template/t").status, 200);
  EXPECT_EQ(es.ask("GET", "/_index_template/t").status, 404);
  EXPECT_EQ(es.ask("PUT", "/_index_template/t", R"({"priority":1})").status, 400);
  EXPECT_EQ(es.ask("PUT", "/_index_template/t", R"({"index_patterns":["x"],"mappings":{}})").status, 400);
}

TEST(ElasticSim, SearchCountsTermsOfAnArray) {
  FakeElastic es;
  es.bulk(doc("1", 1) + "{\"index\":{\"_index\":\"cm_20261006\",\"_id\":\"2\"}}\n{\"cloud\":[\"AWS\"]}\n");
  const auto answer =
      json_of(es.ask("POST", "/cm_*/_search", R"({"size":1,"aggs":{"by":{"terms":{"field":"cloud"}}}})"));
  const auto& buckets = answer.at("aggregations", "by", "buckets")->items();
  EXPECT_EQ(buckets[0].text_at("key"), "AWS");
  EXPECT_EQ(buckets[0].integer_at("doc_count"), 2);
  EXPECT_EQ(answer.at("hits", "hits")->items().size(), 1U);
  EXPECT_EQ(answer.at("hits", "total", "value")->integer(), 2);
}

TEST(ElasticSim, DocsListEveryDocumentAndDiscardedSourcesKeepTheirClouds) {
  ElasticOptions options;
  options.discard_source = true;
  FakeElastic es{options};
  es.bulk(doc("2", 7) + doc("1", 8));
  EXPECT_EQ(es.sim.docs_text(), "1\tcm_20261005\t8\tAWS,GCP\n2\tcm_20261005\t7\tAWS,GCP\n");
}

TEST(ElasticSim, ManyDocumentsAreReadAtOnce) {
  FakeElastic es;
  es.bulk(doc("1", 3));
  const Answer answer =
      es.ask("POST", "/_mget", R"({"docs":[{"_index":"cm_20261005","_id":"1"},{"_index":"cm_20261005","_id":"9"}]})");
  EXPECT_EQ(json_of(answer).find("docs")->items()[0].integer_at("_version"), 3);
  EXPECT_EQ(json_of(answer).find("docs")->items()[1].text_at("found"), "false");
}

TEST(ElasticSim, AReplacedClusterIsEmptyAndHasAnotherUuid) {
  FakeElastic es;
  es.bulk(doc("1", 1));
  const std::string before = json_of(es.ask("GET", "/")).text_at("cluster_uuid");
  es.admin("replace", "");
  EXPECT_NE(json_of(es.ask("GET", "/")).text_at("cluster_uuid"), before);
  EXPECT_EQ(es.sim.docs_text(), "");
}

TEST(ElasticSim, GzipBodiesAreReadAndDamagedOnesRefused) {
  FakeElastic es;
  Request request = post("/_bulk", gzip(doc("1", 1)));
  request.headers.add("Content-Type", "application/x-ndjson");
  request.headers.add("Content-Encoding", "gzip");
  EXPECT_EQ(item_status(es.sim.handle(request, noon())), 201);
  request.body.resize(request.body.size() - 6);
  EXPECT_EQ(es.sim.handle(request, noon()).status, 400);
  EXPECT_EQ(es.sim.counters().gzip_bulks, 2);
}

TEST(ElasticSim, WhatItDoesNotKnowItRefuses) {
  FakeElastic es;
  EXPECT_EQ(es.ask("GET", "/_nodes").status, 400);
  EXPECT_EQ(es.ask("GET", "/none/_count").status, 404);
  EXPECT_EQ(es.ask("GET", "/_bulk").status, 405);
  es.bulk(doc("1", 1));
  EXPECT_EQ(es.ask("POST", "/cm_20261005/_search", R"({"query":{"term":{"a":1}}})").status, 400);
  EXPECT_EQ(es.ask("GET", "/cm_20261005/_doc/none").status, 404);
  EXPECT_EQ(es.ask("GET", "/cm_20261005/_shrink").status, 400);
  EXPECT_EQ(es.ask("DELETE", "/cm_20261005").status, 200);
  EXPECT_EQ(es.ask("HEAD", "/cm_20261005").status, 404);
}

}  // namespace
}  // namespace mentiond::fakes
