#include "daemon/ending.h"

#include <gtest/gtest.h>

namespace mentiond {
namespace {

using collect::CollectEnd;
using deliver::DeliverEnd;
using Grace = deliver::Deliverer::Grace;
using namespace std::chrono_literals;

constexpr SteadyTime start{std::chrono::hours{1}};
constexpr bool with_sink = true;
constexpr bool without_sink = false;

std::optional<ExitCode> leaves(const Ending::Next& next) {
  const auto* leave = std::get_if<Ending::Leave>(&next);
  return leave == nullptr ? std::nullopt : std::optional{leave->code};
}

TEST(Ending, WithoutASinkTheEndOfCollectIsTheEnd) {
  const auto end_of = [](CollectEnd end) {
    return leaves(Ending{RunMode::once, without_sink, 8s}.collect_ended(end, start));
  };
  EXPECT_EQ(end_of(CollectEnd::done), ExitCode::done);
  EXPECT_EQ(end_of(CollectEnd::unavailable), ExitCode::unavailable);
  EXPECT_EQ(end_of(CollectEnd::ledger), ExitCode::ledger_io);
  EXPECT_EQ(end_of(CollectEnd::our_fault), ExitCode::configuration);
}

TEST(Ending, ARunThatEndsByItselfDeliversAsLongAsThatProgresses) {
  Ending ending{RunMode::once, with_sink, 8s};
  const auto next = ending.collect_ended(CollectEnd::our_fault, start);
  ASSERT_TRUE(std::holds_alternative<Ending::Drain>(next));
  EXPECT_EQ(std::get<Ending::Drain>(next).grace, 8s);
  EXPECT_EQ(std::get<Ending::Drain>(next).kind, Grace::while_progressing);
}

TEST(Ending, AfterASignalDeliverHasWhatIsLeftOfTheGrace) {
  Ending ending{RunMode::forever, with_sink, 8s};
  EXPECT_EQ(ending.begin_stop(start), start + 8s);
  const auto next = ending.collect_ended(CollectEnd::done, start + 3s);
  ASSERT_TRUE(std::holds_alternative<Ending::Drain>(next));
  EXPECT_EQ(std::get<Ending::Drain>(next).grace, 5s);
  EXPECT_EQ(std::get<Ending::Drain>(next).kind, Grace::in_all);
}

TEST(Ending, WhenCollectOutlastedTheGraceDeliverHasNone) {
  Ending ending{RunMode::forever, with_sink, 8s};
  ending.begin_stop(start);
  EXPECT_EQ(std::get<Ending::Drain>(ending.collect_ended(CollectEnd::done, start + 9s)).grace, 0s);
}

TEST(Ending, ASecondSignalChangesNothing) {
  Ending ending{RunMode::forever, with_sink, 8s};
  ending.begin_stop(start);
  EXPECT_FALSE(ending.begin_stop(start + 1s));
}

TEST(Ending, ADaemonThatCannotTrustItsDiskStopsDeliverAndLeavesWith74) {
  Ending ending{RunMode::forever, with_sink, 8s};
  EXPECT_TRUE(std::holds_alternative<Ending::CutDeliver>(ending.collect_ended(CollectEnd::ledger, start)));
  EXPECT_EQ(ending.deliver_ended(DeliverEnd::left_over), ExitCode::ledger_io);
}

TEST(Ending, AnOnceRunWhoseDiskIsFullStillDeliversAndLeavesWith74) {
  Ending ending{RunMode::once, with_sink, 8s};
  EXPECT_TRUE(std::holds_alternative<Ending::Drain>(ending.collect_ended(CollectEnd::ledger, start)));
  EXPECT_EQ(ending.deliver_ended(DeliverEnd::drained), ExitCode::ledger_io);
}

TEST(Ending, ALedgerThatFailsUnderDeliverEndsEveryRunWith74) {
  for (const auto mode : {RunMode::once, RunMode::forever}) {
    EXPECT_EQ((Ending{mode, with_sink, 8s}.deliver_ended(DeliverEnd::ledger_fatal)), ExitCode::ledger_io);
  }
}

TEST(Ending, AnOnceRunThatLeftSomethingUndeliveredSaysSo) {
  const auto end_of = [](DeliverEnd end) {
    Ending ending{RunMode::once, with_sink, 8s};
    ending.collect_ended(CollectEnd::done, start);
    return ending.deliver_ended(end);
  };
  EXPECT_EQ(end_of(DeliverEnd::drained), ExitCode::done);
  EXPECT_EQ(end_of(DeliverEnd::left_over), ExitCode::unavailable);
  EXPECT_EQ(end_of(DeliverEnd::sink_down), ExitCode::unavailable);
  EXPECT_EQ(end_of(DeliverEnd::ledger_full), ExitCode::ledger_io);
}

TEST(Ending, OurOwnFaultWeighsMoreThanAnUndeliveredRest) {
  Ending ending{RunMode::once, with_sink, 8s};
  ending.collect_ended(CollectEnd::our_fault, start);
  EXPECT_EQ(ending.deliver_ended(DeliverEnd::sink_down), ExitCode::configuration);
}

TEST(Ending, WhoeverWasToldToStopLeavesWith0WhateverIsLeftOver) {
  for (const auto mode : {RunMode::once, RunMode::forever}) {
    Ending ending{mode, with_sink, 8s};
    ending.begin_stop(start);
    ending.collect_ended(CollectEnd::done, start + 1s);
    EXPECT_EQ(ending.deliver_ended(DeliverEnd::sink_down), ExitCode::done);
  }
}

}  // namespace
TEST(Ending, HasBegunWithASignalOrWithTheEndOfCollect) {
  Ending ending{RunMode::forever, with_sink, 8s};
  EXPECT_FALSE(ending.begun());
  ending.collect_ended(CollectEnd::ledger, start);
  EXPECT_TRUE(ending.begun());
  EXPECT_FALSE(ending.stopping());
  Ending stopped{RunMode::forever, with_sink, 8s};
  stopped.begin_stop(start);
  EXPECT_TRUE(stopped.begun());
}

}  // namespace mentiond
