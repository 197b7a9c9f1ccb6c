#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/test/ask.h"

namespace mentiond::fakes {
namespace {

using testing::HasSubstr;

TEST(ElasticRules, AReadOnlyIndexRefusesUntilItIsReleasedAndOthersGoOn) {
  FakeElastic es;
  es.bulk(doc("1", 1));
  es.ask("PUT", "/cm_20261005/_settings", R"({"index.blocks.write":true})");
  const Answer answer = es.bulk(doc("2", 1) + doc("3", 1, "cm_20261006"));
  EXPECT_EQ(item_status(answer, 0), 403);
  EXPECT_THAT(item_error(answer, "reason"), HasSubstr("[FORBIDDEN/8/index write (api)]"));
  EXPECT_EQ(item_status(answer, 1), 201);
  es.ask("PUT", "/cm_20261005/_settings", R"({"index":{"blocks":{"write":false}}})");
  EXPECT_EQ(item_status(es.bulk(doc("2", 1))), 201);
}

TEST(ElasticRules, OtherBlocksSpeakAsTheRealOnes) {
  FakeElastic es;
  es.bulk(doc("1", 1));
  es.ask("PUT", "/cm_20261005/_settings", R"({"index.blocks.read_only":"true"})");
  EXPECT_THAT(item_error(es.bulk(doc("2", 1)), "reason"), HasSubstr("[FORBIDDEN/5/"));
  es.ask("PUT", "/cm_20261005/_settings",
         R"({"index.blocks.read_only":null,"index.blocks.read_only_allow_delete":true})");
  EXPECT_EQ(item_status(es.bulk(doc("2", 1))), 429);
  es.ask("PUT", "/cm_20261005/_settings", R"({"index.blocks.read_only_allow_delete":null})");
  es.admin("config", R"({"flood_stage":true})");
  EXPECT_THAT(item_error(es.bulk(doc("2", 1)), "reason"), HasSubstr("[TOO_MANY_REQUESTS/12/"));
  es.admin("config", R"({"flood_stage":false,"create_blocked":true})");
  EXPECT_EQ(item_error(es.bulk(doc("2", 1, "new")), "type"), "index_create_block_exception");
}

TEST(ElasticRules, AClosedIndexRefusesUntilItIsOpened) {
  FakeElastic es;
  es.bulk(doc("1", 1));
  es.ask("POST", "/cm_20261005/_close");
  EXPECT_EQ(item_error(es.bulk(doc("2", 1)), "type"), "index_closed_exception");
  es.ask("POST", "/cm_20261005/_open");
  EXPECT_EQ(item_status(es.bulk(doc("2", 1))), 201);
}

TEST(ElasticRules, TheShardLimitStopsNewIndicesOnly) {
  FakeElastic es;
  es.ask("PUT", "/_cluster/settings", R"({"persistent":{"cluster.max_shards_per_node":2}})");
  const Answer answer = es.bulk(doc("1", 1) + doc("2", 1, "cm_20261006"));
  EXPECT_EQ(item_status(answer, 0), 201);
  EXPECT_EQ(item_error(answer, "reason", 1),
            "Validation Failed: 1: this action would add [2] shards, but this cluster currently has [2]/[2] maximum "
            "normal shards open;");
  es.ask("PUT", "/_cluster/settings", R"({"persistent":{"cluster":{"max_shards_per_node":null}}})");
  EXPECT_EQ(item_status(es.bulk(doc("2", 1, "cm_20261006"))), 201);
}

TEST(ElasticRules, AutoCreateFollowsItsList) {
  FakeElastic es;
  es.admin("config", R"({"auto_create":"-cm_2027*,cm_*"})");
  EXPECT_EQ(item_status(es.bulk(doc("1", 1))), 201);
  EXPECT_EQ(item_error(es.bulk(doc("1", 1, "cm_20270101")), "type"), "index_not_found_exception");
  EXPECT_EQ(item_status(es.bulk(doc("1", 1, "other"))), 404);
  EXPECT_EQ(es.ask("PUT", "/other").status, 200);
  EXPECT_EQ(item_status(es.bulk(doc("1", 1, "other"))), 201);
}

TEST(ElasticRules, ABodyBeyondTheLimitIs413AndProxiesSayItInHtml) {
  FakeElastic es;
  es.admin("config", R"({"max_content":100})");
  EXPECT_EQ(es.bulk(doc("1", 1) + doc("2", 1)).status, 413);
  es.admin("config", R"({"mode":"proxy"})");
  EXPECT_THAT(es.bulk(doc("1", 1) + doc("2", 1)).body, HasSubstr("nginx"));
}

TEST(ElasticFaults, EveryItemPresetFailsItsItemAloneAndUnwritten) {
  for (const auto preset : es_item_presets()) {
    FakeElastic es;
    es.admin("fault", R"({"match":{"id":"2"},"preset":")" + std::string{preset} + R"("})");
    const Answer answer = es.bulk(doc("1", 1) + doc("2", 1) + doc("3", 1));
    EXPECT_EQ(item_status(answer, 0), 201) << preset;
    EXPECT_EQ(item_status(answer, 2), 201) << preset;
    EXPECT_EQ(es.sim.counters().first_indexed, 2) << preset;
    EXPECT_EQ(json_of(answer).text_at("errors"), preset == "failure_store" ? "false" : "true") << preset;
  }
}

TEST(ElasticFaults, EveryRequestPresetRefusesTheWholeRequest) {
  for (const auto preset : es_request_presets()) {
    FakeElastic es;
    es.admin("fault", R"({"match":{"next":1},"preset":")" + std::string{preset} + R"("})");
    const Answer answer = es.bulk(doc("1", 1));
    EXPECT_EQ(answer.status == 200, preset.starts_with("ok_")) << preset;
    EXPECT_EQ(es.sim.counters().items, 0) << preset;
    EXPECT_EQ(item_status(es.bulk(doc("1", 1))), 201) << preset;
  }
}

TEST(ElasticFaults, AWireFaultComesAfterTheBulkWasApplied) {
  FakeElastic es;
  es.admin("fault", R"({"match":{"request":1},"do":"reset"})");
  EXPECT_EQ(es.bulk(doc("1", 1)).delivery.kind, Delivery::Kind::reset);
  EXPECT_EQ(es.sim.counters().first_indexed, 1);
  EXPECT_EQ(item_status(es.bulk(doc("1", 1))), 409);
}

TEST(ElasticFaults, TheFirstHalfMayBeWrittenBeforeTheRefusal) {
  FakeElastic es;
  es.admin("fault", R"({"match":{"request":1},"do":"half_then"})");
  EXPECT_EQ(es.bulk(doc("1", 1) + doc("2", 1)).status, 429);
  EXPECT_EQ(es.sim.docs_text().substr(0, 2), "1\t");
  EXPECT_EQ(es.sim.counters().first_indexed, 1);
}

TEST(ElasticFaults, ItemListsCanLie) {
  FakeElastic es;
  es.admin(
      "fault",
      R"([{"match":{"request":1},"do":"short_items"},{"match":{"request":2},"do":"long_items"},{"match":{"request":3},"do":"swapped_op"},
                        {"match":{"request":4},"do":"no_items"},{"match":{"request":5},"do":"item_silent","status":400,"type":"x","reason":"y"}])");
  const std::string body = doc("1", 1) + doc("2", 1);
  EXPECT_EQ(json_of(es.bulk(body)).find("items")->items().size(), 1U);
  EXPECT_EQ(json_of(es.bulk(body)).find("items")->items().size(), 3U);
  EXPECT_EQ(json_of(es.bulk(body)).find("items")->items()[0].members()[0].first, "create");
  EXPECT_EQ(json_of(es.bulk(body)).find("items"), nullptr);
  const Answer silent = es.bulk(body);
  EXPECT_EQ(json_of(silent).text_at("errors"), "false");
  EXPECT_EQ(item_status(silent), 400);
}

TEST(ElasticFaults, AWholeRequestCanFailForOneIdInIt) {
  FakeElastic es;
  es.admin("fault", R"({"match":{"id":"2"},"preset":"bad_request"})");
  EXPECT_EQ(es.bulk(doc("1", 1) + doc("2", 1)).status, 400);
  EXPECT_EQ(es.bulk(doc("1", 1)).status, 200);
}

TEST(ElasticFaults, OtherPathsCanFailToo) {
  FakeElastic es;
  es.admin("fault", R"({"match":{"path":"/_index_template"},"preset":"forbidden"})");
  EXPECT_EQ(es.ask("GET", "/_index_template/t").status, 403);
  EXPECT_EQ(es.ask("GET", "/").status, 200);
  EXPECT_EQ(es.bulk(doc("1", 1)).status, 200);
}

TEST(ElasticFaults, ASlowClusterAnswersAfterItsDelay) {
  FakeElastic es;
  es.admin("config", R"({"bulk_delay":"3s"})");
  EXPECT_EQ(es.bulk(doc("1", 1)).delivery.delay, Millis{3'000});
}

TEST(ElasticFaults, StateAddsUp) {
  FakeElastic es;
  es.admin("fault", R"({"match":{"id":"9"},"preset":"document_parsing"})");
  es.bulk(doc("1", 1) + doc("2", 1) + doc("9", 1));
  es.bulk(doc("1", 1) + doc("2", 2));
  const JsonValue state = *JsonValue::parse(es.sim.state_json());
  const auto count = [&](const char* name) { return state.integer_at(name).value_or(-1); };
  EXPECT_EQ(count("items"), 5);
  EXPECT_EQ(count("first_indexed") + count("overwritten") + count("conflicts") + count("rejected"), 5);
  EXPECT_EQ(count("documents"), 2);
  EXPECT_EQ(count("max_bulk_docs"), 3);
  EXPECT_EQ(state.at("item_statuses", "409")->integer(), 1);
}

TEST(ElasticFaults, WhatTheClientIsNotToldIsCountedApart) {
  FakeElastic es;
  es.admin("fault", R"([{"match":{"request":1},"do":"cut","after_bytes":20},{"match":{"request":2},"do":"half_then"},
                        {"match":{"request":3},"do":"no_items"},{"match":{"request":4},"do":"cut","after_bytes":99999}])");
  for (const char* id : {"1", "2", "3", "4", "5"}) es.bulk(doc(id, 1) + doc(id, 1));
  EXPECT_EQ(es.sim.counters().items, 9);
  EXPECT_EQ(es.sim.unheard().items, 5);
  EXPECT_EQ(es.sim.unheard().first_indexed, 3);
  EXPECT_EQ(es.sim.unheard().conflicts, 2);
  EXPECT_EQ(json_of(es.ask("GET", "/_sim/state")).at("unheard", "conflicts")->integer(), 2);
}

TEST(ElasticFaults, WritesAreListedInTheirOrder) {
  FakeElastic es;
  es.bulk(doc("1", 5) + doc("2", 4));
  es.bulk(doc("1", 3) + doc("2", 6));
  EXPECT_EQ(es.ask("GET", "/_sim/writes").body, "1\tcm_20261005\t5\n2\tcm_20261005\t4\n2\tcm_20261005\t6\n");
}

TEST(ElasticFaults, BulksThatWaitForTheirAnswerAreAtOnce) {
  FakeElastic es;
  es.admin("config", R"({"bulk_delay":"3s"})");
  es.bulk(doc("1", 1));
  es.bulk(doc("2", 1));
  EXPECT_EQ(es.sim.counters().most_bulks_at_once, 2);
  Request later = post("/_bulk", doc("3", 1));
  later.headers.add("Content-Type", "application/x-ndjson");
  es.sim.handle(later, noon() + Millis{3'000});
  EXPECT_EQ(es.sim.counters().most_bulks_at_once, 2);
}

TEST(ElasticFaults, AShareOfTheItemsCanFail) {
  FakeElastic es;
  es.admin("fault", R"({"match":{"percent":90},"preset":"rejected"})");
  std::string body;
  for (int id = 1; id <= 1'000; ++id) body += doc(std::to_string(id), 1);
  es.bulk(body);
  EXPECT_NEAR(static_cast<double>(es.sim.counters().rejected), 900, 50);
}

TEST(ElasticFaults, AMisspeltSettingOrRuleIsRefused) {
  FakeElastic es;
  EXPECT_EQ(es.admin("config", R"({"mode":"es10"})").status, 400);
  EXPECT_EQ(es.admin("config", R"({"colour":"red"})").status, 400);
  EXPECT_EQ(es.admin("fault", R"({"preset":"usage_capped"})").status, 400);
  EXPECT_EQ(es.admin("nowhere", "").status, 400);
}

}  // namespace
}  // namespace mentiond::fakes
