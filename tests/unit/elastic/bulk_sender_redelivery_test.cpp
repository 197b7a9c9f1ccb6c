// Rows that an operator wants sent once more.
#include <gtest/gtest.h>

#include "bulk_sender_rig.h"
#include "elastic/bulk_sender.h"

namespace mentiond::elastic {
namespace {

using namespace testing;

class Redelivery : public ::testing::Test {
 protected:
  Redelivery() {
    rig.store(1, 250);
    rig.run(10s);
    rig.bulks.clear();
    rig.redelivered = TweetId{};
    rig.sender.redeliver();
  }
  void expect_all_written_anew() {
    EXPECT_FALSE(rig.redelivered) << "it came to its end";
    for (const auto& [root, row] : rig.rows) {
      EXPECT_TRUE(rig.written_anew.contains(root) || rig.aside.contains(root)) << root.value();
    }
    rig.expect_all_settled();
  }
  Rig rig;
};

TEST_F(Redelivery, WritesEveryRowAgainInBatches) {
  rig.run(10s);
  expect_all_written_anew();
  EXPECT_EQ(rig.bulks.size(), 3U);
  EXPECT_EQ(rig.written_anew.size(), 250U);
}

TEST_F(Redelivery, WhatCollectStoresGoesFirst) {
  rig.before_reply = [this, stored = false]() mutable {
    if (!std::exchange(stored, true)) rig.store(1'000, 30);
  };
  rig.run(30s);
  ASSERT_GE(rig.bulks.size(), 2U);
  EXPECT_EQ(rig.bulks[1].rows.front().root, TweetId{1'000});
  rig.run(10s);
  for (std::uint64_t root = 1; root <= 250; ++root) EXPECT_TRUE(rig.written_anew.contains(TweetId{root})) << root;
}

TEST_F(Redelivery, ItsPositionWaitsForARowThatIsPutOff) {
  rig.row_fault[TweetId{50}] = busy();
  rig.run(1min);
  EXPECT_EQ(*rig.redelivered, TweetId{49});
  rig.row_fault.clear();
  rig.run(2min);
  expect_all_written_anew();
}

TEST_F(Redelivery, ARowThatIsPutOffForFiveMinutesIsHeldAndTheRestGoesOn) {
  rig.row_fault[TweetId{50}] = no_shard();
  rig.run(15min);
  EXPECT_FALSE(rig.redelivered);
  EXPECT_TRUE(rig.aside.contains(TweetId{50}));
  rig.row_fault.clear();
  rig.run(20min);
  EXPECT_EQ(rig.held(), 0U);
}

TEST_F(Redelivery, ARowRefusedForGoodIsADeadLetterAndPassed) {
  rig.row_fault[TweetId{7}] = bad();
  rig.damage(8, "damaged");
  rig.run(1min);
  expect_all_written_anew();
  EXPECT_EQ(rig.dead(), 2U);
}

TEST_F(Redelivery, APoisonedDocumentIsFoundAndTheRestGoesOn) {
  rig.poison.insert(TweetId{120});
  rig.run(5min);
  expect_all_written_anew();
  EXPECT_EQ(rig.dead(), 1U);
}

TEST_F(Redelivery, AnOutageDelaysItAndLosesNothing) {
  rig.request_fault = Unreachable{"nobody there"};
  rig.run(10min);
  EXPECT_TRUE(rig.written_anew.empty());
  rig.request_fault.reset();
  rig.run(10min);
  expect_all_written_anew();
}

TEST_F(Redelivery, ARefusedCredentialPausesItLikeAnythingElse) {
  rig.request_fault = Denied{fault(401, "security_exception")};
  rig.run(1min);
  rig.request_fault.reset();
  rig.run(10min);
  expect_all_written_anew();
}

TEST_F(Redelivery, ADaemonOnItsWayOutLeavesItForTheNextStart) {
  rig.sender.drain(BulkSender::Grace::in_all, 5s, rig.now);
  rig.run(1min);
  ASSERT_TRUE(rig.finished);
  EXPECT_FALSE(rig.finished->left_over);
  EXPECT_EQ(rig.redelivered, TweetId{});
}

TEST_F(Redelivery, ARunThatEndsByItselfFinishesItFirst) {
  rig.sender.drain(BulkSender::Grace::while_progressing, 5s, rig.now);
  rig.run(1min);
  ASSERT_TRUE(rig.finished);
  EXPECT_FALSE(rig.finished->left_over);
  expect_all_written_anew();
}

TEST_F(Redelivery, AnotherSinkKnowsNothingOfIt) {
  rig.run(0ms);
  rig.redelivered.reset();
  rig.sink = 2;
  rig.settled = 0;
  rig.documents.clear();
  rig.sender.probe_now(rig.now);
  rig.run(1min);
  rig.expect_all_settled();
}

TEST(BulkSender, NamesTheVersionOfAnotherWriterForAsLongAsItIsPausedForIt) {
  Rig rig;
  rig.documents[TweetId{1}] = 9'000'000;
  rig.store(1);
  rig.run(1min);
  ASSERT_EQ(rig.sender.paused(), PauseReason::other_writer);
  EXPECT_EQ(rig.sender.foreign_version(), 9'000'000U);
  rig.documents[TweetId{1}] = 9'000'007;
  rig.run(10min);
  EXPECT_EQ(rig.sender.foreign_version(), 9'000'007U) << "a probe met a greater one";
  rig.last_revision = 9'000'100;
  rig.rows[TweetId{1}].revision = 9'000'100;
  rig.sender.probe_now(rig.now);
  rig.run(1min);
  EXPECT_FALSE(rig.sender.foreign_version());
  EXPECT_EQ(rig.documents[TweetId{1}], 9'000'100U);
}

}  // namespace
}  // namespace mentiond::elastic
