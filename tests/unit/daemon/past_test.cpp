#include "daemon/past.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "ledger/ledger.h"
#include "xapi/poller.h"

namespace mentiond {
namespace {

using testing::HasSubstr;

constexpr Time now{std::chrono::sys_days{std::chrono::year{2026} / 1 / 31}};
constexpr std::uint64_t by_clock = std::uint64_t{1'769'817'600} << 20U;

class PastTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "mentiond-past-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    path = folder / "ledger.db";
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::filesystem::path folder;
  std::string path;
  collect::QueryOptions query{"aws", "AWS", "AWS Marketplace", {}};
};

TEST_F(PastTest, WithoutALedgerNothingIsRememberedAndNothingIsMade) {
  const auto past = Past::open(path);
  ASSERT_TRUE(past);
  EXPECT_TRUE(past->is_empty());
  EXPECT_EQ(past->cursor(query).value(), std::nullopt);
  EXPECT_EQ(past->vocabulary().value(), std::nullopt);
  EXPECT_EQ(past->next_revision(now).value(), by_clock + 1);
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}

TEST_F(PastTest, ALedgerThatCannotBeReadIsNotTakenForNone) {
  std::ofstream{path} << "no ledger, but somebody's notes, long enough to be no empty database file";
  const auto past = Past::open(path);
  ASSERT_FALSE(past);
  EXPECT_EQ(past.error().kind, ledger::Failure::Kind::not_a_ledger);
  EXPECT_THAT(past.error().message, HasSubstr(path));
}

TEST_F(PastTest, APathThatCannotBeLookedAtIsNotTakenForNone) {
  std::ofstream{folder / "file"} << "x";
  const auto past = Past::open(folder / "file" / "ledger.db");
  ASSERT_FALSE(past);
  EXPECT_EQ(past.error().kind, ledger::Failure::Kind::cannot_open);
}

TEST_F(PastTest, TellsWhatTheDaemonRemembered) {
  const auto ledger = ledger::Ledger::open(path, now);
  ASSERT_TRUE(ledger) << ledger.error().message;
  ASSERT_TRUE((*ledger)->remember(xapi::SearchPoller::vocabulary_key, "post"));
  const xapi::Query asked{query.name, query.text, query.cloud};
  const std::vector<xapi::Query> queries{asked};
  ASSERT_TRUE((*ledger)->load_queries(queries));
  ledger::PageCommit commit;
  commit.query = asked;
  commit.change.cursor = TweetId{900};
  commit.seen_at = now;
  ASSERT_TRUE((*ledger)->append(commit));

  const auto past = Past::open(path);  // beside the daemon that holds the lock
  ASSERT_TRUE(past) << past.error().message;
  EXPECT_FALSE(past->is_empty());
  EXPECT_EQ(past->vocabulary().value(), "post");
  EXPECT_EQ(past->cursor(query).value(), TweetId{900});
  query.text = "something else";
  EXPECT_EQ(past->cursor(query).value(), std::nullopt) << "new text is a first walk";
  EXPECT_EQ(past->next_revision(now).value(), (*ledger)->last_revision() + 2) << "the next open draws one as well";
}

}  // namespace
}  // namespace mentiond
