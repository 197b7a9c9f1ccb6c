#include "admin/admin.h"

#include <thread>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loop/virtual_clock.h"

namespace mentiond::admin {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class AdminTest : public testing::Test {
 protected:
  AdminTest() {
    board.version = "1.2.3";
    board.started = start;
  }
  HttpReply get(const std::string& target, const std::string& method = "GET") {
    http::HttpServerRequest request;
    request.method = method;
    request.target = target;
    return answers.answer(request);
  }

  static constexpr Time start{std::chrono::sys_days{std::chrono::year{2026} / 1 / 31}};
  boost::asio::io_context loop;
  VirtualClock clock{loop, start};
  telemetry::Metrics metrics{"1.2.3"};
  telemetry::StatusBoard board;
  Answers answers{Sources{metrics, board, clock}};
};

TEST_F(AdminTest, HealthIsOkWhateverStandsStill) {
  board.pause(
      {.half = telemetry::Half::deliver, .reason = "auth", .detail = {}, .index = {}, .since = start, .until = {}});
  EXPECT_EQ(get("/healthz").status, 200);
  EXPECT_EQ(get("/healthz").body, "ok\n");
}

TEST_F(AdminTest, ReadyIs200WithoutReasons) {
  const auto reply = get("/readyz");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "{\"ready\":true,\"reasons\":[]}\n");
  EXPECT_EQ(reply.headers.find("Content-Type"), "application/json");
}

TEST_F(AdminTest, NotReadyIs503WithTheReasons) {
  board.queries["aws"].parked_since = start;
  board.queries["aws"].parked_why = "X refuses it";
  const auto reply = get("/readyz");
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.body,
            "{\"ready\":false,\"reasons\":[\"query aws is parked since 2026-01-31T00:00:00.000Z: X refuses it\"]}\n");
}

TEST_F(AdminTest, StatusShowsTheBoardAtTheClocksTime) {
  clock.advance(90s);
  const auto reply = get("/status");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.headers.find("Content-Type"), "application/json");
  EXPECT_THAT(reply.body,
              StartsWith(R"({"version":"1.2.3","started":"2026-01-31T00:00:00.000Z","uptime_seconds":90,)"));
}

TEST_F(AdminTest, MetricsAreInPrometheusTextFormat) {
  const auto reply = get("/metrics");
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(std::string{reply.headers.find("Content-Type").value()}, StartsWith("text/plain; version=0.0.4"));
  EXPECT_THAT(reply.body, HasSubstr("mentiond_build_info{version=\"1.2.3\"} 1\n"));
}

TEST_F(AdminTest, AScrapeShowsWhatTheBoardSays) {
  board.ledger = {
      .rows = 9, .pending = 7, .held = 2, .dead_letters = 1, .file_bytes = 4000, .wal_bytes = 96, .last_revision = 5};
  board.budget.usd = 1.5;
  board.rate_limit_remaining = 449;
  board.sink.emplace().last_success = start;
  board.queries["aws"].gaps.resize(3);
  board.queries["aws"].last_success = start;
  board.queries["gcp"].parked_since = start;
  const auto body = get("/metrics").body;
  for (const auto* const line :
       {"\nmentiond_ledger_pending 7\n", "\nmentiond_ledger_bytes 4096\n", "\nmentiond_held 2\n",
        "\nmentiond_dead_letters 1\n", "\nmentiond_spend_usd 1.5\n", "\nmentiond_x_rate_limit_remaining 449\n",
        "\nmentiond_last_delivery_success_timestamp_seconds 1769817600\n", "\nmentiond_open_gaps{query=\"aws\"} 3\n",
        "\nmentiond_last_poll_success_timestamp_seconds{query=\"aws\"} 1769817600\n",
        "\nmentiond_parked{query=\"aws\"} 0\n", "\nmentiond_parked{query=\"gcp\"} 1\n"}) {
    EXPECT_THAT(body, HasSubstr(line));
  }
}

TEST_F(AdminTest, WhatIsNotKnownYetIsNoZero) {
  const auto body = get("/metrics").body;
  EXPECT_THAT(body, Not(HasSubstr("\nmentiond_x_rate_limit_remaining ")));
  EXPECT_THAT(body, Not(HasSubstr("\nmentiond_last_delivery_success_timestamp_seconds ")));
}

TEST_F(AdminTest, APauseIsShownUntilTheLastOfItsReasonIsOver) {
  const std::string on = "\nmentiond_paused{half=\"deliver\",reason=\"read_only\"} 1\n";
  const std::string off = "\nmentiond_paused{half=\"deliver\",reason=\"read_only\"} 0\n";
  for (const auto* const index : {"a", "b"}) {
    board.pause({.half = telemetry::Half::deliver,
                 .reason = "read_only",
                 .detail = {},
                 .index = index,
                 .since = start,
                 .until = {}});
  }
  EXPECT_THAT(get("/metrics").body, HasSubstr(on));
  board.resume(telemetry::Half::deliver, "read_only", "a");
  EXPECT_THAT(get("/metrics").body, HasSubstr(on));
  board.resume(telemetry::Half::deliver, "read_only", "b");
  EXPECT_THAT(get("/metrics").body, HasSubstr(off));
}

