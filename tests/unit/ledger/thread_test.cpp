#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "ledger/ledger_thread.h"
#include "unit/ledger/fixture.h"

namespace mentiond::ledger {
namespace {

namespace asio = boost::asio;
using testing::ElementsAre;

class Thread : public LedgerTest {
 protected:
  std::unique_ptr<LedgerThread> make(LedgerThread::Mode mode = LedgerThread::Mode::own_thread) {
    return std::make_unique<LedgerThread>(std::move(ledger_), mode);
  }
  asio::io_context loop_;
};

Task<void> append_one(LedgerThread& thread, AppendCounts& counts, std::thread::id& ran_on,
                      std::thread::id& resumed_on) {
  const PageBuilder builder = std::move(PageBuilder{aws}.post(30));
  auto call = [&](Ledger& ledger) {
    ran_on = std::this_thread::get_id();
    return ledger.append(builder.page());
  };
  const auto appended = co_await thread.run(call);
  counts = appended.value();
  resumed_on = std::this_thread::get_id();
}

TEST_F(Thread, ACallRunsThereAndTheCoroutineGoesOnInItsLoop) {
  const auto thread = make();
  AppendCounts counts;
  std::thread::id ran_on;
  std::thread::id resumed_on;
  asio::co_spawn(loop_, append_one(*thread, counts, ran_on, resumed_on), asio::detached);
  loop_.run();
  EXPECT_EQ(counts.fresh, 1);
  EXPECT_NE(ran_on, std::this_thread::get_id());
  EXPECT_EQ(resumed_on, std::this_thread::get_id());
}

TEST_F(Thread, InlineCallsRunOnTheCallersThread) {
  const auto thread = make(LedgerThread::Mode::inline_calls);
  AppendCounts counts;
  std::thread::id ran_on;
  std::thread::id resumed_on;
  asio::co_spawn(loop_, append_one(*thread, counts, ran_on, resumed_on), asio::detached);
  loop_.run();
  EXPECT_EQ(counts.fresh, 1);
  EXPECT_EQ(ran_on, std::this_thread::get_id());
}

Task<void> note(LedgerThread& thread, std::vector<int>& order, int mine) {
  auto call = [&](Ledger&) {
    order.push_back(mine);
    return mine;
  };
  const int result = co_await thread.run(call);
  EXPECT_EQ(result, mine);
}

TEST_F(Thread, CallsRunInTheOrderInWhichTheyWereMade) {
  const auto thread = make();
  std::vector<int> order;
  for (int i = 0; i < 5; ++i) asio::co_spawn(loop_, note(*thread, order, i), asio::detached);
  loop_.run();
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3, 4));
}

Task<void> throwing(LedgerThread& thread, bool& caught) {
  auto call = [](Ledger&) -> int { throw std::runtime_error("mistake"); };
  try {
    co_await thread.run(call);
  } catch (const std::runtime_error&) {
    caught = true;
  }
}

TEST_F(Thread, WhatACallThrowsArrivesWhereItIsAwaited) {
  const auto thread = make();
  bool caught = false;
  asio::co_spawn(loop_, throwing(*thread, caught), asio::detached);
  loop_.run();
  EXPECT_TRUE(caught);
}

TEST_F(Thread, ClosingFinishesTheCallsAlreadyMade) {
  auto thread = make();
  AppendCounts counts;
  std::thread::id ran_on;
  std::thread::id resumed_on;
  asio::co_spawn(loop_, append_one(*thread, counts, ran_on, resumed_on), asio::detached);
  loop_.run_one();
  thread.reset();
  reopen();
  EXPECT_EQ(row(30).root, TweetId{30});
  loop_.run();
  EXPECT_EQ(counts.fresh, 1);
}

}  // namespace
}  // namespace mentiond::ledger
