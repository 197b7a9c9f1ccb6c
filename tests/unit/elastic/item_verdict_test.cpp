// The item table, row by row, with the words of real servers.
#include <gtest/gtest.h>

#include "unit/elastic/replies.h"

namespace mentiond::elastic::test {
namespace {

using How = Delivered::How;

void expect_hold(const ItemVerdict& verdict, HoldReason why) {
  EXPECT_EQ(to_text(expect_verdict<HoldIndex>(verdict).why), to_text(why));
}
void expect_pause(const ItemVerdict& verdict, PauseReason why) {
  EXPECT_EQ(to_text(expect_verdict<PauseSink>(verdict).why), to_text(why));
}

constexpr std::string_view flood_reason =
    "index [d] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has "
    "read-only-allow-delete block];";
constexpr std::string_view shard_reason =
    "Validation Failed: 1: this action would add [2] shards, but this cluster currently has [1000]/[1000] maximum "
    "normal "
    "shards open;";

TEST(ItemVerdict, A201IsADocumentCreated) {
  EXPECT_EQ(expect_verdict<Delivered>(judge_one(item_json(201))).how, How::created);
}

TEST(ItemVerdict, A200IsADocumentUpdated) {
  EXPECT_EQ(expect_verdict<Delivered>(judge_one(item_json(200))).how, How::updated);
}

TEST(ItemVerdict, AnUnfilteredItemReadsTheSame) {
  const std::string item =
      R"({"index":{"_index":"d","_id":"1","_version":5,"result":"created","_shards":{"total":2,"successful":1,"failed":1},)"
      R"("_seq_no":0,"_primary_term":1,"status":201}})";
  EXPECT_EQ(expect_verdict<Delivered>(judge_one(item)).how, How::created);
}

TEST(ItemVerdict, AVersionConflictIsDeliveredAndNamesTheCurrentVersion) {
  const auto done = expect_verdict<Delivered>(judge_one(
      409, "version_conflict_engine_exception",
      "[1800000000000000000]: version conflict, current version [1854803221970944] is higher or equal to the one "
      "provided [5]"));
  EXPECT_EQ(done.how, How::conflict);
  EXPECT_EQ(done.current_version, 1854803221970944U);
}

TEST(ItemVerdict, AVersionConflictWithoutAReadableVersionIsStillDelivered) {
  for (const std::string_view reason : {"", "current version [-1]", "current version [99999999999999999999]",
                                        "current version [7", "version conflict, required seqNo [3]"}) {
    const auto done = expect_verdict<Delivered>(judge_one(409, "version_conflict_engine_exception", reason));
    EXPECT_EQ(done.how, How::conflict);
    EXPECT_FALSE(done.current_version) << reason;
  }
}

TEST(ItemVerdict, AVersionConflictOfADeleteIsDelivered) {
  const auto item =
      item_json(409,
                error_json("version_conflict_engine_exception",
                           "[1]: version conflict, current version [5] is higher or equal to the one provided [5]"),
                "delete");
  EXPECT_EQ(expect_verdict<Delivered>(judge_one(item, erase_op())).current_version, 5U);
}

TEST(ItemVerdict, A409OfAnotherKindIsNoDelivery) {
  expect_verdict<RetryItem>(judge_one(409, "conflict_exception", "something else"));
}

TEST(ItemVerdict, ADeleteIsDoneWithOrWithoutADocument) {
  EXPECT_EQ(expect_verdict<Delivered>(judge_one(item_json(200, {}, "delete"), erase_op())).how, How::deleted);
  EXPECT_EQ(expect_verdict<Delivered>(judge_one(item_json(404, {}, "delete"), erase_op())).how, How::deleted);
  const std::string unfiltered =
      R"({"delete":{"_index":"d","_id":"1","_version":9,"result":"not_found","status":404}})";
  EXPECT_EQ(expect_verdict<Delivered>(judge_one(unfiltered, erase_op())).how, How::deleted);
}

TEST(ItemVerdict, ADeleteThatClaimsToHaveCreatedSomethingIsTriedAgain) {
  EXPECT_EQ(expect_verdict<RetryItem>(judge_one(item_json(201, {}, "delete"), erase_op())).fault.status, 201);
}

TEST(ItemVerdict, ADeleteInAMissingIndexIsNotDelivered) {
  const auto item = item_json(404, error_json("index_not_found_exception", "no such index [d]"), "delete");
  expect_hold(judge_one(item, erase_op()), HoldReason::not_found);
}

TEST(ItemVerdict, A404OfAnIndexOperationWithoutAnErrorIsTriedAgain) {
  expect_verdict<RetryItem>(judge_one(item_json(404)));
}

TEST(ItemVerdict, ADocumentInTheFailureStoreIsRejectedDespiteIts201) {
  expect_verdict<CannotIndex>(judge_one(R"({"index":{"status":201,"failure_store":"used"}})"));
  expect_verdict<Delivered>(judge_one(R"({"index":{"status":201,"failure_store":"not_enabled"}})"));
}

TEST(ItemVerdict, RejectedExecutionIsTriedAgain) {
  const auto retry = expect_verdict<RetryItem>(
      judge_one(429, "es_rejected_execution_exception", "rejected execution of coordinating operation"));
  EXPECT_EQ(retry.fault.status, 429);
  EXPECT_EQ(retry.fault.type, "es_rejected_execution_exception");
  EXPECT_EQ(retry.fault.reason, "rejected execution of coordinating operation");
}

TEST(ItemVerdict, ABrokenCircuitIsTriedAgain) {
  expect_verdict<RetryItem>(judge_one(429, "circuit_breaking_exception", "[parent] Data too large"));
}

TEST(ItemVerdict, FloodStagePausesTheSinkInBothItsForms) {
  expect_pause(judge_one(429, "cluster_block_exception", flood_reason), PauseReason::flood_stage);
  expect_pause(judge_one(403, "cluster_block_exception",
                         "index [d] blocked by: [FORBIDDEN/12/index read-only / allow delete (api)];"),
               PauseReason::flood_stage);
}

TEST(ItemVerdict, ServerTroubleIsTriedAgain) {
  for (const auto& [status, type] :
       std::vector<std::pair<int, std::string>>{{503, "unavailable_shards_exception"},
                                                {503, "process_cluster_event_timeout_exception"},
                                                {503, "master_not_discovered_exception"},
                                                {500, "node_closed_exception"},
                                                {500, "null_pointer_exception"},
                                                {502, "whatever"},
                                                {504, "timeout_exception"}}) {
    expect_verdict<RetryItem>(judge_one(status, type, "x"));
  }
}

TEST(ItemVerdict, ABlockThatLiftsByItselfIsTriedAgain) {
  expect_verdict<RetryItem>(
      judge_one(503, "cluster_block_exception", "blocked by: [SERVICE_UNAVAILABLE/2/no master];"));
  expect_verdict<RetryItem>(judge_one(429, "cluster_block_exception", "blocked by: [TOO_MANY_REQUESTS/77/other];"));
}

TEST(ItemVerdict, AReadOnlyIndexIsHeld) {
  for (const std::string_view block : {"[FORBIDDEN/8/index write (api)]", "[FORBIDDEN/5/index read-only (api)]",
                                       "[FORBIDDEN/6/cluster read-only (api)]"}) {
    expect_hold(judge_one(403, "cluster_block_exception", "index [d] blocked by: " + std::string{block} + ";"),
                HoldReason::read_only);
  }
}

TEST(ItemVerdict, OpenSearchsBlockedIndexCreationIsHeld) {
  expect_hold(
      judge_one(403, "index_create_block_exception", "blocked by: [FORBIDDEN/10/cluster create-index blocked (api)];"),
      HoldReason::read_only);
  expect_hold(
      judge_one(403, "cluster_block_exception", "blocked by: [FORBIDDEN/10/cluster create-index blocked (api)];"),
      HoldReason::read_only);
}

TEST(ItemVerdict, AMissingRightPausesTheSink) {
  expect_pause(judge_one(403, "security_exception", "action [indices:data/write/bulk[s]] is unauthorized"),
               PauseReason::auth);
  expect_pause(judge_one(403, "some_plugin_exception", "no permissions"), PauseReason::auth);
  expect_pause(judge_one(401, "security_exception", "missing authentication"), PauseReason::auth);
}

TEST(ItemVerdict, AMissingIndexIsHeld) {
  expect_hold(
      judge_one(404, "index_not_found_exception", "no such index [d] and [action.auto_create_index] is [false]"),
      HoldReason::not_found);
}

TEST(ItemVerdict, AnyOther404IsAShardOnTheMove) {
  expect_verdict<RetryItem>(judge_one(404, "shard_not_found_exception", "no such shard"));
  expect_verdict<RetryItem>(
      judge_one(404, "illegal_index_shard_state_exception", "operation only allowed when started"));
}

TEST(ItemVerdict, TheShardLimitHoldsTheIndexUnderBothItsTypes) {
  expect_hold(judge_one(400, "validation_exception", shard_reason), HoldReason::shard_limit);
  expect_hold(judge_one(400, "illegal_argument_exception", shard_reason), HoldReason::shard_limit);
  expect_hold(
      judge_one(400, "illegal_argument_exception",
                "this action would add [2] total shards, but this cluster currently has [1000]/[1000] maximum shards "
                "open"),
      HoldReason::shard_limit);
}

TEST(ItemVerdict, AClosedIndexIsHeldWhateverItsStatus) {
  expect_hold(judge_one(400, "index_closed_exception", "closed"), HoldReason::closed);
  expect_hold(judge_one(403, "index_closed_exception", "closed"), HoldReason::closed);
}

TEST(ItemVerdict, AFullMappingPausesForItsTemplate) {
  constexpr std::string_view limit = "Limit of total fields [1000] has been exceeded while adding new fields [1]";
  expect_pause(judge_one(400, "illegal_argument_exception", limit), PauseReason::template_);
  const auto wrapped = error_json("document_parsing_exception", "[1:9] failed to parse",
                                  error_json("illegal_argument_exception", limit));
  expect_pause(judge_one(item_json(400, wrapped)), PauseReason::template_);
}

TEST(ItemVerdict, ADataStreamUnderOurNamePausesForItsTemplate) {
  expect_pause(judge_one(400, "illegal_argument_exception",
                         "only write ops with an op_type of create are allowed in data streams"),
               PauseReason::template_);
}

TEST(ItemVerdict, AMissingPipelinePausesForItsTemplate) {
  expect_pause(judge_one(400, "illegal_argument_exception", "pipeline with id [p] does not exist"),
               PauseReason::template_);
}

TEST(ItemVerdict, ADocumentThatCannotBeIndexedIsSetAside) {
  for (const std::string_view type : {"document_parsing_exception", "mapper_parsing_exception",
                                      "strict_dynamic_mapping_exception", "illegal_argument_exception"}) {
    const auto dead = expect_verdict<CannotIndex>(judge_one(400, type, "failed to parse field [x]"));
    EXPECT_EQ(dead.fault.type, type);
    EXPECT_EQ(dead.fault.status, 400);
  }
}

TEST(ItemVerdict, AnImmenseTermIsSetAside) {
  const auto error =
      error_json("illegal_argument_exception", "Document contains at least one immense term in field=[x]",
                 error_json("max_bytes_length_exceeded_exception", "bytes can be at most 32766"));
  expect_verdict<CannotIndex>(judge_one(item_json(400, error)));
}

TEST(ItemVerdict, ADocumentQuotingTheTableIsStillADocument) {
  expect_verdict<CannotIndex>(
      judge_one(400, "document_parsing_exception", "Preview of field's value: 'this action would add [2] shards'"));
  expect_verdict<CannotIndex>(
      judge_one(400, "illegal_argument_exception", "failed to parse date field [this action would add [2] shards]"));
  expect_verdict<CannotIndex>(judge_one(400, "mapper_parsing_exception", "this action would add [2] shards"));
  expect_verdict<CannotIndex>(judge_one(400, "mapper_parsing_exception", "'[FORBIDDEN/12/'"));
  expect_verdict<CannotIndex>(judge_one(400, "mapper_parsing_exception", "'Limit of total fields'"));
}

TEST(ItemVerdict, WhatPassesIsTriedAgainEvenAsA400) {
  expect_verdict<RetryItem>(judge_one(400, "task_cancelled_exception", "cancelled"));
  expect_verdict<RetryItem>(judge_one(400, "resource_already_exists_exception", "index [d] already exists"));
}

TEST(ItemVerdict, AnUnlisted400IsTheDocumentsAndAnyOther4xxIsNot) {
  expect_verdict<CannotIndex>(judge_one(400, "never_heard_of_exception", "x"));
  expect_verdict<CannotIndex>(judge_one(422, "never_heard_of_exception", "x"));
  for (const int status : {402, 405, 408, 410, 413, 423}) {
    expect_verdict<RetryItem>(judge_one(status, "never_heard_of_exception", "x"));
  }
}

TEST(ItemVerdict, AFailureWithoutWordsNeverKillsARow) {
  expect_verdict<RetryItem>(judge_one(item_json(400)));
  expect_verdict<RetryItem>(judge_one(item_json(400, "{}")));
  expect_verdict<RetryItem>(judge_one(item_json(400, R"("plain words")")));
  expect_verdict<RetryItem>(judge_one(item_json(302)));
}

TEST(ItemVerdict, ASuccessThatBearsAnErrorIsNoSuccess) {
  expect_verdict<RetryItem>(judge_one(item_json(201, error_json("mapper_parsing_exception", "x"))));
}

TEST(ItemVerdict, TheServersWordsAreKeptOnlyToALength) {
  std::string reason(longest_fault_reason - 1, 'x');
  const auto dead = expect_verdict<CannotIndex>(judge_one(400, std::string(500, 't'), reason + "\xC3\xA9tail"));
  EXPECT_EQ(dead.fault.type, std::string(longest_fault_type, 't'));
  EXPECT_EQ(dead.fault.reason, reason);  // not half an é
}

TEST(ItemVerdict, AReasonThatIsNoValidTextIsTakenAsItIsWritten) {
  const auto dead = expect_verdict<CannotIndex>(judge_one(400, "mapper_parsing_exception", R"(cut \ud83d)"));
  EXPECT_EQ(dead.fault.reason, R"(cut \ud83d)");
}

TEST(ItemVerdict, WhatANestedCauseDecidedIsSaidInThatCausesWords) {
  const auto item = [](std::string_view type, std::string_view reason) {
    return R"({"index":{"status":400,"error":{"type":"mapper_parsing_exception","reason":"failed to parse 'my secret'",)"
           R"("caused_by":{"type":")" +
           std::string{type} + R"(","reason":")" + std::string{reason} + R"("}}}})";
  };
  const auto held = expect_verdict<HoldIndex>(judge_one(item("validation_exception", shard_reason)));
  EXPECT_EQ(held.fault.type, "validation_exception");
  EXPECT_EQ(held.fault.reason, shard_reason);
  EXPECT_EQ(held.fault.status, 400);
  const auto paused = expect_verdict<PauseSink>(judge_one(item("cluster_block_exception", flood_reason)));
  EXPECT_EQ(paused.fault.type, "cluster_block_exception");
  EXPECT_EQ(paused.fault.reason, flood_reason);
}

}  // namespace
}  // namespace mentiond::elastic::test
