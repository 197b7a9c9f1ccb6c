#include "unit/ledger/fixture.h"

namespace mentiond::ledger {
namespace {

using elastic::HoldReason;
using testing::ElementsAre;
using testing::IsEmpty;
using State = SetAside::State;

class LedgerDeliver : public LedgerTest {
 protected:
  SinkCounts counts() { return must(ledger_->counts(sink())); }
  void settle(std::optional<std::uint64_t> position, std::vector<SetAside> entries,
              std::vector<TweetId> delivered = {}) {
    Settlement settlement;
    settlement.position = position;
    settlement.set_aside = std::move(entries);
    settlement.delivered = std::move(delivered);
    must(ledger_->settle(sink(), settlement));
  }
};

TEST_F(LedgerDeliver, PendingComesInRevisionOrderAfterAPosition) {
  append(PageBuilder{aws}.post(30).post(20).post(10));
  EXPECT_THAT(roots_of(pending()), ElementsAre(30, 20, 10));
  EXPECT_THAT(roots_of(pending(sink(), row(30).revision)), ElementsAre(20, 10));
}

TEST_F(LedgerDeliver, PendingIsBoundedByRowsAndBytesButNeverEmptyForThat) {
  append(PageBuilder{aws}.post(30).post(20).post(10));
  const auto of = sink();
  EXPECT_EQ(must(ledger_->pending(of, 0, 2, 1'000'000)).size(), 2U);
  EXPECT_EQ(must(ledger_->pending(of, 0, 10, 1)).size(), 1U);
  const auto two = row(30).payload.size() + row(20).payload.size();
  EXPECT_EQ(must(ledger_->pending(of, 0, 10, two)).size(), 2U);
}

TEST_F(LedgerDeliver, SettledRowsAreDoneForThatSinkAcrossRestarts) {
  append(PageBuilder{aws}.post(30).post(20));
  settle(row(30).revision, {});
  reopen();
  EXPECT_EQ(sink().settled_revision, row(30).revision);
  EXPECT_THAT(roots_of(pending()), ElementsAre(20));
  EXPECT_EQ(counts().pending, 1);
}

TEST_F(LedgerDeliver, ThePositionNeverFalls) {
  append(PageBuilder{aws}.post(30).post(20));
  settle(row(20).revision, {});
  settle(row(30).revision, {});
  EXPECT_EQ(sink().settled_revision, row(20).revision);
  EXPECT_EQ(counts().pending, 0);
}

TEST_F(LedgerDeliver, AChangedRowWaitsAgain) {
  append(PageBuilder{aws}.post(30));
  settle_all();
  append(PageBuilder{gcp}.post(30));
  EXPECT_THAT(roots_of(pending()), ElementsAre(30));
  EXPECT_EQ(counts().pending, 1);
}

TEST_F(LedgerDeliver, ANewSinkStartsFromTheBeginning) {
  append(PageBuilder{aws}.post(30).post(20));
  settle_all();
  const auto other = sink("cluster-b");
  EXPECT_TRUE(other.is_new);
  EXPECT_FALSE(sink().is_new);
  EXPECT_EQ(pending(other, 0).size(), 2U);
  EXPECT_EQ(must(ledger_->counts(other)).pending, 2);
  append(PageBuilder{aws}.post(10));
  EXPECT_EQ(must(ledger_->counts(other)).pending, 3);
  EXPECT_EQ(counts().pending, 1);
}

TEST_F(LedgerDeliver, WithoutAUuidTheSinkLastOpenedForThatPatternIsMeant) {
  sink("cluster-a");
  const auto b = sink("cluster-b");
  EXPECT_EQ(must(ledger_->open_sink(std::nullopt, "mentions_%Y")).key, b.key);
  const auto a = sink("cluster-a");
  reopen();
  const auto last = must(ledger_->open_sink(std::nullopt, "mentions_%Y"));
  EXPECT_EQ(last.key, a.key);
  EXPECT_EQ(last.cluster_uuid, "cluster-a");
  EXPECT_TRUE(must(ledger_->open_sink(std::nullopt, "others_%Y")).is_new);
  EXPECT_FALSE(must(ledger_->open_sink(std::nullopt, "others_%Y")).is_new);
}

TEST_F(LedgerDeliver, ASinkOpenedBeforeItsClusterSaidItsNameIsTheOneThatItNames) {
  append(PageBuilder{aws}.post(30));
  const auto unnamed = must(ledger_->open_sink(std::nullopt, "mentions_%Y"));
  const auto other = must(ledger_->open_sink(std::nullopt, "others_%Y"));
  reopen();
  const auto named = sink("cluster-a");
  EXPECT_EQ(named.key, unnamed.key);
  EXPECT_TRUE(named.is_new);
  EXPECT_FALSE(sink("cluster-a").is_new);
  EXPECT_EQ(must(ledger_->counts(named)).pending, 1);
  EXPECT_NE(must(ledger_->open_sink("cluster-a", "more_%Y")).key, other.key) << "of another pattern";
  EXPECT_NE(sink("cluster-b").key, named.key) << "it has its name";
}

TEST_F(LedgerDeliver, ASinkWithoutANameThatHasGotSomethingStaysItself) {
  append(PageBuilder{aws}.post(30).post(20));
  const auto unnamed = must(ledger_->open_sink(std::nullopt, "mentions_%Y"));
  Settlement held;
  held.set_aside = {aside(row(30), State::held)};
  must(ledger_->settle(unnamed, held));
  EXPECT_NE(sink("cluster-a").key, unnamed.key);

  const auto second = must(ledger_->open_sink(std::nullopt, "others_%Y"));
  Settlement settled;
  settled.position = row(20).revision;
  must(ledger_->settle(second, settled));
  EXPECT_NE(must(ledger_->open_sink("cluster-a", "others_%Y")).key, second.key);
}

TEST_F(LedgerDeliver, RowsSetAsideAtTheirRevisionAreLeftOutOfPending) {
  append(PageBuilder{aws}.post(30).post(20).post(10));
  settle(std::nullopt, {aside(row(20), State::dead), aside(row(10), State::held)});
  EXPECT_THAT(roots_of(pending()), ElementsAre(30));
  append(PageBuilder{gcp}.post(20));
  EXPECT_THAT(roots_of(pending()), ElementsAre(30, 20));
}

TEST_F(LedgerDeliver, HeldCountsAsPendingAndDeadDoesNot) {
  append(PageBuilder{aws}.post(30).post(20).post(10));
  settle(row(10).revision, {aside(row(20), State::dead), aside(row(10), State::held)});
  EXPECT_EQ(counts().pending, 1);
  EXPECT_EQ(counts().held, 1);
  EXPECT_EQ(counts().dead, 1);
  reopen();
  EXPECT_EQ(counts().pending, 1);
  EXPECT_EQ(counts().held, 1);
  EXPECT_EQ(counts().dead, 1);
}

TEST_F(LedgerDeliver, ALaterDeliveryRemovesTheEntry) {
  append(PageBuilder{aws}.post(30).post(20));
  settle(row(20).revision, {aside(row(30), State::held), aside(row(20), State::dead)});
  settle(std::nullopt, {}, {TweetId{30}, TweetId{20}});
  EXPECT_EQ(counts().pending, 0);
  EXPECT_EQ(counts().held, 0);
  EXPECT_EQ(counts().dead, 0);
}

TEST_F(LedgerDeliver, ASecondSettingAsideReplacesTheFirst) {
  append(PageBuilder{aws}.post(30));
  settle(row(30).revision, {aside(row(30), State::held)});
  settle(std::nullopt, {aside(row(30), State::dead)});
  EXPECT_EQ(counts().held, 0);
  EXPECT_EQ(counts().dead, 1);
}

TEST_F(LedgerDeliver, WhatWasSetAsideCanBeReadInTheFile) {
  append(PageBuilder{aws}.post(30));
  settle(row(30).revision, {aside(row(30), State::held)});
  BackDoor door{path_};
  EXPECT_EQ(
      door.text("SELECT state || ' ' || index_name || ' ' || hold || ' ' || status || ' ' || type || ' ' || reason "
                "FROM set_aside"),
      "held mentions_2026 read_only 403 some_fault because");
  EXPECT_EQ(door.number("SELECT since FROM set_aside"), noon.time_since_epoch().count());
}

TEST_F(LedgerDeliver, HeldRowsAreGroupedByIndexOrByTheKindOfDrift) {
  append(PageBuilder{aws}.post(40).post(30).post(20).post(10));
  settle(row(10).revision, {aside(row(40), State::held, "a", HoldReason::read_only),
                            aside(row(30), State::held, "b", HoldReason::drift, "mapper_parsing"),
                            aside(row(20), State::held, "c", HoldReason::drift, "mapper_parsing"),
                            aside(row(10), State::held, "a", HoldReason::read_only)});
  const auto of = sink();
  const auto groups = must(ledger_->held_groups(of));
  ASSERT_EQ(groups.size(), 2U);
  for (const auto& group : groups) {
    const bool drift = group.hold == HoldReason::drift;
    EXPECT_EQ(group.rows, 2);
    EXPECT_EQ(group.since, noon);
    EXPECT_EQ(group.index, drift ? "" : "a");
    EXPECT_EQ(group.fault_type, drift ? "mapper_parsing" : "");
    const auto rows = must(ledger_->held(of, group, 10, 1'000'000));
    if (drift)
      EXPECT_THAT(roots_of(rows), ElementsAre(30, 20));
    else
      EXPECT_THAT(roots_of(rows), ElementsAre(40, 10));
    EXPECT_EQ(must(ledger_->held(of, group, 1, 1'000'000)).size(), 1U);
  }
}

TEST_F(LedgerDeliver, EveryHoldReasonComesBackAsItself) {
  for (const auto reason : {HoldReason::shard_limit, HoldReason::read_only, HoldReason::closed, HoldReason::not_found,
                            HoldReason::overloaded}) {
    append(PageBuilder{aws}.post(30));
    settle(std::nullopt, {aside(row(30), State::held, "a", reason)});
    const auto groups = must(ledger_->held_groups(sink()));
    ASSERT_EQ(groups.size(), 1U);
    EXPECT_EQ(groups[0].hold, reason);
  }
}

TEST_F(LedgerDeliver, AHeldRowGoesOutWithItsCurrentRevision) {
  append(PageBuilder{aws}.post(30));
  settle(row(30).revision, {aside(row(30), State::held, "a")});
  append(PageBuilder{gcp}.post(30));
  const auto group = must(ledger_->held_groups(sink())).at(0);
  const auto rows = must(ledger_->held(sink(), group, 10, 1'000'000));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].revision, ledger_->last_revision());
}

