// When the whole sink rests, and whose fault a refused request is.
#include <gtest/gtest.h>

#include "bulk_sender_rig.h"
#include "elastic/bulk_sender.h"

namespace mentiond::elastic {
namespace {

using namespace testing;

ItemVerdict flood() { return PauseSink{PauseReason::flood_stage, fault(429, "cluster_block_exception")}; }

TEST(BulkSender, WrongPasswordForTenMinutesLosesNothing) {
  Rig rig;
  rig.store(1, 50);
  rig.request_fault = Denied{fault(401, "security_exception")};
  rig.run(10min);
  EXPECT_EQ(rig.settled, 0U);
  EXPECT_EQ(rig.sender.paused(), PauseReason::auth);
  EXPECT_EQ(rig.count<notice::Paused>(), 1U) << "one alarm";
  ASSERT_GE(rig.checks.size(), 2U);
  EXPECT_TRUE(rig.checks.back().reread_secret);
  rig.request_fault.reset();
  rig.run(6min);
  EXPECT_EQ(rig.count<notice::Resumed>(), 1U);
  EXPECT_EQ(rig.dead() + rig.held(), 0U);
  rig.expect_all_settled();
}

TEST(BulkSender, PauseProbesWithOneDocumentAfterLookingAtTheSink) {
  Rig rig;
  rig.index_fault["day"] = flood();
  rig.store(1, 50);
  rig.run(2'100ms);
  rig.bulks.clear();
  const auto checks = rig.checks.size();
  rig.run(1h);
  ASSERT_GE(rig.bulks.size(), 10U);
  for (const auto& bulk : rig.bulks) EXPECT_EQ(bulk.rows.size(), 1U);
  EXPECT_EQ(rig.checks.size() - checks, rig.bulks.size());
  EXPECT_EQ(rig.bulks.back().at - rig.bulks[rig.bulks.size() - 2].at, 5min);
  rig.index_fault.clear();
  rig.run(10min);
  rig.expect_all_settled();
}

TEST(BulkSender, AnotherVerdictThanItsFaultEndsThePause) {
  Rig rig;
  rig.index_fault["day"] = flood();
  rig.store(1, 5);
  rig.run(3s);
  EXPECT_EQ(rig.sender.paused(), PauseReason::flood_stage);
  rig.index_fault["day"] = read_only();
  rig.run(1min);
  EXPECT_FALSE(rig.sender.paused());
  EXPECT_EQ(rig.held(), 5U);
}

TEST(BulkSender, RetryDoesNotEndAPause) {
  Rig rig;
  rig.index_fault["day"] = flood();
  rig.store(1, 5);
  rig.run(3s);
  rig.index_fault["day"] = busy();
  rig.run(10min);
  EXPECT_EQ(rig.sender.paused(), PauseReason::flood_stage);
}

TEST(BulkSender, DeliveredNeighboursOfAPausingItemAreSettled) {
  Rig rig;
  rig.row_fault[TweetId{3}] = PauseSink{PauseReason::template_, fault(400, "illegal_argument_exception")};
  rig.store(1, 5);
  rig.run(2'100ms);
  EXPECT_EQ(rig.settled, 1'002U);
  EXPECT_EQ(rig.sender.paused(), PauseReason::template_);
  rig.row_fault.clear();
  rig.run(1min);
  rig.expect_all_settled();
}

TEST(BulkSender, BadTemplatePausesBeforeAnythingIsWritten) {
  Rig rig;
  rig.store(1, 5);
  const auto good = rig.check;
  rig.check = [] { return CheckOutcome{checked::BadTemplate{fault(0, "foreign_template")}}; };
  rig.run(1h);
  EXPECT_TRUE(rig.bulks.empty());
  EXPECT_EQ(rig.count<notice::Paused>(), 1U);
  rig.check = good;
  rig.run(6min);
  EXPECT_FALSE(rig.sender.paused());
  rig.run(3s);
  rig.expect_all_settled();
}

TEST(BulkSender, SinkThatIsDownAtStartPausesAndGoesOnByItself) {
  Rig rig;
  const auto good = rig.check;
  rig.check = [] { return CheckOutcome{checked::Failed{"connection refused"}}; };
  rig.run(1h);
  EXPECT_EQ(rig.sender.paused(), PauseReason::unreachable);
  EXPECT_EQ(rig.count<notice::Paused>(), 1U);
  rig.check = good;
  rig.run(rarest_look);
  EXPECT_FALSE(rig.sender.paused()) << "with nothing to send, an answer and a template have to do";
  rig.store(1, 5);
  rig.run(3s);
  rig.expect_all_settled();
}

TEST(BulkSender, SinkThatGoesAwayInTheMiddleIsLookedAtBeforeTheNextBulk) {
  Rig rig;
  rig.store(1, 5);
  rig.run(3s);
  rig.store(6, 5);
  rig.request_fault = Unreachable{"refused"};
  rig.run(2'100ms);
  const auto checks = rig.checks.size();
  rig.request_fault.reset();
  rig.run(1min);
  EXPECT_EQ(rig.checks.size(), checks + 1);
  EXPECT_EQ(rig.count<notice::Paused>(), 0U) << "one failure is no alarm";
  rig.expect_all_settled();
}

TEST(BulkSender, RequestsWithoutAnAnswerPauseTheSinkAsUnreachable) {
  for (const BulkVerdict& verdict : {BulkVerdict{Unreachable{"refused"}}, BulkVerdict{Unknown{"cut"}}}) {
    Rig rig;
    rig.store(1, 5);
    rig.request_fault = verdict;
    rig.run(1h);
    EXPECT_EQ(rig.sender.paused(), PauseReason::unreachable);
    EXPECT_EQ(rig.count<notice::Paused>(), 1U);
    rig.request_fault.reset();
    rig.run(rarest_look + 3s);
    rig.expect_all_settled();
  }
}

TEST(BulkSender, WrongEndpointPausesAsRefused) {
  Rig rig;
  rig.store(1, 5);
  rig.request_fault = WrongEndpoint{fault(405, "method_not_allowed")};
  rig.run(1h);
  EXPECT_EQ(rig.sender.paused(), PauseReason::refused);
  EXPECT_EQ(rig.dead(), 0U);
  rig.request_fault.reset();
  rig.run(6min);
  rig.expect_all_settled();
}

TEST(BulkSender, VersionBeyondTheLedgersLastIsAnotherWriter) {
  Rig rig;
  rig.store(1, 5);
  rig.documents[TweetId{2}] = rig.last_revision + 1'000;
  rig.run(10min);
  EXPECT_EQ(rig.sender.paused(), PauseReason::other_writer);
  EXPECT_EQ(rig.settled, 1'001U);
  EXPECT_EQ(rig.count<notice::Paused>(), 1U) << "probing with the same document brings no second alarm";
  EXPECT_EQ(rig.documents.size(), 5U);
  rig.documents.erase(TweetId{2});
  rig.run(6min);
  rig.expect_all_settled();
}

TEST(BulkSender, PoisonDocumentIsFoundByHalvingAndBuriedOnceACanaryPasses) {
  Rig rig;
  rig.store(1, 5);
  rig.run(3s);
  rig.store(101, 100);
  rig.poison.insert(TweetId{137});
  rig.run(3s);
  EXPECT_EQ(rig.dead(), 1U);
  EXPECT_TRUE(rig.aside.contains(TweetId{137}));
  EXPECT_EQ(rig.aside.at(TweetId{137}).fault.type, "illegal_argument_exception");
  const auto alone = std::ranges::find_if(
      rig.bulks, [](const Rig::Bulk& bulk) { return bulk.rows.size() == 1 && bulk.rows.front().root == TweetId{137}; });
  ASSERT_LT(alone + 1, rig.bulks.end());
  EXPECT_EQ(alone[1].rows.size(), 1U);
  EXPECT_EQ(alone[1].rows.front().root, TweetId{136}) << "the newest settled row is the canary";
  EXPECT_EQ(rig.count<notice::Paused>(), 0U);
  EXPECT_LE(rig.bulks.size(), 60U);
  rig.expect_all_settled();
}

TEST(BulkSender, WithoutASettledRowAnotherPendingRowIsTheCanary) {
  Rig rig;
  rig.store(1, 2);
  rig.poison.insert(TweetId{1});
  rig.run(3s);
  EXPECT_EQ(rig.dead(), 1U);
  EXPECT_TRUE(rig.aside.contains(TweetId{1}));
  rig.expect_all_settled();
}

// A new sink may begin with nothing but dead letters: they outlive what retention has pruned.
TEST(BulkSender, BadDocumentsThatStandTogetherBeforeAnyGoodOneDoNotKeepTheRestWaiting) {
  Rig rig;
  rig.store(1, 20);
  for (std::uint64_t root = 1; root <= 5; ++root) rig.poison.insert(TweetId{root});
  rig.run(1h);
  EXPECT_EQ(rig.dead(), 5U);
  EXPECT_FALSE(rig.sender.paused());
  rig.expect_all_settled();
}

TEST(BulkSender, OnlyRowOfAllIsNeverBuriedByItself) {
  Rig rig;
  rig.store(1);
  rig.poison.insert(TweetId{1});
  rig.run(10min);
  EXPECT_EQ(rig.dead(), 0U);
  EXPECT_EQ(rig.sender.paused(), PauseReason::refused);
  rig.store(2);
  rig.run(10min);
  EXPECT_EQ(rig.dead(), 1U) << "a second row came and passed";
  EXPECT_FALSE(rig.sender.paused());
  rig.expect_all_settled();
}

TEST(BulkSender, RequestThatIsRefusedWithTheCanaryTooPausesAndBuriesNothing) {
  for (const BulkVerdict& verdict : {BulkVerdict{Malformed{fault(400, "parse_exception")}}, BulkVerdict{TooLarge{}}}) {
    Rig rig;
    rig.store(1, 5);
    rig.run(3s);
    rig.store(6, 50);
    rig.request_fault = verdict;
    rig.run(1h);
    EXPECT_EQ(rig.sender.paused(), PauseReason::refused);
    EXPECT_EQ(rig.dead(), 0U);
    EXPECT_EQ(rig.count<notice::Paused>(), 1U);
    EXPECT_EQ(rig.bulks.back().rows.front().root, TweetId{5}) << "probed with the canary";
    rig.request_fault.reset();
    rig.run(6min);
    EXPECT_FALSE(rig.sender.paused());
    rig.expect_all_settled();
  }
}

TEST(BulkSender, SingleDocumentThatIsTooLargeIsBuriedOnceACanaryPasses) {
  Rig rig;
  rig.largest_body = 100'000;
  rig.store(1, 5);
  rig.run(3s);
  rig.store(6, 1, "day", 200'000);
  rig.store(7, 5);
  rig.run(3s);
  EXPECT_EQ(rig.dead(), 1U);
  EXPECT_EQ(rig.aside.at(TweetId{6}).fault.status, 413);
  rig.expect_all_settled();
}

TEST(BulkSender, CanaryThatConflictsCountsAsAccepted) {
  Rig rig;
  rig.store(1, 5);
  rig.run(3s);
  rig.store(6);
  rig.poison.insert(TweetId{6});
  rig.run(3s);
  EXPECT_EQ(rig.documents.at(TweetId{5}), 1'005U);
  EXPECT_EQ(rig.dead(), 1U);
}

TEST(BulkSender, CanaryThatIsPutOffIsAskedAgain) {
  Rig rig;
  rig.store(1, 5);
  rig.run(3s);
  rig.store(6);
  rig.poison.insert(TweetId{6});
  rig.row_fault[TweetId{5}] = no_shard();
  rig.run(3s);
  EXPECT_EQ(rig.dead(), 0U);
  EXPECT_LT(rig.bulks.size(), 20U) << "and not in a loop";
  rig.row_fault.clear();
  rig.run(1min);
  EXPECT_EQ(rig.dead(), 1U);
}

TEST(BulkSender, CanaryWithATroubleOfItsOwnBuriesNothing) {
  Rig rig;
  rig.store(1, 5);
  rig.run(3s);
  rig.store(6, 2, "other");
  rig.poison.insert(TweetId{6});
  rig.index_fault["day"] = read_only();
  rig.run(3s);
  EXPECT_EQ(rig.dead(), 1U) << "the next canary was pending row 7";
  EXPECT_TRUE(rig.documents.contains(TweetId{7}));
  EXPECT_TRUE(rig.aside.contains(TweetId{6}));
  EXPECT_EQ(rig.count<notice::Held>(), 0U) << "no row waits for that index";
}

TEST(BulkSender, CanaryThatIsPutOffForeverYieldsToTheNext) {
  Rig rig;
  rig.store(1, 5);
  rig.run(3s);
  rig.store(6, 2, "other");
  rig.poison.insert(TweetId{6});
  rig.row_fault[TweetId{5}] = no_shard();
  rig.run(1min);
  EXPECT_EQ(rig.dead(), 1U) << "row 7 told whose fault it is";
  EXPECT_TRUE(rig.aside.contains(TweetId{6}));
  EXPECT_EQ(rig.count<notice::Paused>(), 0U);
}

TEST(BulkSender, OnlyCanaryThatIsPutOffForFiveMinutesIsAnAlarm) {
  Rig rig;
  rig.store(1, 5);
  rig.run(3s);
  rig.store(6, 1, "other");
  rig.poison.insert(TweetId{6});
  rig.row_fault[TweetId{5}] = no_shard();
  rig.run(4min);
  EXPECT_EQ(rig.count<notice::Paused>(), 0U);
  rig.run(20min);
  EXPECT_EQ(rig.sender.paused(), PauseReason::refused);
  EXPECT_EQ(rig.count<notice::Paused>(), 1U);
  EXPECT_EQ(rig.dead(), 0U);
  rig.store(7, 1, "other");
  rig.run(20min);
  EXPECT_EQ(rig.dead(), 1U) << "a row that can tell came by";
  EXPECT_FALSE(rig.sender.paused());
  rig.expect_all_settled();
}

TEST(BulkSender, SecretIsReadAgainWhereverItWasRefused) {
  {
    Rig rig;
    rig.index_fault["day"] = PauseSink{PauseReason::auth, fault(403, "security_exception")};
    rig.store(1, 5);
    rig.run(1min);
    EXPECT_TRUE(rig.checks.back().reread_secret);
  }
  Rig rig;
  rig.check = [] { return CheckOutcome{checked::BadTemplate{fault(403, "template_denied")}}; };
  rig.store(1, 5);
  rig.run(1min);
  EXPECT_TRUE(rig.checks.back().reread_secret);
}

TEST(BulkSender, OperatorsWordTriesEverythingAtOnce) {
  Rig rig;
  rig.request_fault = Denied{fault(401, "security_exception")};
  rig.store(1, 5);
  rig.run(1h);
  rig.request_fault.reset();
  rig.sender.probe_now(rig.now);
  rig.run(1s);
  EXPECT_FALSE(rig.sender.paused());
  rig.expect_all_settled();
}

TEST(BulkSender, StoppingWithAPausedSinkDoesNotWait) {
  Rig rig;
  rig.request_fault = Denied{fault(401, "security_exception")};
  rig.store(1, 5);
  rig.run(1min);
  rig.sender.drain(BulkSender::Grace::in_all, 8s, rig.now);
  const auto began = rig.now.steady;
  rig.run(1min);
  ASSERT_TRUE(rig.finished);
  EXPECT_TRUE(rig.finished->left_over);
  EXPECT_EQ(rig.now.steady, began);
}

TEST(BulkSender, OnceWaitsForAPausedSinkAsLongAsItsGrace) {
  Rig rig;
  rig.check = [] { return CheckOutcome{checked::Failed{"connection refused"}}; };
  rig.store(1, 5);
  const auto began = rig.now.steady;
  rig.sender.drain(BulkSender::Grace::while_progressing, 8s, rig.now);
  rig.run(1min);
  ASSERT_TRUE(rig.finished);
  EXPECT_TRUE(rig.finished->left_over);
  EXPECT_EQ(rig.now.steady - began, 8s);
}

}  // namespace
TEST(BulkSender, APendingRowThatIsTheCanaryAndPutOffIsNotAskedWithoutAPause) {
  Rig rig;
  rig.store(1, 2);
  rig.poison.insert(TweetId{1});
  rig.row_fault[TweetId{2}] = RetryItem{fault(500, "node_closed_exception")};
  rig.run(1min);
  EXPECT_LT(rig.sent_of(2), 20U);
  rig.row_fault.clear();
  rig.run(10min);
  EXPECT_EQ(rig.dead(), 1U);
  rig.expect_all_settled();
}

}  // namespace mentiond::elastic
