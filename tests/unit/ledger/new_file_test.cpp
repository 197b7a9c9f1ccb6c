// A file that comes into being whole: who may be at work on it, and what becomes of what was left behind.
#include "ledger/new_file.h"

#include <fstream>
#include <iterator>

#include "ledger/backup.h"
#include "unit/ledger/fixture.h"

namespace mentiond::ledger {
namespace {

using testing::HasSubstr;

class NewFileTest : public LedgerTest {
 protected:
  std::string target_ = folder_.path() + "/copy.db";
  static void write(const std::string& path, std::string_view text) { std::ofstream{path} << text; }
  static std::string read(const std::string& path) {
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
  }
  static bool exists(const std::string& path) { return std::filesystem::exists(path); }
};

TEST_F(NewFileTest, OfTwoAtOnceTheSecondIsRefusedAndTheFirstComesOutWhole) {
  auto first = must(NewFile::create(target_));
  write(first.part(), "the first");
  const auto second = NewFile::create(target_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, Failure::Kind::cannot_open);
  EXPECT_THAT(second.error().message, HasSubstr(target_));
  EXPECT_THAT(second.error().message, HasSubstr("wait for it, or name another file"));
  EXPECT_EQ(read(first.part()), "the first");
  ASSERT_TRUE(first.finish());
  EXPECT_EQ(read(target_), "the first");
  EXPECT_FALSE(exists(first.part()));
}

TEST_F(NewFileTest, ABackupToWhereAnotherIsAtWorkIsRefusedAndSpoilsNothing) {
  append(PageBuilder{aws}.post(10));
  auto first = must(NewFile::create(target_));
  write(first.part(), "the first");
  const auto second = back_up(path_, target_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, Failure::Kind::cannot_open);
  EXPECT_THAT(second.error().message, HasSubstr("another backup or salvage is at work"));
  ASSERT_TRUE(first.finish());
  EXPECT_EQ(read(target_), "the first");
}

TEST_F(NewFileTest, OnceTheFirstHasGivenUpTheNextOneMayBegin) {
  {
    const auto first = must(NewFile::create(target_));
  }
  auto second = must(NewFile::create(target_));
  write(second.part(), "the second");
  ASSERT_TRUE(second.finish());
  EXPECT_EQ(read(target_), "the second");
}

TEST_F(NewFileTest, WhatAKilledOneLeftIsMadeAnewWithItsJournalsGone) {
  const std::string part = target_ + ".part";
  for (const char* suffix : {"", "-journal", "-wal", "-shm"}) write(part + suffix, "of one that was killed");
  std::filesystem::permissions(part, std::filesystem::perms::all);
  auto file = must(NewFile::create(target_));
  EXPECT_EQ(read(part), "");
  for (const char* suffix : {"-journal", "-wal", "-shm"}) EXPECT_FALSE(exists(part + suffix)) << suffix;
  EXPECT_EQ(std::filesystem::status(part).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  ASSERT_TRUE(file.finish());
}

// A folder stands for what may be opened or locked, and not removed.
TEST_F(NewFileTest, WhatIsInTheWayAndCannotBeRemovedIsNamed) {
  std::filesystem::create_directory(target_ + ".part");
  const auto refused = NewFile::create(target_);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr(target_ + ".part"));
}

TEST_F(NewFileTest, AFileThatSomebodyElsePutThereMeanwhileStays) {
  auto file = must(NewFile::create(target_));
  write(target_, "precious");
  EXPECT_FALSE(file.finish());
  EXPECT_EQ(read(target_), "precious");
}

}  // namespace
}  // namespace mentiond::ledger
