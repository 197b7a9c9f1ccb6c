// Indices and kinds of fault that wait for an operator.
#include <gtest/gtest.h>

#include "bulk_sender_rig.h"
#include "elastic/bulk_sender.h"

namespace mentiond::elastic {
namespace {

using namespace testing;

TEST(BulkSender, HeldIndexSetsItsRowsAsideUnsentAndTheOthersGoOn) {
  Rig rig;
  rig.index_fault["today"] = shard_limit();
  rig.store(1, 5, "today");
  rig.store(10, 5, "yesterday");
  rig.run(3s);
  EXPECT_EQ(rig.held(), 5U);
  rig.store(20, 50, "today");
  rig.store(100, 5, "yesterday");
  rig.run(2'100ms);
  EXPECT_EQ(rig.held(), 55U);
  EXPECT_EQ(rig.sent_of(30), 0U);
  EXPECT_EQ(rig.documents.size(), 10U);
  EXPECT_EQ(rig.dead(), 0U);
  EXPECT_EQ(rig.count<notice::Held>(), 1U) << "one alarm";
  rig.expect_all_settled();
}

TEST(BulkSender, ProbesOfOneDocumentComeAfterFiveSecondsAndGrowToFiveMinutes) {
  Rig rig;
  rig.index_fault["day"] = read_only();
  rig.store(1, 20);
  rig.run(2'100ms);
  rig.bulks.clear();
  const auto began = rig.now.steady;
  rig.run(1h);
  ASSERT_GE(rig.bulks.size(), 10U);
  EXPECT_LE(rig.bulks[0].at - began, 5s);
  EXPECT_EQ(rig.bulks[1].at - rig.bulks[0].at, 10s);
  EXPECT_EQ(rig.bulks[2].at - rig.bulks[1].at, 20s);
  EXPECT_EQ(rig.bulks.back().at - rig.bulks[rig.bulks.size() - 2].at, 5min);
  for (const auto& bulk : rig.bulks) EXPECT_EQ(bulk.rows.size(), 1U);
  EXPECT_EQ(rig.count<notice::Held>(), 1U) << "one alarm";
}

TEST(BulkSender, FirstSuccessReleasesTheIndexInOrder) {
  Rig rig;
  rig.index_fault["day"] = shard_limit();
  rig.store(1, 250);
  rig.run(1h);
  rig.index_fault.clear();
  rig.bulks.clear();
  rig.run(10min);
  EXPECT_EQ(rig.held(), 0U);
  EXPECT_EQ(rig.dead(), 0U);
  EXPECT_EQ(rig.count<notice::Held>(), 1U);
  EXPECT_EQ(rig.count<notice::Released>(), 1U);
  std::vector<TweetId> order;
  for (const auto& bulk : rig.bulks) {
    for (const auto& key : bulk.rows) order.push_back(key.root);
  }
  EXPECT_TRUE(std::ranges::is_sorted(order));
  rig.expect_all_settled();
}

TEST(BulkSender, ReleasedRowGoesOutWithItsCurrentRevision) {
  Rig rig;
  rig.index_fault["day"] = read_only();
  rig.store(1, 3);
  rig.run(3s);
  rig.store(2);
  const auto current = rig.last_revision;
  rig.run(2'100ms);
  rig.index_fault.clear();
  rig.run(10min);
  EXPECT_EQ(rig.documents.at(TweetId{2}), current);
  EXPECT_EQ(rig.last_revision, current) << "a release draws no revision";
  rig.expect_all_settled();
}

TEST(BulkSender, AnotherVerdictThanItsFaultReleasesTheIndexToo) {
  Rig rig;
  rig.index_fault["day"] = read_only();
  rig.store(1, 5);
  rig.run(3s);
  rig.index_fault["day"] = HoldIndex{HoldReason::closed, fault(400, "index_closed_exception")};
  rig.run(1min);
  EXPECT_EQ(rig.count<notice::Released>(), 1U);
  EXPECT_EQ(rig.held(), 5U);
  for (const auto& [root, row] : rig.aside) EXPECT_EQ(row.hold, HoldReason::closed);
  rig.index_fault.clear();
  rig.row_fault[TweetId{1}] = bad();
  rig.run(10min);
  EXPECT_EQ(rig.held(), 0U);
  EXPECT_EQ(rig.dead(), 1U) << "the probe itself was a bad document; that released the others";
  rig.expect_all_settled();
}

TEST(BulkSender, RetryDoesNotRelease) {
  Rig rig;
  rig.index_fault["day"] = read_only();
  rig.store(1, 5);
  rig.run(3s);
  rig.index_fault["day"] = no_shard();
  rig.run(1h);
  EXPECT_EQ(rig.held(), 5U);
  EXPECT_EQ(rig.count<notice::Released>(), 0U);
}

TEST(BulkSender, ItemRetryOfFiveMinutesHoldsItsIndex) {
  Rig rig;
  rig.index_fault["old"] = no_shard();
  rig.store(1, 3, "old");
  rig.store(10, 3, "new");
  rig.run(4min);
  EXPECT_EQ(rig.held(), 0U);
  rig.run(3min);
  EXPECT_EQ(rig.held(), 3U);
  EXPECT_EQ(rig.aside.at(TweetId{1}).hold, HoldReason::overloaded);
  EXPECT_EQ(rig.count<notice::Held>(), 1U);
  rig.expect_all_settled();
  rig.index_fault.clear();
  rig.run(10min);
  EXPECT_EQ(rig.held(), 0U);
  rig.expect_all_settled();
}

TEST(BulkSender, ReleasedIndexThatIsPutOffForFiveMinutesIsHeldAgain) {
  Rig rig;
  rig.index_fault["day"] = read_only();
  rig.store(1, 5);
  rig.run(3s);
  rig.index_fault["day"] = no_shard();
  rig.row_fault[TweetId{1}] = Delivered{};
  rig.documents[TweetId{1}] = 1'001;
  rig.run(1min);
  EXPECT_EQ(rig.count<notice::Released>(), 1U);
  rig.run(10min);
  EXPECT_EQ(rig.count<notice::Held>(), 2U);
  rig.index_fault.clear();
  rig.run(10min);
  rig.expect_all_settled();
  EXPECT_EQ(rig.held(), 0U);
}

TEST(BulkSender, WhileRowsWaitForTheirFlushAReleaseDoesNotMakeItSpin) {
  Rig rig;
  rig.index_fault["day"] = read_only();
  rig.store(1, 5);
  rig.run(3s);
  rig.index_fault["day"] = no_shard();  // the probe gets through, and then the rows are put off again and again
  rig.row_fault[TweetId{1}] = Delivered{};
  rig.documents[TweetId{1}] = 1'001;
  rig.run(10s);
  ASSERT_EQ(rig.count<notice::Released>(), 1U);
  for (std::uint64_t root = 100; root < 200; ++root) {
    rig.store(root, 1, "other");
    rig.run(700ms);
  }
  rig.index_fault.clear();
  rig.run(10min);
  rig.expect_all_settled();
}

TEST(BulkSender, ASuspectWhoseIndexComesToBeHeldWaitsWithItsIndex) {
  Rig rig;
  rig.index_fault["day"] = shard_limit();
  rig.poison = {TweetId{1}};
  rig.store(1, 5);
  rig.run(10min);
  EXPECT_EQ(rig.dead(), 0U) << "no canary has told whose fault it is";
  EXPECT_EQ(rig.held(), 5U);
  EXPECT_LT(rig.bulks.size(), 100U);
  rig.index_fault.clear();
  rig.store(10, 1, "other");
  rig.run(1h);
  EXPECT_EQ(rig.dead(), 1U);
  EXPECT_EQ(rig.documents.size(), 5U);
  rig.expect_all_settled();
}

TEST(BulkSender, AHeldRowThatTakesItsRequestWithItIsProbedAtLeisure) {
  Rig rig;
  rig.hold_from_an_earlier_run(3);
  rig.poison = {TweetId{1}};
  rig.run(10min);
  EXPECT_LT(rig.bulks.size(), 50U);
  EXPECT_EQ(rig.dead(), 0U) << "no canary has told whose fault it is";
  rig.store(10, 1, "other");
  rig.run(30min);
  EXPECT_EQ(rig.dead(), 1U);
  EXPECT_EQ(rig.documents.size(), 3U);
  rig.expect_all_settled();
}

TEST(BulkSender, HeldRowsOfAnEarlierRunAreProbed) {
  Rig rig;
  rig.hold_from_an_earlier_run(3);
  rig.run(1min);
  EXPECT_EQ(rig.held(), 0U);
  EXPECT_EQ(rig.documents.size(), 3U);
}

TEST(BulkSender, GroupWhoseRowsAreGoneIsForgotten) {
  Rig rig;
  rig.index_fault["day"] = read_only();
  rig.store(1, 3);
  rig.run(3s);
  rig.aside.clear();
  rig.rows.clear();
  rig.bulks.clear();
  rig.run(1h);
  EXPECT_TRUE(rig.bulks.empty());
  EXPECT_EQ(rig.count<notice::Released>(), 1U);
}

TEST(BulkSender, TwentyFaultsOfOneTypeAmongFortyAreDriftAndHeld) {
  Rig rig;
  for (std::uint64_t root = 1; root <= 100; root += 2) rig.row_fault[TweetId{root}] = bad();
  rig.store(1, 100);
  rig.run(3s);
  EXPECT_EQ(rig.held() + rig.dead(), 50U);
  EXPECT_EQ(rig.dead(), 0U);
  EXPECT_EQ(rig.documents.size(), 50U) << "good documents go on";
  EXPECT_EQ(rig.aside.at(TweetId{99}).fault.type, "document_parsing_exception");
  EXPECT_EQ(rig.aside.at(TweetId{99}).hold, HoldReason::drift);
  EXPECT_EQ(rig.count<notice::Held>(), 1U);
  EXPECT_EQ(rig.count<notice::Died>(), 0U);
  rig.expect_all_settled();
}

TEST(BulkSender, RowsBuriedBeforeTheDriftShowedAreHeldAfterAll) {
  Rig rig;
  for (std::uint64_t root = 1; root <= 30; ++root) rig.row_fault[TweetId{root}] = bad();
  rig.store(1, 15);
  rig.run(3s);
  EXPECT_EQ(rig.dead(), 15U);
  rig.store(16, 15);
  rig.run(3s);
  EXPECT_EQ(rig.dead(), 0U);
  EXPECT_EQ(rig.held(), 30U);
}

TEST(BulkSender, NineteenFaultsAmongFortyAreDeadLetters) {
  Rig rig;
  for (std::uint64_t root = 1; root <= 19; ++root) rig.row_fault[TweetId{root}] = bad();
  rig.store(1, 40);
  rig.run(3s);
  EXPECT_EQ(rig.dead(), 19U);
  EXPECT_EQ(rig.held(), 0U);
}

TEST(BulkSender, FaultsOfTwoTypesAreNotDrift) {
  Rig rig;
  for (std::uint64_t root = 1; root <= 30; ++root) rig.row_fault[TweetId{root}] = bad(root % 2 == 0 ? "a" : "b");
  rig.store(1, 30);
  rig.run(3s);
  EXPECT_EQ(rig.dead(), 30U);
}

TEST(BulkSender, ProbeOfOneReleasesTheDrift) {
  Rig rig;
  for (std::uint64_t root = 1; root <= 60; ++root) rig.row_fault[TweetId{root}] = bad();
  rig.store(1, 60);
  rig.run(1h);
  EXPECT_EQ(rig.held(), 60U);
  rig.row_fault.clear();
  rig.run(10min);
  EXPECT_EQ(rig.held(), 0U);
  EXPECT_EQ(rig.count<notice::Released>(), 1U);
  rig.expect_all_settled();
}

TEST(BulkSender, OneRowThatIsTrulyBadDoesNotKeepTheDriftHeld) {
  Rig rig;
  for (std::uint64_t root = 1; root <= 30; ++root) rig.row_fault[TweetId{root}] = bad();
  rig.store(1, 30);
  rig.run(3s);
  rig.row_fault.clear();
  rig.row_fault[TweetId{1}] = bad();
  rig.run(1h);
  EXPECT_EQ(rig.held(), 0U);
  EXPECT_EQ(rig.dead(), 1U);
  rig.expect_all_settled();
}

TEST(BulkSender, HeldRowsOfAnEarlierRunAreTriedAtOnce) {
  Rig rig;
  rig.hold_from_an_earlier_run(3);
  rig.run(1s);
  EXPECT_EQ(rig.held(), 0U);
}

TEST(BulkSender, AnotherSinkReleasesTheGroupsOfTheOldOne) {
  Rig rig;
  rig.index_fault["day"] = read_only();
  rig.store(1, 5);
  rig.run(3s);
  ASSERT_EQ(rig.count<notice::Held>(), 1U);
  rig.index_fault.clear();
  rig.aside.clear();
  rig.sink = 2;
  rig.settled = 0;
  rig.sender.probe_now(rig.now);
  rig.run(3s);
  EXPECT_EQ(rig.count<notice::Released>(), 1U);
  rig.expect_all_settled();
}

TEST(BulkSender, RowOfAReleasedGroupThatPausesTheSinkIsItsProbe) {
  Rig rig;
  rig.hold_old_and_deliver_new();
  ASSERT_EQ(rig.held(), 20U);
  rig.index_fault.clear();
  rig.row_fault[TweetId{3}] = PauseSink{PauseReason::template_, fault(400, "illegal_argument_exception")};
  rig.run(1h);
  EXPECT_EQ(rig.sender.paused(), PauseReason::template_);
  EXPECT_EQ(rig.count<notice::Paused>(), 1U) << "one alarm";
  EXPECT_EQ(rig.count<notice::Resumed>(), 0U);
  rig.row_fault.clear();
  rig.run(10min);
  EXPECT_EQ(rig.count<notice::Resumed>(), 1U);
  EXPECT_EQ(rig.held(), 0U);
  rig.expect_all_settled();
}

TEST(BulkSender, HeldRowThatPausedTheSinkAndIsGoneKeepsItNoLonger) {
  Rig rig;
  rig.hold_old_and_deliver_new();
  rig.index_fault.clear();
  rig.row_fault[TweetId{3}] = PauseSink{PauseReason::template_, fault(400, "illegal_argument_exception")};
  rig.run(1min);
  ASSERT_EQ(rig.sender.paused(), PauseReason::template_);
  rig.rows.erase(TweetId{3});
  rig.aside.erase(TweetId{3});
  rig.run(10min);
  EXPECT_FALSE(rig.sender.paused());
  rig.expect_all_settled();
}

TEST(BulkSender, ProbeOfAGroupThatPausesTheSinkReleasesNothing) {
  Rig rig;
  rig.hold_old_and_deliver_new();
  rig.index_fault["old"] = PauseSink{PauseReason::flood_stage, fault(429, "cluster_block_exception")};
  rig.run(1h);
  EXPECT_EQ(rig.count<notice::Paused>(), 1U) << "one alarm";
  EXPECT_EQ(rig.count<notice::Released>(), 0U);
  rig.index_fault.clear();
  rig.run(15min);
  EXPECT_EQ(rig.count<notice::Released>(), 1U);
  EXPECT_EQ(rig.held(), 0U);
  rig.expect_all_settled();
}

}  // namespace
TEST(BulkSender, RowsSetAsideUnsentAreNotKeptInHand) {
  Rig rig;
  rig.index_fault["today"] = shard_limit();
  rig.store(1, 5, "today");
  rig.run(3s);
  rig.store(20, 300, "today");
  rig.store(1'000, 1, "yesterday");
  std::size_t most = 0;
  rig.before_reply = [&] { most = std::max(most, rig.sender.in_hand().size()); };
  rig.run(3s);
  EXPECT_EQ(rig.held(), 305U);
  EXPECT_LE(most, 1U);
  EXPECT_TRUE(rig.sender.in_hand().empty());
}

}  // namespace mentiond::elastic
