// The control socket, and the orders that come through it.
#include "admin/control.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "admin/orders.h"
#include "loop/virtual_clock.h"

namespace mentiond::admin {
namespace {

using testing::HasSubstr;
using Outcome = Answer::Outcome;

class ControlTest : public testing::Test {
 protected:
  ControlTest() {
    std::string pattern = testing::TempDir() + "mentiond-control-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
    folder = pattern;
    path = folder / "ledger.db.sock";
  }
  ~ControlTest() override { std::filesystem::remove_all(folder); }

  std::unique_ptr<ControlServer> listen() {
    auto server =
        ControlServer::listen(loop.get_executor(), path, [this](Order order) { return echo(std::move(order)); });
    if (!server) throw std::runtime_error(server.error().message);
    return std::move(*server);
  }
  Task<Answer> echo(Order order) {
    if (order.empty()) throw std::runtime_error("nothing was ordered");
    Answer answer;
    for (const auto& word : order) answer.text += '[' + word + ']';
    co_return answer;
  }
  // Asks from another thread while the loop turns.
  Result<std::optional<Answer>> ask(const Order& order) {
    std::optional<Result<std::optional<Answer>>> answer;
    auto guard = boost::asio::make_work_guard(loop);
    std::thread client{[&] {
      answer.emplace(ask_daemon(path, order));
      boost::asio::post(loop, [&] { loop.stop(); });
    }};
    loop.restart();
    loop.run();
    client.join();
    return std::move(*answer);
  }

  std::filesystem::path folder;
  std::string path;
  boost::asio::io_context loop;
};

TEST_F(ControlTest, CarriesWordsThereAndTheAnswerBack) {
  const auto server = listen();
  const auto answer = ask({"forget", "1", "", "two words"});
  ASSERT_TRUE(answer && *answer);
  EXPECT_EQ((*answer)->outcome, Outcome::done);
  EXPECT_EQ((*answer)->text, "[forget][1][][two words]");
}

TEST_F(ControlTest, CarriesHundredsOfThousandsOfIds) {
  const auto server = listen();
  const Order order(300'000, "1900000000000000001");
  const auto answer = ask(order);
  ASSERT_TRUE(answer && *answer);
  EXPECT_EQ((*answer)->text.size(), order.size() * 21);
  EXPECT_THAT(ask(Order(1'000'000, "1900000000000000001")).error().message, HasSubstr("in parts"));
}

TEST_F(ControlTest, WhereNobodyListensThereIsNobody) {
  EXPECT_FALSE(*ask({"forget", "1"}));
  {
    boost::asio::local::stream_protocol::acceptor dead{loop, boost::asio::local::stream_protocol::endpoint{path}};
  }
  ASSERT_TRUE(std::filesystem::exists(path)) << "as a killed daemon leaves it";
  EXPECT_FALSE(*ask({"forget", "1"}));
  const auto server = listen();
  EXPECT_TRUE(*ask({"forget", "1"}));
}

TEST_F(ControlTest, IsForItsOwnerAloneAndGoesAwayAtTheEnd) {
  {
    const auto server = listen();
    struct stat info{};
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    EXPECT_FALSE(std::filesystem::exists(path + ".new"));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(ControlTest, AMistakeOfOursIsAnAnswerToo) {
  const auto server = listen();
  const auto answer = ask({});
  ASSERT_TRUE(answer && *answer);
  EXPECT_EQ((*answer)->outcome, Outcome::ledger);
}

TEST_F(ControlTest, AFolderThatIsNotThereIsSaid) {
  path = folder / "nowhere" / "ledger.db.sock";
  const auto refused =
      ControlServer::listen(loop.get_executor(), path, [this](Order order) { return echo(std::move(order)); });
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr(path));
}

TEST_F(ControlTest, AnyLengthOfPathWillDoButNotOfTheNameAlone) {
  path = folder / std::string(120, 'd') / "ledger.db.sock";
  std::filesystem::create_directory(std::filesystem::path{path}.parent_path());
  {
    const auto server = listen();
    EXPECT_TRUE(*ask({"forget", "1"}));
  }
  path = folder / std::string(120, 'n');
  EXPECT_THAT(ask({"forget", "1"}).error().message, HasSubstr("shorter"));
}

TEST(ControlWire, WhatIsCutOffIsNoOrderAndNoAnswer) {
  EXPECT_EQ(order_from_wire(to_wire(Order{"a", "", "b"})), (Order{"a", "", "b"}));
  EXPECT_EQ(order_from_wire(std::string_view{"a\0b", 3}), Order{});
  EXPECT_FALSE(answer_from_wire("don"));
  EXPECT_FALSE(answer_from_wire(""));
  EXPECT_FALSE(answer_from_wire("well\ndone"));
  EXPECT_EQ(answer_from_wire("bad_data\nno\nsuch\n")->text, "no\nsuch\n");
}

class OrderTest : public ControlTest {
 protected:
  OrderTest() {
    auto opened = ledger::Ledger::open(folder / "ledger.db", clock.now().wall);
    if (!opened) throw std::runtime_error(opened.error().message);
    thread.emplace(std::move(*opened), ledger::LedgerThread::Mode::inline_calls);
  }
  Answer order(Order words) {
    Answer answer;
    boost::asio::co_spawn(loop, perform(std::move(words), *thread, clock),
                          [&](const std::exception_ptr& thrown, Answer given) {
                            if (thrown) std::rethrow_exception(thrown);
                            answer = std::move(given);
                          });
    loop.restart();
    loop.run();
    return answer;
  }
  VirtualClock clock{loop, Time{std::chrono::sys_days{std::chrono::year{2026} / 1 / 31}}};
  std::optional<ledger::LedgerThread> thread;
};

TEST_F(OrderTest, WhatNobodyKnowsIsRefused) {
  for (const Order& words : {Order{}, Order{"dance"}, Order{"forget"}, Order{"retry"}, Order{"retry", "ids"},
                             Order{"drop", "type"}, Order{"redeliver", "-"}, Order{"redeliver", "soon", "-"},
                             Order{"redeliver", "2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z"}}) {
    EXPECT_EQ(order(words).outcome, Outcome::bad_data) << (words.empty() ? "" : words.front());
  }
}

TEST_F(OrderTest, IdsThatAreNoneAreNamedAndNothingIsForgotten) {
  const auto answer = order({"forget", "12", "x", "0", "99999999999999999999"});
  EXPECT_EQ(answer.outcome, Outcome::bad_data);
  EXPECT_THAT(answer.text, HasSubstr("x 0 99999999999999999999"));
  EXPECT_THAT(order({"forget", "12"}).text, HasSubstr("1 in advance"));
}

TEST_F(OrderTest, ManyAreForgottenInParts) {
  Order words{"forget"};
  for (std::size_t i = 1; i <= 3 * order_chunk + 1; ++i) words.push_back(std::to_string(i));
  EXPECT_THAT(order(words).text, HasSubstr(std::to_string(3 * order_chunk + 1) + " in advance"));
}

}  // namespace
}  // namespace mentiond::admin
