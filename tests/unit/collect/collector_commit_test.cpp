// What a commit brings, and when it is acted on: the next page may be under way meanwhile.
#include "collect_rig.h"

namespace mentiond::collect {
namespace {

using namespace testing;

TEST(Collector, WhatIsStoredIsToldThoughTheNextPageTakesLong) {
  Rig rig;
  rig.publish(15);
  rig.x.on_request = [&rig] { rig.x.takes = rig.x.requests.size() == 2 ? Millis{10min} : Millis{0}; };
  rig.start();
  rig.run_for(1min);
  EXPECT_EQ(rig.x.requests.size(), 2U);
  EXPECT_EQ(rig.woken, 1);
  EXPECT_EQ(rig.board.new_by_cloud.at("AWS"), 10);
  rig.run_for(10min);
  EXPECT_TRUE(rig.has_all());
}

TEST(Collector, AFatalLedgerEndsItThoughTheNextPageTakesLong) {
  Rig rig;
  rig.publish(15);
  rig.x.on_request = [&rig] { rig.x.takes = rig.x.requests.size() == 2 ? Millis{10min} : Millis{0}; };
  rig.memory->fault = MemoryLedger::no_page(Failure::Kind::fatal, "fsync failed");
  rig.start();
  rig.run_for(1s);
  EXPECT_EQ(rig.end, CollectEnd::ledger);
}

// X bills a page when it serves it: the one that met the full disk, and the one that came meanwhile.
TEST(Collector, WhatXServedBeforeTheDiskWasFullIsNeverAskedForAgain) {
  Options options = small_options();
  options.queries[0].schedule.every = 72h;
  Rig rig{options};
  rig.publish(25);
  rig.memory->fault = MemoryLedger::no_page(Failure::Kind::full, "disk full");
  rig.start();
  rig.run_for(30h);
  EXPECT_EQ(rig.x.requests.size(), 2U);
  rig.memory->fault = nullptr;
  rig.run_for(1min);
  EXPECT_TRUE(rig.has_all());
  EXPECT_EQ(rig.memory->pages, (std::vector<std::size_t>{10, 10, 5}));
  EXPECT_EQ(rig.x.requests.size(), 3U);
  const Day served = day_of(rig_begins);
  const Day after = served + std::chrono::days{1};
  EXPECT_EQ(rig.memory->request_days, (std::vector<Day>{served, served, after}));
  EXPECT_EQ(rig.memory->billed.size(), 25U);
  EXPECT_EQ(rig.board.budget.posts, 25);
}

TEST(Collector, AStopWhileTheDiskIsFullStoresWhatXServedIfThereIsRoomAgain) {
  Rig rig;
  rig.publish(25);
  rig.memory->fault = MemoryLedger::no_page(Failure::Kind::full, "another program holds a lock");
  rig.start();
  rig.run_for(1s);
  rig.memory->fault = nullptr;
  rig.stop();
  EXPECT_EQ(rig.end, CollectEnd::done);
  EXPECT_EQ(rig.memory->pages, (std::vector<std::size_t>{10, 10}));
  EXPECT_EQ(rig.x.requests.size(), 2U);
}

TEST(Collector, APauseSaysWhatTheLedgerSays) {
  Rig rig;
  rig.publish(5);
  rig.memory->fault = MemoryLedger::no_page(Failure::Kind::full, "another program holds a lock");
  rig.start();
  rig.run_for(1s);
  ASSERT_EQ(rig.board.pauses.size(), 1U);
  EXPECT_EQ(rig.board.pauses[0].detail, "another program holds a lock");
}

}  // namespace
}  // namespace mentiond::collect
