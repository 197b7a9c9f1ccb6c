// What a hostile or broken client sends to HttpServer, and that it costs the process no more than the limits say.
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>

#include "client_test.h"
#include "http/server.h"

namespace mentiond::http {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Tcp = boost::asio::ip::tcp;
using Socket = std::shared_ptr<Tcp::socket>;

Task<void> say(Socket socket, std::string bytes) {
  boost::system::error_code error;
  co_await boost::asio::async_write(*socket, boost::asio::buffer(bytes),
                                    boost::asio::redirect_error(boost::asio::use_awaitable, error));
}

Task<std::string> rest(Socket socket) {
  std::string all;
  boost::system::error_code error;
  co_await boost::asio::async_read(*socket, boost::asio::dynamic_buffer(all),
                                   boost::asio::redirect_error(boost::asio::use_awaitable, error));
  co_return all;
}

// Says it all, then reads until the server closes.
Task<std::string> talk(Socket socket, std::string bytes) {
  co_await say(socket, std::move(bytes));
  co_return co_await rest(socket);
}

class ServerAbuse : public ClientTest {
 protected:
  void listen(ServerOptions options = {}, std::size_t reply_bytes = 0) {
    auto made = HttpServer::listen(loop.get_executor(), std::move(options),
                                   [this, reply_bytes](const HttpServerRequest& request) {
                                     seen.push_back(request.method + ' ' + request.target + ' ' + request.body);
                                     HttpReply reply;
                                     reply.status = 200;
                                     reply.body.assign(reply_bytes, 'r');
                                     return reply;
                                   });
    if (!made) throw std::runtime_error(made.error().message);
    server = std::move(*made);
  }
  Socket connected() {
    auto socket = std::make_shared<Tcp::socket>(loop);
    socket->connect({boost::asio::ip::make_address("127.0.0.1"), server->port()});
    return socket;
  }
  std::string answer(const std::string& bytes) { return run(loop, talk(connected(), bytes)); }

