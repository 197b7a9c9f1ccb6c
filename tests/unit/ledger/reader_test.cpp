#include <sys/wait.h>
#include <unistd.h>

#include "ledger/ledger_reader.h"
#include "unit/ledger/fixture.h"

namespace mentiond::ledger {
namespace {

using testing::ElementsAre;
using Kind = Failure::Kind;

class Reader : public LedgerTest {
 protected:
  std::unique_ptr<LedgerReader> reader() { return must(LedgerReader::open(path_)); }
};

TEST_F(Reader, StatsAreThoseOfTheLedger) {
  const std::vector queries{aws, gcp};
  must(ledger_->load_queries(queries));
  append(PageBuilder{aws}.post(30).post(20).bad(TweetId{7}, "{x}"));
  PageBuilder moved{gcp};
  moved.page().change.cursor = TweetId{20};
  append(moved);
  Settlement settlement;
  settlement.position = row(20).revision;
  settlement.set_aside = {aside(row(20), SetAside::State::held)};
  must(ledger_->settle(sink(), settlement));

  const auto stats = must(reader()->stats());
  EXPECT_EQ(stats.schema_version, migrations().back().version);
  EXPECT_EQ(stats.rows, 2);
  EXPECT_EQ(stats.payloads, 2);
  EXPECT_EQ(stats.tombstones, 0);
  EXPECT_EQ(stats.unparsed, 1);
  EXPECT_EQ(stats.last_revision, ledger_->last_revision());
  EXPECT_GT(stats.file_bytes, 0);
  EXPECT_GT(stats.wal_bytes, 0);
  ASSERT_EQ(stats.queries.size(), 2U);
  EXPECT_EQ(stats.queries[1].query, gcp);
  EXPECT_EQ(stats.queries[1].state.cursor, TweetId{20});
  ASSERT_EQ(stats.sinks.size(), 1U);
  EXPECT_EQ(stats.sinks[0].first.cluster_uuid, "cluster-a");
  EXPECT_EQ(stats.sinks[0].first.settled_revision, row(20).revision);
  EXPECT_EQ(stats.sinks[0].second.pending, 1);
  EXPECT_EQ(stats.sinks[0].second.held, 1);
  EXPECT_EQ(stats.sinks[0].second.dead, 1);
}

TEST_F(Reader, QueryStatesMeterAndMemoryAreReadWithoutAChange) {
  PageBuilder page{aws};
  page.post(30).page().change.cursor = TweetId{30};
  append(page);
  must(ledger_->remember("vocabulary", "post"));
  const auto look = reader();
  EXPECT_EQ(must(look->query_state(aws)).cursor, TweetId{30});
  EXPECT_EQ(must(look->query_state(gcp)), xapi::QueryState{});
  EXPECT_EQ(BackDoor{path_}.number("SELECT count(*) FROM query"), 1);
  EXPECT_EQ(must(look->metered_since(day_of(noon))).posts, 1);
  EXPECT_EQ(must(look->recall("vocabulary")), "post");
  EXPECT_EQ(must(look->recall("nothing")), std::nullopt);
}

TEST_F(Reader, ItSeesWhatIsCommittedWhileTheLedgerGoesOn) {
  const auto look = reader();
  append(PageBuilder{aws}.post(30));
  EXPECT_EQ(must(look->stats()).rows, 1);
  append(PageBuilder{aws}.post(20));
  EXPECT_EQ(must(look->stats()).rows, 2);
}

TEST_F(Reader, ItReadsALedgerNobodyHoldsEvenAfterACrash) {
  ledger_.reset();
  const auto child = ::fork();
  if (child == 0) {
    auto ledger = must(SqliteLedger::open(path_, noon));
    must(ledger->append(std::move(PageBuilder{aws}.post(30)).page()));
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(must(reader()->stats()).rows, 1);
  reopen();
  EXPECT_THAT(roots_of(pending()), ElementsAre(30));
}

TEST_F(Reader, WithoutALedgerThereIsNothingToOpenAndNothingIsMade) {
  const auto nowhere = folder_.path() + "/nothing.db";
  const auto opened = LedgerReader::open(nowhere);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, Kind::cannot_open);
  EXPECT_FALSE(std::filesystem::exists(nowhere));
}

TEST_F(Reader, WhatIsNoLedgerIsRefused) {
  const auto other = folder_.path() + "/other.db";
  BackDoor{other}.execute("PRAGMA journal_mode = WAL");
  EXPECT_EQ(LedgerReader::open(other).error().kind, Kind::not_a_ledger);
  BackDoor{other}.execute("CREATE TABLE precious (a)");
  EXPECT_EQ(LedgerReader::open(other).error().kind, Kind::not_a_ledger);
  BackDoor{path_}.execute("PRAGMA user_version = 7");
  EXPECT_EQ(LedgerReader::open(path_).error().kind, Kind::newer_schema);
}

TEST_F(Reader, AFileThatGoesBadUnderItIsAFailure) {
  const auto look = reader();
  BackDoor{path_}.execute("DROP TABLE counter; DROP TABLE meter");
  EXPECT_FALSE(look->stats());
  EXPECT_FALSE(look->metered_since(Day{}));
}

}  // namespace
}  // namespace mentiond::ledger
