// What the disk may do to a ledger: fill up, fail, flip bits, lose power.
#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/ledger_reader.h"
#include "unit/ledger/broken_disk.h"
#include "unit/ledger/fixture.h"

namespace mentiond::ledger {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Kind = Failure::Kind;
using LedgerDamage = LedgerTest;

PageBuilder large_page(std::uint64_t first) {
  PageBuilder builder{aws};
  for (std::uint64_t i = 0; i < 100; ++i) builder.post(first + i, 0, std::string(5'000, 'x'));
  return builder;
}

// This process's own limit, as `ulimit -f` sets it, without the signal that would end it.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{std::min(bytes, before_.rlim_max), before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    lift();
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  void lift() const { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST_F(LedgerDamage, AFlippedByteMakesARowDamagedNeverAnError) {
  append(PageBuilder{aws}.post(30).post(20));
  BackDoor{path_}.execute(
      "UPDATE payload SET raw = CAST(replace(CAST(raw AS TEXT), 'hello', 'jello') AS BLOB) WHERE root_id = 30");
  const auto rows = pending();
  ASSERT_THAT(roots_of(rows), ElementsAre(30, 20));
  EXPECT_TRUE(rows[0].damaged);
  EXPECT_EQ(rows[0].payload, "");
  EXPECT_EQ(rows[0].tags->clouds, (CloudSet{"AWS"}));
  EXPECT_FALSE(rows[1].damaged);
  EXPECT_TRUE(row(30).damaged);
}

TEST_F(LedgerDamage, AChangedIdIsDamageToo) {
  append(PageBuilder{aws}.post(30).post(20));
  BackDoor{path_}.execute(
      "UPDATE post SET tweet_id = 31 WHERE root_id = 30; UPDATE payload SET raw = NULL WHERE root_id = 20");
  const auto rows = pending();
  EXPECT_TRUE(rows[0].damaged);
  EXPECT_TRUE(rows[1].damaged);
}

TEST_F(LedgerDamage, APayloadThatLostItsPostIsDamagedNotSkipped) {
  append(PageBuilder{aws}.post(30).post(20));
  BackDoor{path_}.execute("DELETE FROM post WHERE root_id = 30");
  const auto rows = pending();
  ASSERT_THAT(roots_of(rows), ElementsAre(30, 20));
  EXPECT_TRUE(rows[0].damaged);
}

TEST_F(LedgerDamage, DamageSurvivesAChangeOfTags) {
  append(PageBuilder{aws}.post(30));
  BackDoor{path_}.execute("UPDATE payload SET crc = crc + 1");
  append(PageBuilder{gcp}.post(30));
  EXPECT_TRUE(row(30).damaged);
  append(PageBuilder{gcp}.post(30, 31));
  EXPECT_FALSE(row(30).damaged);
}

TEST_F(LedgerDamage, AFullDiskChangesNothingAndPasses) {
  append(PageBuilder{aws}.post(30));
  const auto of = sink();
  const auto revision = ledger_->last_revision();
  auto& connection = ledger_->connection();
  connection.number("PRAGMA max_page_count = " + std::to_string(connection.number("PRAGMA page_count") + 3));
  auto page = large_page(1'000);
  page.page().query = gcp;
  page.page().change.cursor = TweetId{5};
  page.post(30);
  const auto failed = ledger_->append(page.page());
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, Kind::full);
  EXPECT_THAT(failed.error().message, HasSubstr(path_));
  EXPECT_EQ(ledger_->last_revision(), revision);
  EXPECT_THAT(roots_of(pending()), ElementsAre(30));
  EXPECT_EQ(must(ledger_->counts(of)).pending, 1);
  EXPECT_EQ(row(30).tags->clouds, (CloudSet{"AWS"}));

  connection.number("PRAGMA max_page_count = 1000000");
  EXPECT_EQ(must(ledger_->append(page.page())).fresh, 100);
  EXPECT_EQ(row(30).tags->clouds, (CloudSet{"AWS", "GCP"}));
  EXPECT_EQ(must(ledger_->counts(of)).pending, 101);
  EXPECT_EQ(row(1'000).revision, revision + 1);
}

TEST_F(LedgerDamage, SettlingGoesOnWhileTheFileMayNotGrow) {
  append(large_page(1'000));
  auto& connection = ledger_->connection();
  connection.number("PRAGMA max_page_count = " + std::to_string(connection.number("PRAGMA page_count")));
  settle_all();
  EXPECT_EQ(must(ledger_->counts(sink())).pending, 0);
}

TEST_F(LedgerDamage, SettlingGoesOnForEverWhileNeitherTheFileNorTheWalMayGrow) {
  append(large_page(1'000));
  const auto of = sink();
  const auto rows = pending(of, 0);
  const auto wal = std::filesystem::file_size(path_ + "-wal");
  const FileSizeLimit limit{std::max(wal, std::filesystem::file_size(path_))};
  ASSERT_EQ(ledger_->append(large_page(5'000).page()).error().kind, Kind::full);
  for (int times = 0; times < 10; ++times) {
    for (const auto& row : rows) {
      Settlement settlement;
      settlement.position = row.revision;
      settlement.delivered_at = noon + std::chrono::milliseconds{times};
      must(ledger_->settle(of, settlement));
    }
  }
  EXPECT_EQ(must(ledger_->counts(of)).pending, 0);
  EXPECT_EQ(std::filesystem::file_size(path_ + "-wal"), wal);
  limit.lift();
  EXPECT_EQ(append(large_page(5'000)).fresh, 100);
}

TEST_F(LedgerDamage, WhatIsDoneTwiceForWantOfRoomIsCountedOnce) {
  append(large_page(1'000));
  const auto of = sink();
  Settlement settlement;
  for (const auto& row : pending(of, 0)) settlement.set_aside.push_back(aside(row, SetAside::State::dead));
  settlement.position = ledger_->last_revision();
  must(ledger_->settle(of, settlement));
  const auto wal = std::filesystem::file_size(path_ + "-wal");
  const FileSizeLimit limit{std::max(wal, std::filesystem::file_size(path_))};
  for (const auto& letter : must(ledger_->dead_letters({})))
    EXPECT_EQ(must(ledger_->drop_dead(std::vector{letter.id}, Operations::Unknown::refuse)).letters, 1);
  EXPECT_EQ(must(ledger_->counts(of)).dead, 0);
  EXPECT_EQ(std::filesystem::file_size(path_ + "-wal"), wal) << "it has begun anew";
}

// What a death leaves behind between taking the room for a page and committing it.
TEST_F(LedgerDamage, RoomThatNoPageCameToUseIsNoDamage) {
  append(PageBuilder{aws}.post(30));
  ledger_.reset();
  std::filesystem::resize_file(path_, std::filesystem::file_size(path_) + std::size_t{50} * Connection::page_size);
  reopen();
  append(large_page(1'000));
  const auto verify = [this] {
    const auto reader = must(LedgerReader::open(path_));
    return must(reader->verify([](const std::string& what) { FAIL() << what; })).rows;
  };
  EXPECT_EQ(verify(), 101);
  reopen();
  EXPECT_EQ(verify(), 101);
  EXPECT_THAT(pending(), testing::SizeIs(101));
}

TEST_F(LedgerDamage, AFailedFsyncIsFatalForGood) {
  BrokenDisk disk;
  reopen();
  append(PageBuilder{aws}.post(30));
  disk.fail_sync = true;
  const PageBuilder page = std::move(PageBuilder{aws}.post(20));
  const auto failed = ledger_->append(page.page());
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, Kind::fatal);
  disk.fail_sync = false;
  const auto again = ledger_->append(page.page());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, Kind::fatal);
  EXPECT_FALSE(ledger_->pending(Sink{}, 0, 10, 10));
  ledger_.reset();
}

TEST_F(LedgerDamage, AFailedFsyncOfACheckpointIsNotSwallowed) {
  BrokenDisk disk;
  reopen();
  std::optional<Failure> failure;
  disk.fail_main_sync = true;
  for (std::uint64_t i = 1; i < 100 && !failure; ++i) {
    const auto page = large_page(i * 1'000);
    if (auto done = ledger_->append(page.page()); !done) failure = done.error();
  }
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind, Kind::fatal);
  disk.fail_main_sync = false;
  ledger_.reset();
}

TEST_F(LedgerDamage, AFailedWriteIsFatalAndADiskWithoutRoomIsFull) {
  BrokenDisk disk;
  reopen();
  disk.write_result = SQLITE_FULL;
  const PageBuilder page = std::move(PageBuilder{aws}.post(20));
  EXPECT_EQ(ledger_->append(page.page()).error().kind, Kind::full);
  disk.write_result = SQLITE_OK;
  EXPECT_TRUE(ledger_->append(page.page()));
  disk.write_result = SQLITE_IOERR_WRITE;
  const PageBuilder next = std::move(PageBuilder{aws}.post(10));
  EXPECT_EQ(ledger_->append(next.page()).error().kind, Kind::fatal);
  disk.write_result = SQLITE_OK;
  ledger_.reset();
}

TEST_F(LedgerDamage, ALimitOnFileSizesIsAFullDiskAndPasses) {
  append(PageBuilder{aws}.post(30));
  const FileSizeLimit limit{std::filesystem::file_size(path_ + "-wal") + 8'192};
  const auto failed = ledger_->append(large_page(1'000).page());
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, Kind::full) << failed.error().message;
  EXPECT_THAT(failed.error().message, HasSubstr("limit on file sizes"));
  limit.lift();
  EXPECT_EQ(append(large_page(1'000)).fresh, 100);
  EXPECT_THAT(roots_of(pending()), testing::SizeIs(101));
}

TEST_F(LedgerDamage, CountersThatCannotBeReadAgainAfterARollbackAreFatal) {
  BrokenDisk disk;
  reopen();
  append(large_page(1'000));
  disk.write_result = SQLITE_FULL;
  disk.read_result = SQLITE_BUSY;
  const PageBuilder page = std::move(PageBuilder{aws}.post(20));
  EXPECT_EQ(ledger_->append(page.page()).error().kind, Kind::fatal) << "a revision could be drawn twice";
  disk.write_result = SQLITE_OK;
  disk.read_result = SQLITE_OK;
  EXPECT_FALSE(ledger_->append(page.page()));
  ledger_.reset();
}

TEST_F(LedgerDamage, WhatIsCommittedIsNotCalledUnchangedThoughItsCheckpointFails) {
  BrokenDisk disk;
  reopen();
  disk.main_write_result = SQLITE_IOERR_SHMSIZE;
  for (std::uint64_t i = 1; i < 60; ++i) ASSERT_EQ(append(large_page(i * 1'000)).fresh, 100);
  disk.main_write_result = SQLITE_OK;
  EXPECT_EQ(append(large_page(1'000'000)).fresh, 100);
  ledger_.reset();
}

TEST_F(LedgerDamage, AnotherWritersLockIsWaitedOutThenTriedAgain) {
  BackDoor door{path_};
  ledger_->connection().execute("PRAGMA busy_timeout = 1");
  door.execute("BEGIN IMMEDIATE");
  const PageBuilder page = std::move(PageBuilder{aws}.post(20));
  EXPECT_EQ(ledger_->append(page.page()).error().kind, Kind::full);
  door.execute("ROLLBACK");
  EXPECT_TRUE(ledger_->append(page.page()));
}

// Kills a child at some point of its work; what it had been told is committed must be there, and nothing by halves.
TEST_F(LedgerDamage, WhatWasCommittedOutlivesADeathInMidTransaction) {
  ledger_.reset();
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  const auto child = ::fork();
  if (child == 0) {
    auto ledger = must(SqliteLedger::open(path_, noon));
    must(ledger->append(std::move(PageBuilder{aws}.post(30).post(20)).page()));
    auto& connection = ledger->connection();
    connection.execute(
        "BEGIN IMMEDIATE; UPDATE post SET tags = 77; DELETE FROM payload; UPDATE counter SET value = 0;");
    ::_exit(::write(pipe[1], "x", 1) == 1 && connection.ok() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ::close(pipe[0]);
  ::close(pipe[1]);
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  reopen();
  EXPECT_THAT(roots_of(pending()), ElementsAre(30, 20));
  EXPECT_EQ(row(30).tags->clouds, (CloudSet{"AWS"}));
  EXPECT_EQ(must(ledger_->counts(sink())).pending, 2);
}

TEST_F(LedgerDamage, VerifyNamesWhatItFinds) {
  append(PageBuilder{aws}.post(50).post(40).post(30).post(20).post(10));
  BackDoor{path_}.execute(
      "UPDATE payload SET crc = crc + 1 WHERE root_id = 50; DELETE FROM payload WHERE root_id = 40;"
      "DELETE FROM post WHERE root_id = 30; UPDATE payload SET root_id = 21 WHERE root_id = 20");
  const auto reader = must(LedgerReader::open(path_));
  std::vector<std::string> found;
  const auto verified = must(reader->verify([&](const std::string& what) { found.push_back(what); }));
  EXPECT_EQ(verified.rows, 4);
  EXPECT_EQ(verified.damaged, static_cast<std::int64_t>(found.size()));
  EXPECT_THAT(found, testing::UnorderedElementsAre(HasSubstr("tweet 50: its text does not match"),
                                                   HasSubstr("tweet 40: known, but its text is missing"),
                                                   HasSubstr("tweet 30: stored, but missing"),
                                                   HasSubstr("tweet 21: stored, but missing"),
                                                   HasSubstr("tweet 20: its text is another's")));
}

TEST_F(LedgerDamage, VerifyFindsBrokenStructure) {
  append(PageBuilder{aws}.post(30));
  ledger_.reset();
  BackDoor{path_}.execute(
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = "
      "(SELECT rootpage FROM sqlite_schema WHERE name = 'gap') WHERE name = 'memory'");
  const auto reader = must(LedgerReader::open(path_));
  std::vector<std::string> found;
  const auto verified = reader->verify([&](const std::string& what) { found.push_back(what); });
  EXPECT_FALSE(found.empty());
}

TEST_F(LedgerDamage, APageThatCannotBeReadIsAFinding) {
  for (std::uint64_t i = 1; i <= 5; ++i) append(large_page(i * 1'000));
  ledger_.reset();
  const auto root = BackDoor{path_}.number("SELECT rootpage FROM sqlite_schema WHERE name = 'payload'");
  std::fstream file{path_, std::ios::in | std::ios::out | std::ios::binary};
  file.seekp((root - 1) * Connection::page_size);
  file << std::string(64, '\xff');
  file.close();
  std::vector<std::string> found;
  const auto reader = must(LedgerReader::open(path_));
  const auto verified = must(reader->verify([&](const std::string& what) { found.push_back(what); }));
  EXPECT_EQ(verified.damaged, static_cast<std::int64_t>(found.size()));
  EXPECT_THAT(found, testing::Contains(HasSubstr("payloads: ledger " + path_)));
  EXPECT_TRUE(reader->stats()) << "the reader is of use still";
}

TEST_F(LedgerDamage, ASchemaThatCannotBeReadIsDamageNotATrouble) {
  append(PageBuilder{aws}.post(30));
  ledger_.reset();
  std::fstream file{path_, std::ios::in | std::ios::out | std::ios::binary};
  constexpr std::streamoff behind_the_header = 100;
  file.seekp(behind_the_header);
  file << std::string(64, '\xff');
  file.close();
  const auto opened = LedgerReader::open(path_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, Kind::damaged);
  EXPECT_EQ(SqliteLedger::open(path_, noon).error().kind, Kind::damaged);
}

TEST_F(LedgerDamage, ATableThatIsGoneIsAFinding) {
  append(PageBuilder{aws}.post(30));
  ledger_.reset();
  BackDoor{path_}.execute("PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'payload'");
  std::vector<std::string> found;
  const auto reader = must(LedgerReader::open(path_));
  EXPECT_GT(must(reader->verify([&](const std::string& what) { found.push_back(what); })).damaged, 0);
  EXPECT_THAT(found, testing::Contains(HasSubstr("payloads: ledger " + path_ + ": no such table")));
}

// The opening draws a revision, so it writes.
TEST_F(LedgerDamage, ADiskThatIsFullAtOpeningIsFullAndTheNextTryOpens) {
  append(PageBuilder{aws}.post(30));
  const auto last = ledger_->last_revision();
  ledger_.reset();
  BrokenDisk disk;
  disk.write_result = SQLITE_FULL;
  for (const auto& path : {path_, folder_.path() + "/new.db"}) {
    const auto failed = SqliteLedger::open(path, noon);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind, Kind::full) << failed.error().message;
  }
  disk.write_result = SQLITE_OK;
  EXPECT_TRUE(SqliteLedger::open(folder_.path() + "/new.db", noon));
  reopen();
  EXPECT_GT(ledger_->last_revision(), last);
  EXPECT_EQ(row(30).payload, PageBuilder::raw_of(30, 30));
  ledger_.reset();
}

TEST_F(LedgerDamage, AHealthyLedgerVerifies) {
  for (std::uint64_t i = 1; i <= 30; ++i) append(large_page(i * 1'000));
  const auto verified = must(must(LedgerReader::open(path_))->verify([](const std::string& what) { FAIL() << what; }));
  EXPECT_EQ(verified.rows, 3'000);
  EXPECT_EQ(verified.damaged, 0);
}

}  // namespace
}  // namespace mentiond::ledger
