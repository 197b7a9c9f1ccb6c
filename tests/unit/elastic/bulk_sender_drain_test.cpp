// What draining waits for, and what it does not.
#include <gtest/gtest.h>

#include "bulk_sender_rig.h"
#include "elastic/bulk_sender.h"

namespace mentiond::elastic {
namespace {

using namespace testing;
using Grace = BulkSender::Grace;

TEST(BulkSender, DrainingSeesWhatWasStoredWhileABulkWasUnderWay) {
  Rig rig;
  rig.store(1, 5);
  bool first = true;
  rig.before_reply = [&] {
    if (!std::exchange(first, false)) return;
    rig.wakes = false;
    rig.store(6, 5);
    rig.sender.drain(Grace::in_all, 8s, rig.now);
  };
  rig.run(1min);
  ASSERT_TRUE(rig.finished);
  EXPECT_FALSE(rig.finished->left_over);
  EXPECT_EQ(rig.documents.size(), 10U);
  rig.expect_all_settled();
}

TEST(BulkSender, DrainingSeesWhatWasStoredWhileTheLedgerWasAsked) {
  Rig rig;
  bool first = true;
  rig.before_rows = [&] {
    if (!std::exchange(first, false)) return;
    rig.store(1, 5);
    rig.sender.drain(Grace::in_all, 8s, rig.now);
  };
  rig.run(1min);
  ASSERT_TRUE(rig.finished);
  EXPECT_EQ(rig.documents.size(), 5U);
  rig.expect_all_settled();
}

TEST(BulkSender, OnceTriesTheHeldRowsOfAnEarlierRun) {
  Rig rig;
  rig.hold_from_an_earlier_run(3);
  const auto began = rig.now.steady;
  rig.sender.drain(Grace::while_progressing, 8s, rig.now);
  rig.run(1min);
  ASSERT_TRUE(rig.finished);
  EXPECT_FALSE(rig.finished->left_over);
  EXPECT_EQ(rig.held(), 0U);
  EXPECT_EQ(rig.documents.size(), 3U);
  EXPECT_EQ(rig.now.steady, began);
}

TEST(BulkSender, OnceProbesEachGroupThatWaitsOneTimeAndEnds) {
  Rig rig;
  rig.index_fault["old"] = read_only();
  rig.index_fault["older"] = shard_limit();
  rig.store(1, 5, "old");
  rig.store(6, 5, "older");
  rig.run(3s);
  rig.bulks.clear();
  const auto began = rig.now.steady;
  rig.sender.drain(Grace::while_progressing, 8s, rig.now);
  rig.run(1min);
  ASSERT_TRUE(rig.finished);
  EXPECT_FALSE(rig.finished->left_over);
  EXPECT_EQ(rig.bulks.size(), 2U);
  EXPECT_EQ(rig.held(), 10U);
  EXPECT_EQ(rig.now.steady, began);
}

TEST(BulkSender, StoppingProbesNoGroup) {
  Rig rig;
  rig.index_fault["old"] = read_only();
  rig.store(1, 5, "old");
  rig.run(3s);
  rig.bulks.clear();
  rig.sender.drain(Grace::in_all, 8s, rig.now);
  rig.run(1min);
  ASSERT_TRUE(rig.finished);
  EXPECT_TRUE(rig.bulks.empty());
}

}  // namespace
}  // namespace mentiond::elastic
