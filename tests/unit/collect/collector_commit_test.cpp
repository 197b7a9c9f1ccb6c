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
  rig.memory->fault = [](const ledger::PageCommit* page) -> std::optional<Failure> {
    if (page == nullptr) return std::nullopt;
    return Failure{Failure::Kind::fatal, "fsync failed"};
  };
  rig.start();
  rig.run_for(1s);
  EXPECT_EQ(rig.end, CollectEnd::ledger);
}

TEST(Collector, APauseSaysWhatTheLedgerSays) {
  Rig rig;
  rig.publish(5);
  rig.memory->fault = [](const ledger::PageCommit* page) -> std::optional<Failure> {
    if (page == nullptr) return std::nullopt;
    return Failure{Failure::Kind::full, "another program holds a lock"};
  };
  rig.start();
  rig.run_for(1s);
  ASSERT_EQ(rig.board.pauses.size(), 1U);
  EXPECT_EQ(rig.board.pauses[0].detail, "another program holds a lock");
}

}  // namespace
}  // namespace mentiond::collect