TEST_F(LedgerDeliver, RowsComeInTheOrderAskedAndUnknownOnesAreLeftOut) {
  append(PageBuilder{aws}.post(30).post(20));
  const std::vector roots{TweetId{20}, TweetId{99}, TweetId{30}};
  EXPECT_THAT(roots_of(must(ledger_->rows(roots))), ElementsAre(20, 30));
}

TEST_F(LedgerDeliver, TheCanaryIsTheNewestLiveRowSettledAndNotSetAside) {
  EXPECT_FALSE(must(ledger_->canary(sink())).has_value());
  append(PageBuilder{aws}.post(50).post(40).post(30).post(20).post(10));
  EXPECT_FALSE(must(ledger_->canary(sink())).has_value());
  settle(row(20).revision, {aside(row(20), State::dead)});
  EXPECT_EQ(must(ledger_->canary(sink()))->root, TweetId{30});
  BackDoor{path_}.execute(
      "UPDATE payload SET crc = crc + 1 WHERE root_id = 30; UPDATE post SET state = 1 WHERE root_id = 40");
  EXPECT_EQ(must(ledger_->canary(sink()))->root, TweetId{50});
}

TEST_F(LedgerDeliver, ADeliveryIsDated) {
  Settlement settlement;
  settlement.delivered_at = noon;
  must(ledger_->settle(sink(), settlement));
  must(ledger_->settle(sink(), Settlement{}));
  EXPECT_EQ(BackDoor{path_}.number("SELECT delivered_at FROM sink"), noon.time_since_epoch().count());
}

}  // namespace
}  // namespace mentiond::ledger
