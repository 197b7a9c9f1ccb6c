// Replies that no honest server sends. None may crash us, and none may settle a row.
#include <gtest/gtest.h>

#include "unit/elastic/replies.h"

namespace mentiond::elastic::test {
namespace {

const std::vector<Op> three{index_op(1), index_op(2), index_op(3)};

// As recorded from Elasticsearch 8.5.2, unfiltered.
const std::string recorded =
    R"({"took":30,"errors":true,"items":[{"index":{"_index":"d","_id":"1","_version":5,"result":"created","_shards":)"
    R"({"total":2,"successful":1,"failed":0},"_seq_no":0,"_primary_term":1,"status":201}},{"index":{"_index":"d","_id":)"
    R"("2","status":409,"error":{"type":"version_conflict_engine_exception","reason":"[2]: version conflict, current )"
    R"(version [7] is higher or equal to the one provided [5]","index_uuid":"u","shard":"0","index":"d"}}},{"index":{)"
    R"("_index":"d","_id":"3","status":400,"error":{"type":"mapper_parsing_exception","reason":"failed to parse \"é\"",)"
    R"("caused_by":{"type":"illegal_state_exception","reason":"Can't get text on a START_OBJECT at 1:14"}}}}]})";

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(HostileReply, TheRecordedReplyItselfIsRead) {
  const auto items = expect_verdict<Items>(ask(200, recorded, three));
  ASSERT_EQ(items.verdicts.size(), 3U);
  EXPECT_EQ(outcome_name(items.verdicts[0]), "created");
  EXPECT_EQ(outcome_name(items.verdicts[1]), "conflict");
  EXPECT_EQ(outcome_name(items.verdicts[2]), "dead");
}

TEST(HostileReply, CutAtAnyByteTheOutcomeIsUnknown) {
  for (std::size_t length = 0; length < recorded.size(); ++length) {
    const BulkVerdict verdict = ask(200, recorded.substr(0, length), three);
    ASSERT_TRUE(std::holds_alternative<Unknown>(verdict)) << "cut at " << length << ": " << recorded.substr(0, length);
  }
}

TEST(HostileReply, AnyByteOverwrittenIsSurvived) {
  for (std::size_t at = 0; at < recorded.size(); ++at) {
    for (const char c : {'"', '\\', '{', '}', '[', ']', ',', ':', '0', '\0', '\xFF'}) {
      std::string body = recorded;
      body[at] = c;
      const BulkVerdict verdict = ask(200, body, three);
      if (const auto* items = std::get_if<Items>(&verdict)) {
        EXPECT_EQ(items->verdicts.size(), 3U);
      } else {
        EXPECT_TRUE(std::holds_alternative<Unknown>(verdict));
      }
    }
  }
}

TEST(HostileReply, AnythingBehindTheReplyMakesItUnknown) {
  expect_verdict<Items>(ask(200, recorded + "\n", three));
  for (const std::string tail : {"}", "{}", "1", ",", recorded.c_str()}) {
    expect_verdict<Unknown>(ask(200, recorded + tail, three));
  }
}

TEST(HostileReply, ItemsMissingShortOrLongAreUnknown) {
  expect_verdict<Unknown>(ask(200, R"({"errors":false})", three));
  expect_verdict<Unknown>(ask(200, R"({"took":1,"errors":false,"items":[]})", three));
  expect_verdict<Unknown>(ask(200, items_json({item_json(201), item_json(201)}), three));
  expect_verdict<Unknown>(
      ask(200, items_json({item_json(201), item_json(201), item_json(201), item_json(201)}), three));
  expect_verdict<Unknown>(ask(200, R"({"error":{"type":"x","reason":"y"},"status":500})", three));
}

TEST(HostileReply, ItemsOfAWrongShapeAreUnknown) {
  for (const std::string item :
       {"null", "1", "[]", "{}", R"({"index":null})", R"({"index":{}})", R"({"index":{"status":"201"}})",
        R"({"index":{"status":201.5}})", R"({"index":{"status":-1}})", R"({"index":{"status":99999999999999999999}})",
        R"({"index":{"status":201,"status":400}})", R"({"index":{"status":201},"index":{"status":201}})",
        R"({"index":{"status":201 "x":1}})", R"({"index":{"status":201,"error":{"type"}}})"}) {
    expect_verdict<Unknown>(ask(200, items_json({item}), {index_op()}));
  }
  expect_verdict<Unknown>(ask(200, R"({"errors":false,"items":{"0":1}})", three));
  expect_verdict<Unknown>(ask(200, R"({"errors":"no","items":[]})", three));
  expect_verdict<Unknown>(ask(200, R"({"items":[],"items":[]})", three));
}

TEST(HostileReply, AnotherOperationAtAPositionIsUnknown) {
  for (const std::string_view action : {"create", "update", "delete", "INDEX", ""}) {
    expect_verdict<Unknown>(ask(200, items_json({item_json(201, {}, action)}), {index_op()}));
  }
  expect_verdict<Unknown>(ask(200, items_json({item_json(200, {}, "index")}), {erase_op()}));
}

TEST(HostileReply, InvalidUtf8IsUnknown) {
  for (const std::string_view bytes : {"\xFF", "\xC0\x80", "\xED\xA0\x80", "\xE2\x82"}) {
    const auto item = item_json(400, error_json("mapper_parsing_exception", bytes));
    expect_verdict<Unknown>(ask(200, items_json({item}), {index_op()}));
  }
}

TEST(HostileReply, DeepNestingIsSurvived) {
  const std::string bomb = nested(1'000'000);
  const auto inside = R"({"index":{"status":201,"x":)" + bomb + "}}";
  const BulkVerdict verdict = ask(200, items_json({inside}), {index_op()});
  EXPECT_TRUE(std::holds_alternative<Items>(verdict) || std::holds_alternative<Unknown>(verdict));
  expect_verdict<Unknown>(ask(200, bomb, {index_op()}));
  expect_verdict<Unknown>(ask(200, std::string(1'000'000, '['), {index_op()}));
  expect_verdict<Unknown>(ask(200, R"({"items":)" + std::string(1'000'000, '{'), {index_op()}));
}

TEST(HostileReply, AnEndlessChainOfCausesIsReadOnlyToADepth) {
  std::string error;
  for (int i = 0; i < 10'000; ++i) error += R"({"type":"t","reason":"r","caused_by":)";
  error += "{}";
  error.append(10'000, '}');
  expect_verdict<CannotIndex>(judge_one(item_json(400, error)));
}

TEST(HostileReply, AFloodOfItemsIsLeftAsSoonAsItIsTooLong) {
  std::string body = R"({"items":[)";
  for (int i = 0; i < 200'000; ++i) body += R"({"index":{"status":201}},)";
  expect_verdict<Unknown>(ask(200, body, {index_op()}));  // not even ended
}

TEST(HostileReply, RefusalsOfAnyShapeAreSurvived) {
  const std::string body = refusal_json(403, error_json("cluster_block_exception", "[FORBIDDEN/12/x"));
  for (std::size_t length = 0; length < body.size(); ++length) {
    expect_verdict<Denied>(ask(403, body.substr(0, length)));  // cut, it names no block
  }
  for (const std::string odd : {"null", "[]", "{}", R"({"error":null})", R"({"error":7})", R"({"error":{"type":7}})",
                                R"({"error":{"caused_by":"x"}})"}) {
    EXPECT_EQ(expect_verdict<Malformed>(ask(400, odd)).fault.status, 400);
  }
}

}  // namespace
}  // namespace mentiond::elastic::test
