#include "unit/ledger/fixture.h"

namespace mentiond::ledger {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Time later = noon + std::chrono::hours{24 * 10};

class LedgerPrune : public LedgerTest {
 protected:
  std::int64_t prune(Time before = later) { return must(ledger_->prune(sink(), before, 1'000)); }
  std::int64_t payloads() { return BackDoor{path_}.number("SELECT count(*) FROM payload"); }
  std::int64_t ids() { return BackDoor{path_}.number("SELECT count(*) FROM post"); }
};

TEST_F(LedgerPrune, DeliveredPayloadsGoWhenOldAndTheirIdsStay) {
  append(PageBuilder{aws}.post(30));
  append(PageBuilder{aws, later}.post(20));
  settle_all();
  EXPECT_EQ(prune(), 1);
  EXPECT_EQ(prune(), 0);
  EXPECT_EQ(payloads(), 1);
  EXPECT_EQ(ids(), 2);
  EXPECT_EQ(append(PageBuilder{aws}.post(20)).duplicates, 1);
}

TEST_F(LedgerPrune, UndeliveredHeldAndDeadRowsStay) {
  append(PageBuilder{aws}.post(40).post(30).post(20).post(10));
  Settlement settlement;
  settlement.position = row(20).revision;
  settlement.set_aside = {aside(row(40), SetAside::State::held), aside(row(30), SetAside::State::dead)};
  must(ledger_->settle(sink(), settlement));
  EXPECT_EQ(prune(), 1);
  const std::vector roots{TweetId{40}, TweetId{30}, TweetId{20}, TweetId{10}};
  EXPECT_THAT(roots_of(must(ledger_->rows(roots))), ElementsAre(40, 30, 10));
}

TEST_F(LedgerPrune, ItStopsAtTheNumberAsked) {
  append(PageBuilder{aws}.post(30).post(20).post(10));
  settle_all();
  EXPECT_EQ(must(ledger_->prune(sink(), later, 2)), 2);
  EXPECT_EQ(must(ledger_->prune(sink(), later, 2)), 1);
}

TEST_F(LedgerPrune, ARowChangedSinceItWasFirstSeenIsStillOld) {
  append(PageBuilder{aws}.post(30));
  append(PageBuilder{aws, later}.post(20));
  append(PageBuilder{gcp, later}.post(30));
  settle_all();
  EXPECT_EQ(prune(), 1);
  EXPECT_EQ(must(ledger_->rows(std::vector{TweetId{30}})).size(), 0U);
}

TEST_F(LedgerPrune, APrunedPayloadComesBackWithoutANewRevision) {
  append(PageBuilder{aws}.post(30));
  settle_all();
  prune();
  const auto revision = ledger_->last_revision();
  const auto counts = append(PageBuilder{aws, later}.post(30));
  EXPECT_EQ(counts.duplicates, 1);
  EXPECT_EQ(ledger_->last_revision(), revision);
  EXPECT_EQ(row(30).payload, PageBuilder::raw_of(30, 30));
  EXPECT_EQ(row(30).first_seen, noon);
  EXPECT_THAT(pending(), IsEmpty());
  EXPECT_EQ(must(ledger_->counts(sink())).pending, 0);
}

TEST_F(LedgerPrune, APrunedRowThatChangesIsSentAgain) {
  append(PageBuilder{aws}.post(30));
  settle_all();
  prune();
  EXPECT_EQ(append(PageBuilder{gcp, later}.post(30)).changed, 1);
  EXPECT_THAT(roots_of(pending()), ElementsAre(30));
  EXPECT_EQ(must(ledger_->counts(sink())).pending, 1);
}

TEST_F(LedgerPrune, ACloudThatAnOlderVersionBringsToAPrunedRowIsSent) {
  append(PageBuilder{aws}.post(30, 35));
  settle_all();
  prune();
  EXPECT_EQ(append(PageBuilder{gcp, later}.post(30)).changed, 1);
  const auto rows = pending();
  ASSERT_THAT(roots_of(rows), ElementsAre(30));
  EXPECT_EQ(rows[0].tags->clouds, (CloudSet{"AWS", "GCP"}));
  EXPECT_EQ(rows[0].tweet_id, TweetId{30}) << "the row names the version that it holds";
  EXPECT_EQ(rows[0].payload, PageBuilder::raw_of(30, 30));
  EXPECT_EQ(must(ledger_->counts(sink())).pending, 1);
}

TEST_F(LedgerPrune, AnOlderVersionGivesAPrunedRowAPayloadUntilTheNewerOneIsFoundAgain) {
  append(PageBuilder{aws}.post(30, 35));
  settle_all();
  prune();
  EXPECT_EQ(append(PageBuilder{aws, later}.post(30)).duplicates, 1);
  EXPECT_EQ(row(30).payload, PageBuilder::raw_of(30, 30));
  EXPECT_FALSE(row(30).damaged);
  EXPECT_THAT(pending(), IsEmpty()) << "nothing is new for the sink";
  EXPECT_EQ(append(PageBuilder{aws, later}.post(30, 35)).changed, 1);
  EXPECT_EQ(row(30).tweet_id, TweetId{35});
  EXPECT_THAT(roots_of(pending()), ElementsAre(30));
}

TEST_F(LedgerPrune, AnotherSinkPassesWhatIsGone) {
  append(PageBuilder{aws}.post(30).post(20));
  const auto other = sink("cluster-b");
  Settlement settlement;
  settlement.position = row(30).revision;
  settlement.set_aside = {aside(row(30), SetAside::State::held)};
  must(ledger_->settle(other, settlement));
  settle_all();
  EXPECT_EQ(must(ledger_->counts(other)).pending, 2);
  EXPECT_EQ(prune(), 2);
  EXPECT_EQ(must(ledger_->counts(other)).pending, 0);
  EXPECT_THAT(pending(other, 0), IsEmpty());
  EXPECT_THAT(must(ledger_->held_groups(other)), IsEmpty());
}

using LedgerSpace = LedgerTest;

TEST_F(LedgerSpace, SpaceIsThatOfItsFilesAndTheirDisk) {
  append(PageBuilder{aws}.post(30));
  const auto space = must(ledger_->space());
  EXPECT_GT(space.free, 0);
  EXPECT_GE(space.total, space.free);
  EXPECT_GT(space.wal, 0);
  EXPECT_EQ(space.file, static_cast<std::int64_t>(std::filesystem::file_size(path_)));
}

TEST_F(LedgerSpace, AFileSystemThatIsGoneIsFatal) {
  std::filesystem::remove_all(folder_.path());
  const auto space = ledger_->space();
  ASSERT_FALSE(space);
  EXPECT_EQ(space.error().kind, Failure::Kind::fatal);
}

TEST_F(LedgerSpace, TheWalIsReusedAndTruncatedOnlyWhenItHasOutgrownItsLimit) {
  EXPECT_FALSE(must(ledger_->truncate_wal()));
  const std::string raw(100'000, 'x');
  std::uint64_t id = 1;
  const auto fill = [&](int pages) {
    for (int i = 0; i < pages; ++i) {
      PageBuilder page{aws};
      for (int n = 0; n < 10; ++n) page.post(id++, 0, raw);
      append(page);
    }
  };
  fill(60);
  EXPECT_LT(must(ledger_->space()).wal, 3 * Connection::checkpoint_bytes);
  BackDoor reader{path_};
  reader.execute("BEGIN; SELECT count(*) FROM post");
  fill(80);
  EXPECT_GT(must(ledger_->space()).wal, std::int64_t{64} << 20);
  EXPECT_FALSE(must(ledger_->truncate_wal()));  // the reader is in the way
  reader.execute("COMMIT");
  EXPECT_TRUE(must(ledger_->truncate_wal()));
  EXPECT_EQ(must(ledger_->space()).wal, Connection::reserved_wal_bytes);
  EXPECT_EQ(BackDoor{path_}.number("SELECT count(*) FROM payload"), 1'400);
}

}  // namespace
}  // namespace mentiond::ledger
