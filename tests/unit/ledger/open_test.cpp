#include <fstream>
#include <span>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/no_room.h"
#include "unit/ledger/broken_disk.h"
#include "unit/ledger/fixture.h"

namespace mentiond::ledger {
namespace {

using testing::HasSubstr;
using Kind = Failure::Kind;

class LedgerOpen : public LedgerTest {
 protected:
  static Failure refusal(const std::string& path) {
    auto opened = Ledger::open(path, noon);
    if (opened) throw std::runtime_error("opened " + path);
    return opened.error();
  }
  static std::string bytes_of(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
  }
  static mode_t mode_of(const std::string& path) {
    struct stat info{};
    return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 0777U : 0;
  }
};

TEST_F(LedgerOpen, ASecondOpenIsLockedAndNamesTheHolder) {
  const auto failure = refusal(path_);
  EXPECT_EQ(failure.kind, Kind::locked);
  EXPECT_THAT(failure.message, HasSubstr("process " + std::to_string(::getpid())));
  EXPECT_THAT(failure.message, HasSubstr(path_));
}

TEST_F(LedgerOpen, TheLockGoesWithItsHolder) {
  ledger_.reset();
  EXPECT_TRUE(Ledger::open(path_, noon));
}

TEST_F(LedgerOpen, ItsFilesAreForItsUserAlone) {
  append(PageBuilder{aws}.post(30));
  for (const auto* suffix : {"", ".lock", "-wal", "-shm"}) EXPECT_EQ(mode_of(path_ + suffix), 0600U) << suffix;
}

TEST_F(LedgerOpen, EveryOpenDrawsARevisionSeededByTheClock) {
  const auto seeded = static_cast<std::uint64_t>(noon.time_since_epoch().count() / 1000) << 20U;
  EXPECT_EQ(ledger_->last_revision(), seeded);
  reopen();
  EXPECT_EQ(ledger_->last_revision(), seeded + 1);
  reopen(noon + std::chrono::seconds{5});
  EXPECT_EQ(ledger_->last_revision(), seeded + (std::uint64_t{5} << 20U));
}

TEST_F(LedgerOpen, RevisionsRiseThoughTheClockWasSetBack) {
  append(PageBuilder{aws}.post(30));
  const auto last = ledger_->last_revision();
  reopen(noon - std::chrono::hours{1'000});
  EXPECT_EQ(ledger_->last_revision(), last + 1);
  append(PageBuilder{aws}.post(20));
  EXPECT_EQ(row(20).revision, last + 2);
}

TEST_F(LedgerOpen, ADirectoryIsRefused) {
  const auto failure = refusal(folder_.path());
  EXPECT_EQ(failure.kind, Kind::cannot_open);
  EXPECT_THAT(failure.message, HasSubstr("it is a directory; let ledger.path name a file in it"));
}

TEST_F(LedgerOpen, AMissingDirectoryIsRefused) {
  const auto failure = refusal(folder_.path() + "/missing/ledger.db");
  EXPECT_EQ(failure.kind, Kind::cannot_open);
  EXPECT_THAT(failure.message, HasSubstr("must be able to write"));
}

TEST_F(LedgerOpen, AFileInPlaceOfADirectoryIsRefused) { EXPECT_EQ(refusal(path_ + "/x").kind, Kind::cannot_open); }

// Root may write anywhere, so the asking is done by a child that is nobody.
Kind refusal_of_nobody(const std::string& path) {
  const auto child = ::fork();
  if (child == 0) {
    if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(100);
    const auto opened = Ledger::open(path, noon);
    const bool names_path = !opened && opened.error().message.find(path) != std::string::npos;
    ::_exit(names_path ? static_cast<int>(opened.error().kind) : 101);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) >= 100) throw std::runtime_error("the child did not get that far");
  return static_cast<Kind>(WEXITSTATUS(status));
}

TEST_F(LedgerOpen, NoInodesAndNoQuotaAreNoRoom) {
  EXPECT_TRUE(is_no_room(ENOSPC));
  EXPECT_TRUE(is_no_room(EDQUOT));
  EXPECT_FALSE(is_no_room(EACCES));
}

TEST_F(LedgerOpen, AWalThatCannotBeMadeWhereThereIsRoomIsRefusedAndLeavesNoFile) {
  BrokenDisk disk;
  const auto other = folder_.path() + "/other.db";
  disk.fail_wal_open = true;
  EXPECT_EQ(refusal(other).kind, Kind::cannot_open);
  EXPECT_NE(::access((other + ".room").c_str(), F_OK), 0);
  disk.fail_wal_open = false;
  EXPECT_TRUE(SqliteLedger::open(other, noon));
}

TEST_F(LedgerOpen, ADirectoryThatCannotBeWrittenIsRefused) {
  const auto place = folder_.path() + "/closed";
  std::filesystem::create_directory(place);
  ::chmod(folder_.path().c_str(), 0755);
  ::chmod(place.c_str(), 0555);
  EXPECT_EQ(refusal_of_nobody(place + "/ledger.db"), Kind::cannot_open);
  ::chmod(place.c_str(), 0755);
}

TEST_F(LedgerOpen, AFileThatCannotBeWrittenIsRefused) {
  ledger_.reset();
  ::chmod(folder_.path().c_str(), 0777);
  ::chmod(path_.c_str(), 0444);
  EXPECT_EQ(refusal_of_nobody(path_), Kind::cannot_open);
}

TEST_F(LedgerOpen, AFileThatIsNoDatabaseIsNoLedger) {
  const auto other = folder_.path() + "/notes.txt";
  std::ofstream{other} << std::string(10'000, 'x');
  EXPECT_EQ(refusal(other).kind, Kind::not_a_ledger);
}

TEST_F(LedgerOpen, AnotherProgramsDatabaseIsNoLedgerAndStaysAsItWas) {
  const auto other = folder_.path() + "/other.db";
  BackDoor{other}.execute("CREATE TABLE precious (a)");
  const auto before = bytes_of(other);
  EXPECT_EQ(refusal(other).kind, Kind::not_a_ledger);
  EXPECT_TRUE(bytes_of(other) == before);
  BackDoor{other}.execute("DROP TABLE precious; PRAGMA application_id = 77");
  EXPECT_EQ(refusal(other).kind, Kind::not_a_ledger);
}

TEST_F(LedgerOpen, NothingIsLeftBesideAnotherProgramsFile) {
  const auto place = folder_.path() + "/theirs";
  std::filesystem::create_directory(place);
  BackDoor{place + "/other.db"}.execute("PRAGMA journal_mode = WAL; CREATE TABLE precious (a)");
  BackDoor{place + "/claimed.db"}.execute("PRAGMA application_id = 77");
  std::ofstream{place + "/notes.txt"} << "short";
  std::vector<std::string> files{place + "/other.db", place + "/claimed.db", place + "/notes.txt"};
  for (const auto& file : files) EXPECT_EQ(refusal(file).kind, Kind::not_a_ledger) << file;
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator{place}) found.push_back(entry.path().string());
  EXPECT_THAT(found, testing::UnorderedElementsAreArray(files));
}

TEST_F(LedgerOpen, AFileLeftByACrashBeforeItsSchemaIsCompleted) {
  const auto other = folder_.path() + "/early.db";
  BackDoor{other}.execute("PRAGMA journal_mode = WAL");
  EXPECT_TRUE(Ledger::open(other, noon));
}

TEST_F(LedgerOpen, ANewerSchemaIsRefusedNamingBoth) {
  ledger_.reset();
  BackDoor{path_}.execute("PRAGMA user_version = 7");
  const auto failure = refusal(path_);
  EXPECT_EQ(failure.kind, Kind::newer_schema);
  EXPECT_THAT(failure.message, HasSubstr("schema 7"));
  EXPECT_THAT(failure.message, HasSubstr("up to " + std::to_string(migrations().back().version)));
  EXPECT_THAT(failure.message, HasSubstr("install the newer mentiond"));
}

TEST_F(LedgerOpen, AnOlderSchemaIsBroughtUpToDateStepByStep) {
  append(PageBuilder{aws}.post(30));
  std::vector<Migration> known{migrations().begin(), migrations().end()};
  const int last = known.back().version;
  known.push_back({last + 1, "ALTER TABLE loss ADD COLUMN noted INTEGER"});
  known.push_back({last + 2, "UPDATE post SET first_seen = 5; CREATE TABLE extra (a)"});
  auto& connection = ledger_->connection();
  must(bring_up_to_date(connection, known));
  EXPECT_EQ(must(schema_version(connection, known)), last + 2);
  EXPECT_EQ(connection.number("SELECT first_seen FROM post"), 5);
  EXPECT_EQ(connection.number("SELECT count(noted) FROM loss"), 0);
  must(bring_up_to_date(connection, known));
}

TEST_F(LedgerOpen, AMigrationThatFailsLeavesTheSchemaBefore) {
  std::vector<Migration> known{migrations().begin(), migrations().end()};
  const int last = known.back().version;
  known.push_back({last + 1, "CREATE TABLE extra (a); CREATE TABLE post (a)"});
  EXPECT_FALSE(bring_up_to_date(ledger_->connection(), known));
  ledger_.reset();
  BackDoor door{path_};
  EXPECT_EQ(door.number("PRAGMA user_version"), last);
  EXPECT_EQ(door.number("SELECT count(*) FROM sqlite_schema WHERE name = 'extra'"), 0);
}

TEST_F(LedgerOpen, RoomIsThereForWhatIsYetToCome) {
  BackDoor door{path_};
  EXPECT_EQ(door.number("SELECT count(*) FROM pragma_table_info('redeliver') "
                        "WHERE name IN ('sink', 'from_id', 'to_id', 'position')"),
            4);
}

TEST_F(LedgerOpen, ItIsDurableAndBounded) {
  auto& connection = ledger_->connection();
  EXPECT_EQ(connection.text("PRAGMA journal_mode"), "wal");
  EXPECT_EQ(connection.number("PRAGMA synchronous"), 2);
  EXPECT_EQ(connection.number("PRAGMA mmap_size"), 0);
  EXPECT_EQ(connection.number("PRAGMA wal_autocheckpoint"), 0);
  EXPECT_EQ(connection.number("PRAGMA journal_size_limit"), 64 << 20);
  EXPECT_GE(connection.number("PRAGMA cache_size"), -4096);
}

}  // namespace
}  // namespace mentiond::ledger