TEST_F(AdminTest, EveryReasonForAPauseStandsAt0FromTheFirstScrapeOn) {
  const auto body = get("/metrics").body;
  for (const auto* const reason : {"cap", "credits", "spend_cap", "auth", "budget", "disk", "backpressure"}) {
    EXPECT_THAT(body, HasSubstr("\nmentiond_paused{half=\"collect\",reason=\"" + std::string{reason} + "\"} 0\n"));
  }
  for (const auto* const reason : {"auth", "template", "flood_stage", "refused", "other_writer", "unreachable",
                                   "shard_limit", "read_only", "closed", "not_found", "overloaded", "drift"}) {
    EXPECT_THAT(body, HasSubstr("\nmentiond_paused{half=\"deliver\",reason=\"" + std::string{reason} + "\"} 0\n"));
  }
}

TEST_F(AdminTest, OtherPathsAre404AndOtherMethods405) {
  EXPECT_EQ(get("/").status, 404);
  EXPECT_EQ(get("/metricsx").status, 404);
  EXPECT_EQ(get("/metrics/").status, 404);
  EXPECT_EQ(get("/nothing", "POST").status, 404);
  const auto refused = get("/status", "POST");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.headers.find("Allow"), "GET, HEAD");
}

TEST_F(AdminTest, AQueryStringIsOverlooked) { EXPECT_EQ(get("/healthz?verbose=1").status, 200); }

TEST_F(AdminTest, NoProxyIsMadeOfIt) {
  EXPECT_EQ(get("evil.example:443", "CONNECT").status, 404);
  EXPECT_EQ(get("http://evil.example/status").status, 404);
  EXPECT_EQ(get("/status", "TRACE").status, 405);
}

// What the server on `port` answers to `request`, read to the end.
std::string exchange(boost::asio::io_context& loop, std::uint16_t port, const std::string& request) {
  std::string answer;
  std::thread client{[&] {
    boost::asio::io_context own;
    boost::asio::ip::tcp::socket socket{own};
    socket.connect({boost::asio::ip::address_v4::loopback(), port});
    boost::asio::write(socket, boost::asio::buffer(request));
    boost::system::error_code end;
    boost::asio::read(socket, boost::asio::dynamic_buffer(answer), end);
    loop.stop();
  }};
  loop.run();
  client.join();
  loop.restart();
  return answer;
}

TEST_F(AdminTest, ServesOverHttp) {
  const auto admin = Admin::listen(loop.get_executor(), {.host = "127.0.0.1", .port = 0}, {metrics, board, clock});
  ASSERT_TRUE(admin) << admin.error().message;
  EXPECT_EQ((*admin)->address(), "127.0.0.1:" + std::to_string((*admin)->port()));
  const auto answer = exchange(loop, (*admin)->port(), "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nok\n"));
}

TEST_F(AdminTest, AHeadIsAGetWithoutItsBody) {
  const auto admin = Admin::listen(loop.get_executor(), {.host = "127.0.0.1", .port = 0}, {metrics, board, clock});
  ASSERT_TRUE(admin) << admin.error().message;
  const auto answer =
      exchange(loop, (*admin)->port(), "HEAD /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 3\r\n"));
}

TEST_F(AdminTest, AStoppedServerAcceptsNoMore) {
  const auto admin = Admin::listen(loop.get_executor(), {.host = "127.0.0.1", .port = 0}, {metrics, board, clock});
  ASSERT_TRUE(admin) << admin.error().message;
  const auto port = (*admin)->port();
  (*admin)->stop();
  loop.poll();
  boost::asio::ip::tcp::socket socket{loop};
  boost::system::error_code refused;
  socket.connect({boost::asio::ip::address_v4::loopback(), port}, refused);
  EXPECT_TRUE(refused);
}

TEST_F(AdminTest, APortThatIsTakenIsAnErrorThatNamesIt) {
  const auto first = Admin::listen(loop.get_executor(), {.host = "127.0.0.1", .port = 0}, {metrics, board, clock});
  ASSERT_TRUE(first);
  const auto second =
      Admin::listen(loop.get_executor(), {.host = "127.0.0.1", .port = (*first)->port()}, {metrics, board, clock});
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, StartsWith("admin.listen: "));
  EXPECT_THAT(second.error().message, HasSubstr((*first)->address()));
}

}  // namespace
}  // namespace mentiond::admin
