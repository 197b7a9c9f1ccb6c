// Copies of a ledger, and what one that is put back does.
#include "ledger/backup.h"

#include <csignal>
#include <fstream>

#include <sys/resource.h>
#include <sys/stat.h>

#include "ledger/ledger_reader.h"
#include "unit/ledger/fixture.h"

namespace mentiond::ledger {
namespace {

using testing::HasSubstr;

class Backup : public LedgerTest {
 protected:
  std::string target_ = folder_.path() + "/copy.db";
  static bool exists(const std::string& path) { return std::filesystem::exists(path); }
};

TEST_F(Backup, IsWholeWhileTheLedgerIsOpenAndItsRowsAreInTheWal) {
  append(PageBuilder{aws}.post(10).post(20));
  EXPECT_GT(must(back_up(path_, target_)), 0);
  append(PageBuilder{aws}.post(30));
  struct stat info{};
  ASSERT_EQ(::stat(target_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_FALSE(exists(target_ + ".part"));
  auto reader = must(LedgerReader::open(target_));
  EXPECT_EQ(must(reader->stats()).rows, 2);
  EXPECT_EQ(must(reader->verify([](const std::string&) {})).damaged, 0);
}

TEST_F(Backup, NeverOverwritesAnything) {
  std::ofstream{target_} << "precious";
  const auto refused = back_up(path_, target_);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr(target_));
  std::string text;
  std::ifstream{target_} >> text;
  EXPECT_EQ(text, "precious");
}

TEST_F(Backup, LeavesNothingBehindWhereItCannotBeWritten) {
  append(PageBuilder{aws}.post(10, 10, std::string(200'000, 'x')));
  EXPECT_FALSE(back_up(path_, folder_.path() + "/nowhere/copy.db"));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{65'536, before.rlim_max};
  std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto cut = back_up(path_, target_);
  ::setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_FALSE(cut);
  EXPECT_FALSE(exists(target_));
  EXPECT_FALSE(exists(target_ + ".part"));
}

TEST_F(Backup, OfNoLedgerIsRefused) {
  EXPECT_FALSE(back_up(folder_.path() + "/none.db", target_));
  EXPECT_FALSE(exists(target_));
}

TEST_F(Backup, PutBackItDrawsRevisionsBeyondAllThatWereDrawnSince) {
  append(PageBuilder{aws}.post(10));
  must(back_up(path_, target_));
  append(PageBuilder{aws}.post(20));
  append(PageBuilder{gcp}.post(10));
  const auto lost = ledger_->last_revision();
  ledger_.reset();
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path_ + suffix);
  std::filesystem::rename(target_, path_);
  reopen(noon + std::chrono::hours{1});
  append(PageBuilder{gcp}.post(10));
  append(PageBuilder{aws}.post(20));
  EXPECT_GT(row(10).revision, lost);
  EXPECT_GT(row(20).revision, lost);
}

}  // namespace
}  // namespace mentiond::ledger
