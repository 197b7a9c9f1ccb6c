// The table of whole requests, and what the outer form of a reply must be before its items count.
#include "elastic/bulk_reply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/elastic/replies.h"

namespace mentiond::elastic::test {
namespace {

BulkVerdict fail_with(HttpFailure::Kind kind) {
  HttpFailure failure;
  failure.kind = kind;
  failure.message = "es:9200";
  return read_bulk_reply(Outcome{failure}, std::vector<Op>{index_op()});
}

std::optional<Millis> wait_after(const std::vector<std::pair<std::string, std::string>>& headers) {
  HttpReply answer = reply(429, "{}");
  for (const auto& [name, value] : headers) answer.headers.add(name, value);
  return expect_verdict<Throttled>(ask(answer, {index_op()})).retry_after;
}

// Nginx's own page.
constexpr std::string_view html = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n</html>\r\n";

TEST(BulkReply, WithoutAConnectionNothingWasWritten) {
  for (const auto kind : {HttpFailure::Kind::resolve, HttpFailure::Kind::connect, HttpFailure::Kind::tls}) {
    EXPECT_FALSE(expect_verdict<Unreachable>(fail_with(kind)).why.empty());
  }
}

TEST(BulkReply, ABrokenConversationIsAnUnknownOutcome) {
  for (const auto kind : {HttpFailure::Kind::timeout, HttpFailure::Kind::cut, HttpFailure::Kind::malformed,
                          HttpFailure::Kind::too_large, HttpFailure::Kind::cancelled}) {
    EXPECT_FALSE(expect_verdict<Unknown>(fail_with(kind)).why.empty());
  }
}

TEST(BulkReply, ServerErrorsAndTimeoutsAreAnUnknownOutcome) {
  for (const int status : {408, 500, 502, 503, 504}) expect_verdict<Unknown>(ask(status, std::string{html}));
}

TEST(BulkReply, RedirectsAreNeverFollowed) {
  for (const int status : {301, 302, 307, 308}) expect_verdict<Unknown>(ask(status, ""));
}

TEST(BulkReply, AnOddSuccessIsAnUnknownOutcome) {
  for (const int status : {100, 201, 202, 204}) expect_verdict<Unknown>(ask(status, items_json({item_json(201)})));
}

TEST(BulkReply, A200ThatIsNotJsonIsAnUnknownOutcome) {
  for (const std::string_view body : {html, std::string_view{}, std::string_view{"[]"}, std::string_view{"null"},
                                      std::string_view{"\"items\""}, std::string_view{"   "}}) {
    expect_verdict<Unknown>(ask(200, std::string{body}));
  }
}

TEST(BulkReply, A429ThrottlesForAsLongAsItSays) {
  EXPECT_EQ(wait_after({}), std::nullopt);
  EXPECT_EQ(wait_after({{"retry-after", "7"}}), Millis{7'000});
  EXPECT_EQ(wait_after({{"Retry-After", "0"}}), Millis{0});
  EXPECT_EQ(wait_after({{"Retry-After", "Sun, 06 Nov 1994 08:50:07 GMT"}, {"Date", "Sun, 06 Nov 1994 08:49:37 GMT"}}),
            Millis{30'000});
}

TEST(BulkReply, RetryAfterIsClampedToFiveMinutes) {
  EXPECT_EQ(wait_after({{"Retry-After", "301"}}), longest_retry_after);
  EXPECT_EQ(wait_after({{"Retry-After", "9223372036854775807"}}), longest_retry_after);
  EXPECT_EQ(wait_after({{"Retry-After", "Mon, 07 Nov 1994 08:49:37 GMT"}, {"Date", "Sun, 06 Nov 1994 08:49:37 GMT"}}),
            longest_retry_after);
  EXPECT_EQ(wait_after({{"Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"}, {"Date", "Mon, 07 Nov 1994 08:49:37 GMT"}}),
            Millis{0});
}

TEST(BulkReply, ANonsensicalRetryAfterSaysNothing) {
  EXPECT_EQ(wait_after({{"Retry-After", "-5"}}), std::nullopt);
  EXPECT_EQ(wait_after({{"Retry-After", "soon"}}), std::nullopt);
  EXPECT_EQ(wait_after({{"Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"}}),
            std::nullopt);  // no clock to hold it against
}

TEST(BulkReply, A413IsTooLarge) { expect_verdict<TooLarge>(ask(413, std::string{html})); }

TEST(BulkReply, A400IsBisected) {
  const auto bad = expect_verdict<Malformed>(
      ask(400, refusal_json(400, error_json("illegal_argument_exception", "Malformed action/metadata line [1]"))));
  EXPECT_EQ(bad.fault.status, 400);
  EXPECT_EQ(bad.fault.type, "illegal_argument_exception");
  EXPECT_EQ(bad.fault.reason, "Malformed action/metadata line [1]");
}

TEST(BulkReply, ARefusalInPlainWordsKeepsTheWords) {
  EXPECT_EQ(expect_verdict<Malformed>(ask(400, R"({"error":"no handler found","status":400})")).fault.reason,
            "no handler found");
  EXPECT_THAT(expect_verdict<WrongEndpoint>(ask(404, std::string{html})).fault.reason,
              testing::HasSubstr("502 Bad Gateway"));
}

TEST(BulkReply, A401Or403IsDenied) {
  for (const int status : {401, 403}) {
    const auto denied = expect_verdict<Denied>(
        ask(status, refusal_json(status, error_json("security_exception", "unable to authenticate"))));
    EXPECT_EQ(denied.fault.status, status);
    EXPECT_EQ(denied.fault.type, "security_exception");
    expect_verdict<Denied>(ask(status, std::string{html}));
  }
}

TEST(BulkReply, AnyOther4xxIsAWrongEndpoint) {
  for (const int status : {402, 404, 405, 406, 407, 410, 411, 415, 421, 431}) {
    EXPECT_EQ(expect_verdict<WrongEndpoint>(ask(status, "")).fault.status, status);
  }
}

TEST(BulkReply, AMissingIndexForTheWholeRequestIsAWrongEndpoint) {
  expect_verdict<WrongEndpoint>(
      ask(404, refusal_json(404, error_json("index_not_found_exception", "no such index [d]"))));
}

TEST(BulkReply, FloodStageForTheWholeRequestPausesForEveryRow) {
  const auto block = [](std::string_view code) {
    return error_json("cluster_block_exception", "index [d] blocked by: [" + std::string{code} + "/disk usage];");
  };
  for (const auto& [status, code] :
       std::vector<std::pair<int, std::string>>{{429, "TOO_MANY_REQUESTS/12"}, {403, "FORBIDDEN/12"}}) {
    const auto items =
        expect_verdict<Items>(ask(status, refusal_json(status, block(code)), {index_op(1), index_op(2)}));
    ASSERT_EQ(items.verdicts.size(), 2U);
    for (const auto& verdict : items.verdicts) {
      EXPECT_EQ(expect_verdict<PauseSink>(verdict).why, PauseReason::flood_stage);
    }
  }
}

TEST(BulkReply, AReadOnlyClusterForTheWholeRequestHoldsEveryRow) {
  const auto body =
      refusal_json(403, error_json("cluster_block_exception", "blocked by: [FORBIDDEN/6/cluster read-only];"));
  const auto items = expect_verdict<Items>(ask(403, body, {index_op(1), index_op(2)}));
  ASSERT_EQ(items.verdicts.size(), 2U);
  EXPECT_EQ(expect_verdict<HoldIndex>(items.verdicts[1]).why, HoldReason::read_only);
}

TEST(BulkReply, TheShardLimitForTheWholeRequestIsBisectedAndThenHeld) {
  const auto body = refusal_json(
      400, error_json("validation_exception", "Validation Failed: 1: this action would add [2] shards, but ...;"));
  expect_verdict<Malformed>(ask(400, body, {index_op(1), index_op(2)}));
  const auto items = expect_verdict<Items>(ask(400, body, {index_op(1)}));
  ASSERT_EQ(items.verdicts.size(), 1U);
  EXPECT_EQ(expect_verdict<HoldIndex>(items.verdicts[0]).why, HoldReason::shard_limit);
}

TEST(BulkReply, EveryItemHasItsVerdictAtItsPosition) {
  const auto body =
      items_json({item_json(201), item_json(429, error_json("es_rejected_execution_exception", "x")),
                  item_json(404, {}, "delete"), item_json(400, error_json("mapper_parsing_exception", "x"))});
  const auto items = expect_verdict<Items>(ask(200, body, {index_op(1), index_op(2), erase_op(), index_op(4)}));
  ASSERT_EQ(items.verdicts.size(), 4U);
  EXPECT_EQ(outcome_name(items.verdicts[0]), "created");
  EXPECT_EQ(outcome_name(items.verdicts[1]), "retry");
  EXPECT_EQ(outcome_name(items.verdicts[2]), "deleted");
  EXPECT_EQ(outcome_name(items.verdicts[3]), "dead");
}

TEST(BulkReply, AWholeBatchOfConflictsIsDeliveredAtOnce) {
  const auto conflict = item_json(
      409, error_json("version_conflict_engine_exception",
                      "[1]: version conflict, current version [5] is higher or equal to the one provided [5]"));
  const auto items = expect_verdict<Items>(ask(200, items_json({conflict, conflict}), {index_op(1), index_op(2)}));
  for (const auto& verdict : items.verdicts) expect_verdict<Delivered>(verdict);
}

TEST(BulkReply, TheErrorsFlagDecidesNothing) {
  const auto failed = item_json(400, error_json("mapper_parsing_exception", "x"));
  const auto lying = R"({"errors": false, "items":[)" + failed + "]}";
  expect_verdict<CannotIndex>(expect_verdict<Items>(ask(200, lying)).verdicts.at(0));
  const auto worried = R"({ "errors" : true, "items":[)" + item_json(201) + "]}";
  expect_verdict<Delivered>(expect_verdict<Items>(ask(200, worried)).verdicts.at(0));
}

}  // namespace
}  // namespace mentiond::elastic::test
