// How rows become bulk requests, and how the sink's position follows.
#include "elastic/bulk_sender.h"

#include <gtest/gtest.h>

#include "bulk_sender_rig.h"

namespace mentiond::elastic {
namespace {

using namespace testing;

TEST(BulkSender, LooksAtTheSinkBeforeItsFirstBulk) {
  Rig rig;
  rig.store(1);
  rig.check = [&] {
    EXPECT_TRUE(rig.bulks.empty());
    return CheckOutcome{checked::Ready{1, 0, {}}};
  };
  rig.run(10s);
  EXPECT_EQ(rig.checks.size(), 1U);
  EXPECT_EQ(rig.bulks.size(), 1U);
}

TEST(BulkSender, BatchClosesAtBatchDocs) {
  Rig rig;
  rig.store(1, 250);
  rig.run();
  ASSERT_EQ(rig.bulks.size(), 2U);
  EXPECT_EQ(rig.bulks[0].rows.size(), 100U);
  EXPECT_EQ(rig.bulks[1].rows.size(), 100U);
}

TEST(BulkSender, BatchClosesAtBatchBytes) {
  Rig rig{{.batch_bytes = 10'000, .batch_docs = 100, .flush_every = 2s}};
  rig.store(1, 25, "day", 1'500);
  rig.run(3s);
  ASSERT_EQ(rig.bulks.size(), 5U);
  for (const auto& bulk : rig.bulks) EXPECT_LE(bulk.bytes, 10'000U);
  for (std::uint64_t root = 1; root <= 25; ++root) EXPECT_EQ(rig.sent_of(root), 1U);
}

TEST(BulkSender, DocumentBeyondBatchBytesGoesAlone) {
  Rig rig{{.batch_bytes = 10'000, .batch_docs = 100, .flush_every = 2s}};
  rig.store(1, 1, "day", 1'000);
  rig.store(2, 1, "day", 50'000);
  rig.store(3, 1, "day", 1'000);
  rig.run(10s);
  rig.expect_all_settled();
}

TEST(BulkSender, BatchClosesAtFlushEvery) {
  Rig rig;
  rig.store(1, 3);
  rig.run(1'500ms);
  EXPECT_TRUE(rig.bulks.empty());
  rig.store(4, 2);
  rig.run(600ms);
  ASSERT_EQ(rig.bulks.size(), 1U);
  EXPECT_EQ(rig.bulks[0].rows.size(), 5U);
}

TEST(BulkSender, PositionWaitsForAnOlderRowThatIsNotSettled) {
  Rig rig;
  rig.store(1, 10);
  rig.row_fault[TweetId{4}] = no_shard();
  rig.run(3s);
  EXPECT_EQ(rig.settled, 1'003U);
  rig.row_fault.clear();
  rig.run(1min);
  EXPECT_EQ(rig.settled, 1'010U);
  rig.expect_all_settled();
}

TEST(BulkSender, PositionPassesADeadLetter) {
  Rig rig;
  rig.store(1, 10);
  rig.row_fault[TweetId{4}] = bad();
  rig.run(3s);
  EXPECT_EQ(rig.dead(), 1U);
  rig.expect_all_settled();
}

TEST(BulkSender, OneItemOfAHundredIsSentAgainAlone) {
  Rig rig;
  rig.store(1, 100);
  rig.row_fault[TweetId{50}] = busy();
  rig.before_reply = [&] {
    if (rig.bulks.size() == 2) rig.row_fault.clear();
  };
  rig.run(1min);
  ASSERT_EQ(rig.bulks.size(), 2U);
  EXPECT_EQ(rig.bulks[1].rows.size(), 1U);
  EXPECT_EQ(rig.sent_of(50), 2U);
  rig.expect_all_settled();
}

TEST(BulkSender, ItemRetriesHalveTheBatchAndBackOffWithJitter) {
  Rig rig;
  rig.index_fault["day"] = busy();
  rig.store(1, 100);
  rig.run(30s);
  ASSERT_GE(rig.bulks.size(), 4U);
  EXPECT_EQ(rig.bulks[1].rows.size(), 50U);
  EXPECT_EQ(rig.bulks[2].rows.size(), 25U);
  // 429 speaks for the node: everything waits. Delays with random = 0 are the full ones, doubling.
  EXPECT_EQ(rig.bulks[1].at - rig.bulks[0].at, 500ms);
  EXPECT_EQ(rig.bulks[2].at - rig.bulks[1].at, 1s);
  EXPECT_EQ(rig.bulks[3].at - rig.bulks[2].at, 2s);
  rig.random = 0.5;
  rig.run(1min);
  const std::size_t n = rig.bulks.size();
  EXPECT_LE(rig.bulks[n - 1].at - rig.bulks[n - 2].at, 15s);
}

TEST(BulkSender, RowsOfOtherShardsGoOnWhileOneIsUnavailable) {
  Rig rig;
  rig.index_fault["old"] = no_shard();
  rig.store(1, 5, "old");
  rig.store(10, 500, "new");
  rig.run(3s);
  EXPECT_EQ(rig.documents.size(), 500U);
}

TEST(BulkSender, UnknownOutcomeSendsTheSameRowsBuiltAnew) {
  Rig rig;
  rig.store(1, 5);
  rig.request_fault = Unknown{"cut"};
  rig.before_reply = [&] {
    // While the first bulk is under way a second query finds tweet 3.
    if (rig.bulks.size() == 1) rig.store(3);
    if (rig.bulks.size() == 2) rig.request_fault.reset();
  };
  rig.run(1min);
  ASSERT_GE(rig.bulks.size(), 2U);
  EXPECT_EQ(rig.bulks[1].rows.front().root, TweetId{1});
  EXPECT_EQ(rig.documents.at(TweetId{3}), rig.last_revision);
  rig.expect_all_settled();
}

TEST(BulkSender, ItemsOfAnotherNumberSettleNothing) {
  Rig rig;
  rig.store(1, 3);
  rig.request_fault = Items{{Delivered{}, Delivered{}}};
  rig.run(3s);
  EXPECT_EQ(rig.settled, 0U);
  rig.request_fault.reset();
  rig.run(1min);
  rig.expect_all_settled();
}

TEST(BulkSender, WholeBatchOfConflictsIsDeliveredInOneRequest) {
  Rig rig;
  rig.store(1, 100);
  for (const auto& [root, row] : rig.rows) rig.documents[root] = row.revision;
  rig.run();
  EXPECT_EQ(rig.bulks.size(), 1U);
  rig.expect_all_settled();
}

TEST(BulkSender, ThrottledWaitsAsLongAsTheServerAsks) {
  Rig rig;
  rig.store(1, 100);
  rig.request_fault = Throttled{90s};
  rig.before_reply = [&] {
    if (rig.bulks.size() == 2) rig.request_fault.reset();
  };
  rig.run(5min);
  ASSERT_GE(rig.bulks.size(), 2U);
  EXPECT_GE(rig.bulks[1].at - rig.bulks[0].at, 90s);
  EXPECT_EQ(rig.bulks[1].rows.size(), 50U);
  rig.expect_all_settled();
}

TEST(BulkSender, TooLargeHalvesAndLearnsTheSize) {
  Rig rig{{.batch_bytes = 5'000'000, .batch_docs = 5'000, .flush_every = 2s}};
  rig.largest_body = 1'000'000;
  rig.store(1, 5'000, "day", 1'000);
  rig.run(10s);
  rig.expect_all_settled();
  EXPECT_EQ(rig.dead(), 0U);
  std::size_t refused = 0;
  for (const auto& bulk : rig.bulks) refused += bulk.bytes > 1'000'000 ? 1 : 0;
  EXPECT_LE(refused, 4U);
  rig.bulks.clear();
  rig.store(10'001, 20'000, "day", 1'000);
  rig.run(10s);
  for (const auto& bulk : rig.bulks) EXPECT_LE(bulk.bytes, 1'000'000U) << "forgot the size it had learned";
}

TEST(BulkSender, LearnedSizeGrowsBackSlowly) {
  BatchLimits limits{1'000, 1'600};
  limits.refuse(100, 1'600);
  EXPECT_EQ(limits.bytes(), 800U);
  for (std::size_t i = 0; i < BatchLimits::growth_every; ++i) limits.accept();
  EXPECT_EQ(limits.bytes(), 850U);
  for (std::size_t i = 0; i < 30 * BatchLimits::growth_every; ++i) limits.accept();
  EXPECT_EQ(limits.bytes(), 1'600U);
}

TEST(BulkSender, DamagedRowBecomesADeadLetterAndIsNeverSent) {
  Rig rig;
  rig.store(1, 5);
  rig.damage(3, "damaged");
  rig.run(3s);
  EXPECT_EQ(rig.sent_of(3), 0U);
  EXPECT_EQ(rig.aside.at(TweetId{3}).fault.type, "damaged");
  EXPECT_EQ(rig.count<notice::Died>(), 1U);
  rig.expect_all_settled();
}

TEST(BulkSender, UnparsableRowBecomesADeadLetterOnARetryToo) {
  Rig rig;
  rig.store(1, 5);
  rig.request_fault = Unknown{"cut"};
  rig.run(2'100ms);
  rig.damage(3, "unparsable");
  rig.request_fault.reset();
  rig.run(1min);
  EXPECT_EQ(rig.aside.at(TweetId{3}).fault.type, "unparsable");
  rig.expect_all_settled();
}

TEST(BulkSender, LaterDeliveryOfADeadLetterRemovesIt) {
  Rig rig;
  rig.store(1, 3);
  rig.row_fault[TweetId{2}] = bad();
  rig.run(3s);
  EXPECT_EQ(rig.dead(), 1U);
  rig.row_fault.clear();
  rig.store(2);
  rig.run(3s);
  EXPECT_EQ(rig.dead(), 0U);
  rig.expect_all_settled();
}

TEST(BulkSender, PrunedRowIsPassed) {
  Rig rig;
  rig.store(1, 3);
  rig.request_fault = Unknown{"cut"};
  rig.run(2'100ms);
  rig.rows.erase(TweetId{2});
  rig.request_fault.reset();
  rig.run(1min);
  EXPECT_EQ(rig.settled, 1'003U);
}

TEST(BulkSender, FullDiskSettlesTheSameReceiptLater) {
  Rig rig;
  rig.store(1, 5);
  rig.ledger_full = true;
  rig.run(1min);
  EXPECT_EQ(rig.settled, 0U);
  EXPECT_EQ(rig.bulks.size(), 1U);
  rig.ledger_full = false;
  rig.run(1min);
  EXPECT_EQ(rig.bulks.size(), 1U);
  rig.expect_all_settled();
}

TEST(BulkSender, NewSinkStartsFromTheBeginningAndForgetsTheOldVerdicts) {
  Rig rig;
  rig.store(1, 5);
  rig.run(3s);
  rig.store(6, 5);
  rig.row_fault[TweetId{7}] = no_shard();
  rig.run(3s);
  // The cluster is replaced by an empty one while row 7 is still being retried there.
  rig.request_fault = Unreachable{"refused"};
  rig.run(3s);
  rig.request_fault.reset();
  rig.row_fault.clear();
  rig.documents.clear();
  rig.sink = 2;
  rig.settled = 0;
  rig.run(5min);
  EXPECT_EQ(rig.documents.size(), 10U);
  rig.expect_all_settled();
}

TEST(BulkSender, WindowOfWaitingRowsIsBounded) {
  Rig rig{{.batch_bytes = 5'000'000, .batch_docs = 1'000, .flush_every = 2s}};
  rig.store(1, 15'000);
  rig.row_fault[TweetId{1}] = no_shard();
  rig.run(10s);
  EXPECT_EQ(rig.documents.size(), BulkSender::window_rows - 1);
  rig.row_fault.clear();
  rig.run(5min);
  rig.expect_all_settled();
}

TEST(BulkSender, DrainingSendsAtOnceAndFinishes) {
  Rig rig;
  rig.store(1, 5);
  rig.sender.drain(BulkSender::Grace::in_all, 8s, rig.now);
  const auto began = rig.now.steady;
  rig.run(1min);
  ASSERT_TRUE(rig.finished);
  EXPECT_FALSE(rig.finished->left_over);
  EXPECT_EQ(rig.now.steady, began);
  rig.expect_all_settled();
}

TEST(BulkSender, DrainingEndsWithItsGrace) {
  Rig rig;
  rig.store(1, 5);
  rig.row_fault[TweetId{2}] = no_shard();
  const auto began = rig.now.steady;
  rig.sender.drain(BulkSender::Grace::in_all, 8s, rig.now);
  rig.run(1min);
  ASSERT_TRUE(rig.finished);
  EXPECT_TRUE(rig.finished->left_over);
  EXPECT_EQ(rig.now.steady - began, 8s);
}

TEST(BulkSender, OnceDrainsAsLongAsThatProgresses) {
  Rig rig{{.batch_bytes = 5'000'000, .batch_docs = 1, .flush_every = 2s}};
  rig.store(1, 10);
  rig.before_reply = [&] { rig.now.steady += 5s; };
  rig.sender.drain(BulkSender::Grace::while_progressing, 8s, rig.now);
  rig.run(10min);
  ASSERT_TRUE(rig.finished);
  EXPECT_FALSE(rig.finished->left_over);
  rig.expect_all_settled();
}

TEST(BulkSender, HeldIndexDoesNotKeepDrainingFromEnding) {
  Rig rig;
  rig.index_fault["old"] = read_only();
  rig.row_fault[TweetId{5}] = bad();
  rig.store(1, 3, "old");
  rig.store(4, 3, "new");
  rig.run(3s);
  rig.store(8, 3, "old");
  rig.store(11, 3, "new");
  rig.sender.drain(BulkSender::Grace::in_all, 8s, rig.now);
  const auto began = rig.now.steady;
  rig.run(1min);
  ASSERT_TRUE(rig.finished);
  EXPECT_FALSE(rig.finished->left_over);
  EXPECT_EQ(rig.now.steady, began);
  EXPECT_EQ(rig.held(), 6U);
  EXPECT_EQ(rig.dead(), 1U);
}

}  // namespace
}  // namespace mentiond::elastic