  std::unique_ptr<HttpServer> server;
  std::vector<std::string> seen;
};

const std::string head = " HTTP/1.1\r\nHost: x\r\n";
const std::string last = head + "Connection: close\r\n";

TEST_F(ServerAbuse, ARequestLineTooLongGets431) {
  listen();
  EXPECT_THAT(answer("GET /" + std::string(20'000, 'x') + last + "\r\n"), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(answer(std::string(20'000, 'G')), StartsWith("HTTP/1.1 4"));
  EXPECT_TRUE(seen.empty());
}

TEST_F(ServerAbuse, ARequestThatSaysTwoLengthsIsRefused) {
  listen();
  const std::string smuggled = "5\r\nhello\r\n0\r\n\r\nGET /smuggled" + last + "\r\n";
  EXPECT_THAT(answer("POST /" + head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + smuggled),
              StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(answer("POST /" + head + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n" + smuggled),
              StartsWith("HTTP/1.1 400 "));
  EXPECT_TRUE(seen.empty());
}

TEST_F(ServerAbuse, BrokenChunksAreRefused) {
  listen();
  const std::string start = "POST /" + head + "Transfer-Encoding: chunked\r\n\r\n";
  for (const auto* const chunks : {"-1\r\n", "5\r\nhelloXY\r\n0\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "\r\n\r\n"}) {
    EXPECT_THAT(answer(start + chunks), StartsWith("HTTP/1.1 400 ")) << chunks;
  }
  EXPECT_THAT(answer(start + std::string(17, 'f') + "\r\n"), StartsWith("HTTP/1.1 4"));
  EXPECT_TRUE(seen.empty());
}

TEST_F(ServerAbuse, AChunkOfAnyClaimedSizeIsRefusedBeforeItIsRead) {
  listen();
  EXPECT_THAT(answer("POST /" + head + "Transfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n"),
              StartsWith("HTTP/1.1 413 "));
}

TEST_F(ServerAbuse, AHeadThatComesInDripsEndsWithItsDeadline) {
  ServerOptions options;
  options.header_timeout = milliseconds{100};
  listen(options);
  const auto drip = [](Socket socket) -> Task<void> {
    boost::asio::steady_timer timer{socket->get_executor()};
    boost::system::error_code error;
    for (std::string drop = "G"; !error;) {
      co_await boost::asio::async_write(*socket, boost::asio::buffer(drop),
                                        boost::asio::redirect_error(boost::asio::use_awaitable, error));
      timer.expires_after(milliseconds{2});
      co_await timer.async_wait(boost::asio::use_awaitable);
    }
  };
  const auto socket = connected();
  boost::asio::co_spawn(loop, drip(socket), [](const std::exception_ptr&) {});
  EXPECT_THAT(run(loop, rest(socket)), StartsWith("HTTP/1.1 408 "));
  turn_until(loop, [&] { return server->connections() == 0; });
}

TEST_F(ServerAbuse, AClientThatDoesNotReadItsReplyIsLetGo) {
  ServerOptions options;
  options.request_timeout = milliseconds{100};
  listen(options, 64 * 1024 * 1024);
  const auto socket = connected();
  boost::asio::write(*socket, boost::asio::buffer("GET /" + head + "\r\n"));
  turn_until(loop, [&] { return !seen.empty(); });
  turn_until(loop, [&] { return server->connections() == 0; });
  EXPECT_EQ(server->connections(), 0U);
}

TEST_F(ServerAbuse, WhoeverGoesOnSendingAfterARefusalIsCutOff) {
  listen();
  const auto pour = [](Socket socket) -> Task<void> {
    const std::string bytes(64 * 1024, 'p');
    boost::system::error_code error;
    while (!error) {
      co_await boost::asio::async_write(*socket, boost::asio::buffer(bytes),
                                        boost::asio::redirect_error(boost::asio::use_awaitable, error));
    }
  };
  const auto socket = connected();
  boost::asio::write(*socket, boost::asio::buffer("POST /" + head + "Content-Length: 99999999999\r\n\r\n"));
  boost::asio::co_spawn(loop, pour(socket), [](const std::exception_ptr&) {});
  turn_until(loop, [&] { return server->connections() == 1; });
  turn_until(loop, [&] { return server->connections() == 0; });
  EXPECT_EQ(server->connections(), 0U);
}

TEST_F(ServerAbuse, AsManyConnectionsAsAreAllowedAreHeldAndNoneMore) {
  listen();
  std::vector<Socket> crowd;
  const ServerOptions standard;
  for (std::size_t i = 0; i < standard.max_connections; ++i) crowd.push_back(connected());
  turn_until(loop, [&] { return server->connections() == standard.max_connections; });
  for (int i = 0; i < 3; ++i) EXPECT_THAT(answer(""), StartsWith("HTTP/1.1 503 "));
  EXPECT_EQ(server->connections(), standard.max_connections);
}

TEST_F(ServerAbuse, ManyPipelinedRequestsAreAnsweredWithOneAtATime) {
  listen();
  std::string many;
  for (int i = 0; i < 500; ++i) many += "GET /" + std::to_string(i) + head + "\r\n";
  const std::string replies = answer(many + "GET /end" + last + "\r\n");
  EXPECT_EQ(seen.size(), 501U);
  EXPECT_THAT(replies, EndsWith("\r\n\r\n"));
}

TEST_F(ServerAbuse, ATargetInAbsoluteFormIsGivenOnAsItCame) {
  listen();
  EXPECT_THAT(answer("GET http://evil.example/x" + last + "\r\n"), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(seen, std::vector<std::string>{"GET http://evil.example/x "});
}

TEST_F(ServerAbuse, WhatIsNoRequestHarmsNobodyElse) {
  listen();
  const auto good = connected();
  turn_until(loop, [&] { return server->connections() == 1; });
  for (const std::string& bytes : {std::string(1'000, '\0'), std::string(1'000, '\n'), std::string{"\r\n\r\n\r\n"},
                                   std::string{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"}, std::string{"GET"}}) {
    const auto socket = connected();
    boost::asio::write(*socket, boost::asio::buffer(bytes));
    boost::system::error_code ignored;
    socket->shutdown(Tcp::socket::shutdown_send, ignored);
    EXPECT_THAT(run(loop, rest(socket)), AnyOf(StartsWith("HTTP/1.1 4"), std::string{}));
  }
  EXPECT_THAT(run(loop, talk(good, "GET /" + last + "\r\n")), StartsWith("HTTP/1.1 200 "));
}

}  // namespace
}  // namespace mentiond::http
