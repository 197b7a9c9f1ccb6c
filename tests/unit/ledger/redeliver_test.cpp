// Sending again: a stretch of time, or all that waits under new revisions.
#include "unit/ledger/fixture.h"

namespace mentiond::ledger {
namespace {

class Redeliver : public LedgerTest {
 protected:
  std::vector<std::uint64_t> next(std::size_t max_rows = 100) {
    return roots_of(must(ledger_->redelivery(sink(), max_rows, 1'000'000)));
  }
  std::int64_t redeliver(std::uint64_t from, std::uint64_t to) {
    return must(ledger_->redeliver(TweetId{from}, TweetId{to}));
  }
  void done_up_to(std::uint64_t root) {
    Settlement settlement;
    settlement.redelivered = TweetId{root};
    must(ledger_->settle(sink(), settlement));
  }
  using Roots = std::vector<std::uint64_t>;
};

TEST_F(Redeliver, BringsTheRangeInOrderOfTimeAndGoesOnAfterARestart) {
  append(PageBuilder{aws}.post(40).post(30).post(20).post(10));
  sink();
  settle_all();
  EXPECT_EQ(redeliver(20, 40), 2);
  EXPECT_EQ(must(ledger_->counts(sink())).pending, 0);
  EXPECT_EQ(next(1), Roots{20});
  EXPECT_EQ(next(1), Roots{20}) << "nothing is passed that was not settled";
  done_up_to(20);
  reopen();
  EXPECT_EQ(next(), Roots{30});
  done_up_to(30);
  EXPECT_EQ(next(), Roots{});
  EXPECT_EQ(BackDoor{path_}.number("SELECT count(*) FROM redeliver"), 0);
}

TEST_F(Redeliver, OneAfterTheOther) {
  append(PageBuilder{aws}.post(20).post(10));
  sink();
  settle_all();
  redeliver(0, 100);
  redeliver(0, 100);
  EXPECT_EQ(next(), (Roots{10, 20}));
  done_up_to(20);
  EXPECT_EQ(next(), (Roots{10, 20}));
  done_up_to(20);
  EXPECT_EQ(next(), Roots{});
}

TEST_F(Redeliver, LeavesOutWhatIsSetAsideAndWhatIsPruned) {
  append(PageBuilder{aws}.post(40).post(30).post(20).post(10));
  sink();
  settle_all();
  Settlement settlement;
  settlement.set_aside = {aside(row(10), SetAside::State::dead), aside(row(20), SetAside::State::held)};
  must(ledger_->settle(sink(), settlement));
  const std::vector forgotten{TweetId{30}};
  must(ledger_->forget(forgotten, noon));
  EXPECT_EQ(redeliver(0, 100), 2);
  EXPECT_EQ(next(), (Roots{30, 40})) << "a tombstone is a delete again";
}

TEST_F(Redeliver, WithoutASinkThereIsNothingToSendAgain) {
  append(PageBuilder{aws}.post(10));
  EXPECT_EQ(redeliver(0, 100), 0);
}

TEST_F(Redeliver, DrawsAnewAllThatWaitsBeyondAnotherWritersVersion) {
  append(PageBuilder{aws}.post(20).post(10));
  sink();
  settle_all();
  append(PageBuilder{aws}.post(40).post(30));
  const auto settled = row(10).revision;
  const auto foreign = ledger_->last_revision() + 5'000'000;
  EXPECT_EQ(must(ledger_->draw_anew(sink(), foreign)), 2);
  EXPECT_EQ(row(10).revision, settled) << "what was delivered stays as it is";
  for (const auto& each : pending()) EXPECT_GT(each.revision, foreign);
  EXPECT_EQ(roots_of(pending()), (Roots{40, 30}));
  EXPECT_EQ(must(ledger_->counts(sink())).pending, 2);
}

TEST_F(Redeliver, ACrashWhileDrawingAnewIsMadeUpForAtTheNextOpen) {
  append(PageBuilder{aws}.post(20).post(10));
  const auto first = row(20).revision;
  const auto last = ledger_->last_revision();
  const auto foreign = last + 5'000'000;
  ledger_.reset();
  BackDoor{path_}.execute("INSERT INTO memory VALUES ('drawn_anew_up_to', '0 " + std::to_string(last) +
                          "'); UPDATE counter SET value = " + std::to_string(foreign) +
                          " WHERE name = 'last_revision'");
  reopen();
  EXPECT_GT(row(20).revision, first);
  EXPECT_GT(row(20).revision, foreign);
  EXPECT_GT(row(10).revision, foreign);
  EXPECT_EQ(BackDoor{path_}.number("SELECT count(*) FROM memory"), 0);
}

TEST_F(Redeliver, AVersionWithoutRoomBeyondItIsRefused) {
  append(PageBuilder{aws}.post(10));
  const auto before = ledger_->last_revision();
  const auto refused = ledger_->draw_anew(sink(), std::uint64_t{1} << 62U | 1U);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Failure::Kind::full);
  EXPECT_EQ(ledger_->last_revision(), before);
}

// The other writer may have written them too: once their index takes writes again, its versions are above theirs.
TEST_F(Redeliver, DrawsAnewWhatIsHeldBelowThePositionToo) {
  append(PageBuilder{aws}.post(30).post(20).post(10));
  sink();
  settle_all();
  Settlement settlement;
  settlement.set_aside = {aside(row(10), SetAside::State::held), aside(row(20), SetAside::State::dead)};
  must(ledger_->settle(sink(), settlement));
  const auto delivered = row(30).revision;
  const auto dead = row(20).revision;
  const auto foreign = ledger_->last_revision() + 5'000'000;
  EXPECT_EQ(must(ledger_->draw_anew(sink(), foreign)), 1);
  EXPECT_EQ(roots_of(pending()), (Roots{10}));
  EXPECT_GT(row(10).revision, foreign);
  EXPECT_EQ(row(20).revision, dead);
  EXPECT_EQ(row(30).revision, delivered);
  const auto counts = must(ledger_->counts(sink()));
  EXPECT_EQ(counts.pending, 1) << "counted once";
  EXPECT_EQ(counts.held, 0);
  EXPECT_EQ(counts.dead, 1);
}

}  // namespace
}  // namespace mentiond::ledger
