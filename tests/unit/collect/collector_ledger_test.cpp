// The collector over the real ledger.
#include <cstdlib>
#include <filesystem>

#include "collect_rig.h"
#include "ledger/ledger_reader.h"

namespace mentiond::collect {
namespace {

using namespace testing;

class CollectorOnDisk : public ::testing::Test {
 protected:
  CollectorOnDisk() {
    std::string pattern = (std::filesystem::temp_directory_path() / "collect-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~CollectorOnDisk() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string path() const { return (folder_ / "ledger.db").string(); }
  [[nodiscard]] std::unique_ptr<ledger::Ledger> open() const {
    auto opened = ledger::Ledger::open(path(), rig_begins);
    EXPECT_TRUE(opened) << opened.error().message;
    return *std::move(opened);
  }
  [[nodiscard]] ledger::Stats stats() const {
    auto reader = ledger::LedgerReader::open(path());
    EXPECT_TRUE(reader);
    return *(*reader)->stats();
  }

 private:
  std::filesystem::path folder_;
};

TEST_F(CollectorOnDisk, StoresAWalkAndGoesOnFromItsCursorAfterARestart) {
  const auto publish = [](Rig& rig) { rig.publish(35, 1min, 10s); };
  {
    Rig rig{small_options(), open()};
    publish(rig);
    rig.start(true);
    rig.run_for(1min);
    EXPECT_EQ(rig.end, CollectEnd::done);
    EXPECT_EQ(stats().rows, 35);
  }
  Rig rig{small_options(), open()};
  publish(rig);
  rig.start(true);
  rig.run_for(1min);
  EXPECT_EQ(rig.end, CollectEnd::done);
  EXPECT_EQ(stats().rows, 35);
  ASSERT_FALSE(rig.x.requests.empty());
  const TweetId newest = *rig.x.posts.begin();
  EXPECT_EQ(parameter(rig.x.requests[0], "since_id"), TweetId::at(newest.time() - 2min).to_string());
  EXPECT_EQ(rig.board.budget.posts, 35) << "re-reads within the day are free";
}

TEST_F(CollectorOnDisk, KeepsTheGapOfAWalkThatXCutShort) {
  {
    Rig rig{small_options(), open()};
    rig.publish(35, 1min, 10s);
    rig.x.trouble = [&rig](const HttpRequest&) -> std::optional<FakeX::Answer> {
      if (rig.x.requests.size() < 3) return std::nullopt;
      return rig.x.reply(402, "{}");
    };
    rig.start();
    rig.run_for(1min);
    rig.stop();
    const auto state = stats().queries.at(0).state;
    ASSERT_EQ(state.gaps.size(), 1U);
    EXPECT_EQ(state.gaps[0].pages_used, 2);
  }
  Rig rig{small_options(), open()};
  rig.publish(35, 1min, 10s);
  rig.start();
  rig.run_for(25h);
  EXPECT_EQ(stats().rows, 35);
  EXPECT_TRUE(stats().queries.at(0).state.gaps.empty());
}

}  // namespace
}  // namespace mentiond::collect
