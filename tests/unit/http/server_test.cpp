#include "http/server.h"

#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <sys/resource.h>

#include "client_test.h"

namespace mentiond::http {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Tcp = boost::asio::ip::tcp;

HttpReply echo(const HttpServerRequest& request) {
  HttpReply reply;
  reply.status = 200;
  reply.headers.add("Content-Type", "text/plain");
  reply.body = request.method + " " + request.target + " " + request.body;
  return reply;
}

class Server : public ClientTest {
 protected:
  template <class Handler>
  std::unique_ptr<HttpServer> listen(ServerOptions options, Handler handler) {
    auto server = HttpServer::listen(loop.get_executor(), std::move(options), std::move(handler));
    if (!server) throw std::runtime_error(server.error().message);
    return std::move(*server);
  }
  std::unique_ptr<HttpServer> echoing(ServerOptions options = {}) { return listen(std::move(options), echo); }

  Tcp::socket connected(const HttpServer& server) {
    Tcp::socket socket{loop};
    socket.connect({boost::asio::ip::make_address("127.0.0.1"), server.port()});
    return socket;
  }
  // Writes `bytes`, then reads until the server closes.
  Task<std::string> talk(Tcp::socket& socket, std::string bytes) {
    boost::system::error_code error;
    co_await boost::asio::async_write(socket, boost::asio::buffer(bytes),
                                      boost::asio::redirect_error(boost::asio::use_awaitable, error));
    co_return co_await rest(socket);
  }
  Task<std::string> rest(Tcp::socket& socket) {
    std::string all;
    std::string bytes(4096, '\0');
    for (;;) {
      boost::system::error_code error;
      const auto count = co_await socket.async_read_some(
          boost::asio::buffer(bytes), boost::asio::redirect_error(boost::asio::use_awaitable, error));
      all.append(bytes, 0, count);
      if (error) co_return all;
    }
  }
  std::string answer(const HttpServer& server, const std::string& bytes) {
    auto socket = connected(server);
    return run(loop, talk(socket, bytes));
  }
  std::unique_ptr<HttpClient> client_of(const HttpServer& server) {
    Options options;
    options.endpoints = {{false, "127.0.0.1", server.port(), ""}};
    return client(options);
  }
};

const std::string head = " HTTP/1.1\r\nHost: x\r\n";
const std::string last = head + "Connection: close\r\n";

TEST_F(Server, AnswersOverOneConnection) {
  const auto server = echoing();
  const auto one = client_of(*server);
  for (int i = 0; i < 3; ++i) {
    HttpRequest request;
    request.method = "POST";
    request.target = "/status?x=1";
    request.body = "body";
    const auto reply = send(*one, request);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->body, "POST /status?x=1 body");
    EXPECT_EQ(reply->headers.find("content-type"), "text/plain");
  }
  EXPECT_EQ(server->connections(), 1U);
}

TEST_F(Server, NamesItsAddress) {
  const auto server = echoing();
  EXPECT_EQ(server->address(), "127.0.0.1:" + std::to_string(server->port()));
  ServerOptions six;
  six.host = "::1";
  if (const auto v6 = HttpServer::listen(loop.get_executor(), six, echo)) {
    EXPECT_THAT((*v6)->address(), StartsWith("[::1]:"));
  }
}

TEST_F(Server, AHandlerMayTakeItsTime) {
  const auto server = listen({}, [](HttpServerRequest request) -> Task<HttpReply> {
    co_await boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::use_awaitable);
    co_return echo(request);
  });
  const auto reply = send(*client_of(*server));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, "GET / ");
}

TEST_F(Server, AHandlerThatThrowsGivesAQuiet500) {
  const auto server =
      listen({}, [](const HttpServerRequest&) -> HttpReply { throw std::runtime_error("inner secret"); });
  const auto reply = send(*client_of(*server));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 500);
  EXPECT_THAT(reply->body, Not(HasSubstr("secret")));
}

TEST_F(Server, AHeadHasTheLengthButNoBody) {
  const auto server = echoing();
  const std::string reply = answer(*server, "HEAD /x" + last + "\r\n");
  EXPECT_THAT(reply,
              AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("Content-Length: 7\r\n"), EndsWith("\r\n\r\n")));
}

TEST_F(Server, AStatusWithoutBodyHasNoLength) {
  const auto server = listen({}, [](const HttpServerRequest&) {
    HttpReply reply;
    reply.status = 204;
    return reply;
  });
  EXPECT_EQ(answer(*server, "GET /" + last + "\r\n"), "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
}

TEST_F(Server, PipelinedRequestsAreAnsweredInOrder) {
  const auto server = echoing();
  const std::string reply =
      answer(*server, "GET /1" + head + "\r\nPOST /2" + head + "Content-Length: 3\r\n\r\nabcGET /3" + last + "\r\n");
  EXPECT_LT(reply.find("GET /1 "), reply.find("POST /2 abc"));
  EXPECT_LT(reply.find("POST /2 abc"), reply.find("GET /3 "));
  EXPECT_NE(reply.find("GET /3 "), std::string::npos);
}

TEST_F(Server, AnOldClientIsClosedAfterItsReply) {
  const auto server = echoing();
  EXPECT_THAT(answer(*server, "GET /old HTTP/1.0\r\n\r\n"),
              AllOf(HasSubstr("Connection: close"), EndsWith("GET /old ")));
}

TEST_F(Server, AHeaderOfAHandlerCannotForgeAnother) {
  const auto server = listen({}, [](const HttpServerRequest&) {
    HttpReply reply;
    reply.status = 200;
    reply.headers.add("X-Echo", "a\r\nX-Forged: 1");
    reply.headers.add("Content-Length", "999");
    return reply;
  });
  const std::string reply = answer(*server, "GET /" + last + "\r\n");
  EXPECT_THAT(reply, AllOf(Not(HasSubstr("\nX-Forged")), HasSubstr("Content-Length: 0\r\n"), Not(HasSubstr("999"))));
}

TEST_F(Server, ABodyMayWaitForAWord) {
  const auto server = echoing();
  auto socket = connected(*server);
  const auto conversation = [&]() -> Task<std::string> {
    const std::string request = "POST /" + last + "Expect: 100-continue\r\nContent-Length: 4\r\n\r\n";
    co_await boost::asio::async_write(socket, boost::asio::buffer(request), boost::asio::use_awaitable);
    std::array<char, 25> interim{};
    co_await boost::asio::async_read(socket, boost::asio::buffer(interim), boost::asio::use_awaitable);
    EXPECT_EQ(std::string(interim.data(), interim.size()), "HTTP/1.1 100 Continue\r\n\r\n");
    co_return co_await talk(socket, "body");
  };
  EXPECT_THAT(run(loop, conversation()), EndsWith("POST / body"));
}

TEST_F(Server, MalformedRequestsGet400AndAreClosed) {
  const auto server = echoing();
  const std::vector<std::string> requests = {"NONSENSE\r\n\r\n",
                                             "GET / HTTP/3.0\r\n\r\n",
                                             "GET / HTTP/1.1\r\nno colon\r\n\r\n",
                                             "GET / HTTP/1.1\r\n\r\n",
                                             "GET /" + head + "Content-Length: x\r\n\r\n",
                                             "GET /" + head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
                                             "GET /" + head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
                                             std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n", 11)};
  for (const std::string& request : requests) {
    EXPECT_THAT(answer(*server, request), StartsWith("HTTP/1.1 400 ")) << request;
  }
  turn_until(loop, [&] { return server->connections() == 0; });
}

TEST_F(Server, OversizedRequestsAreRefusedByName) {
  const auto server = echoing();
  const std::string long_head = "GET /" + head + "X: " + std::string(20'000, 'x') + "\r\n\r\n";
  EXPECT_THAT(answer(*server, long_head), StartsWith("HTTP/1.1 431 "));
  std::string many = "GET /" + head;
  for (int i = 0; i < 300; ++i) many += "F: 1\r\n";
  EXPECT_THAT(answer(*server, many + "\r\n"), StartsWith("HTTP/1.1 431 "));
  const std::string body(65'537, 'b');
  EXPECT_THAT(answer(*server, "POST /" + head + "Content-Length: 65537\r\n\r\n" + body), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(answer(*server, "POST /" + head + "Transfer-Encoding: chunked\r\n\r\n10001\r\n" + body + "\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(answer(*server, "POST /" + last + "Content-Length: 65536\r\n\r\n" + body.substr(1)),
              StartsWith("HTTP/1.1 200 "));
}

TEST_F(Server, ASlowHeadGets408) {
  ServerOptions options;
  options.header_timeout = milliseconds{20};
  const auto server = echoing(options);
  EXPECT_THAT(answer(*server, "GET /"), StartsWith("HTTP/1.1 408 "));
}

TEST_F(Server, ASlowBodyGets408) {
  ServerOptions options;
  options.request_timeout = milliseconds{20};
  const auto server = echoing(options);
  EXPECT_THAT(answer(*server, "POST /" + head + "Content-Length: 10\r\n\r\nfive!"), StartsWith("HTTP/1.1 408 "));
}

TEST_F(Server, AnIdleConnectionIsClosedWithoutAWord) {
  ServerOptions options;
  options.idle_timeout = milliseconds{20};
  const auto server = echoing(options);
  EXPECT_EQ(answer(*server, ""), "");
  EXPECT_THAT(answer(*server, "GET /" + head + "\r\n"), EndsWith("GET / "));
}

TEST_F(Server, OneConnectionTooManyIsTurnedAway) {
  ServerOptions options;
  options.max_connections = 2;
  const auto server = echoing(options);
  auto first = connected(*server);
  auto second = connected(*server);
  turn_until(loop, [&] { return server->connections() == 2; });
  EXPECT_THAT(answer(*server, ""), StartsWith("HTTP/1.1 503 "));
  first.close();
  turn_until(loop, [&] { return server->connections() == 1; });
  EXPECT_THAT(answer(*server, "GET /" + last + "\r\n"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(Server, WithoutFileDescriptorsItWaitsInsteadOfSpinning) {
  const auto server = echoing();
  Tcp::socket socket{loop, Tcp::v4()};
  loop.poll();  // the acceptor waits
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = static_cast<rlim_t>(socket.native_handle()) + 1;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  socket.connect({boost::asio::ip::make_address("127.0.0.1"), server->port()});
  loop.restart();
  const auto turns = loop.run_for(milliseconds{150});
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(server->connections(), 0U);
  EXPECT_LT(turns, 20U);
  EXPECT_THAT(run(loop, talk(socket, "GET /" + last + "\r\n")), StartsWith("HTTP/1.1 200 "));
}

TEST_F(Server, ATakenPortIsNamedWithTheRemedy) {
  const auto server = echoing();
  ServerOptions same;
  same.port = server->port();
  const auto second = HttpServer::listen(loop.get_executor(), same, echo);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, AllOf(HasSubstr(server->address()), HasSubstr("already in use")));
}

TEST_F(Server, AnAddressOfAnotherMachineIsRefused) {
  const auto refused = [this](const std::string& host) {
    ServerOptions options;
    options.host = host;
    const auto server = HttpServer::listen(loop.get_executor(), options, echo);
    return server ? std::string{"bound"} : server.error().message;
  };
  EXPECT_THAT(refused("192.0.2.1"), HasSubstr("no interface"));
  EXPECT_THAT(refused("not an address"), HasSubstr("not an address"));
  EXPECT_EQ(refused("localhost"), "bound");
}

TEST_F(Server, StopLetsRequestsUnderWayFinish) {
  boost::asio::steady_timer gate{loop, boost::asio::steady_timer::time_point::max()};
  bool asked = false;
  const auto server = listen({}, [&](HttpServerRequest request) -> Task<HttpReply> {
    asked = true;
    boost::system::error_code error;
    co_await gate.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, error));
    co_return echo(request);
  });
  auto idle = connected(*server);
  auto busy = connected(*server);
  boost::asio::write(busy, boost::asio::buffer("GET /busy" + head + "\r\n"));
  turn_until(loop, [&] { return asked && server->connections() == 2; });
  server->stop();
  EXPECT_EQ(run(loop, rest(idle)), "");
  Tcp::socket late{loop, Tcp::v4()};
  boost::system::error_code refused;
  late.connect({boost::asio::ip::make_address("127.0.0.1"), server->port()}, refused);
  EXPECT_TRUE(refused);
  gate.cancel();
  EXPECT_THAT(run(loop, rest(busy)), AllOf(HasSubstr("Connection: close"), EndsWith("GET /busy ")));
  turn_until(loop, [&] { return server->connections() == 0; });
}

TEST_F(Server, ItsEndClosesEverything) {
  auto server = echoing();
  auto socket = connected(*server);
  turn_until(loop, [&] { return server->connections() == 1; });
  server.reset();
  EXPECT_EQ(run(loop, rest(socket)), "");
}

TEST_F(Server, ManyClientsAtOnceAreAllServed) {
  const auto server = echoing();
  const auto one = client_of(*server);
  int served = 0;
  for (int i = 0; i < 60; ++i) {
    boost::asio::co_spawn(loop, one->send({}),
                          [&](std::exception_ptr, const Reply& reply) { served += reply ? 1 : 0; });
  }
  turn_until(loop, [&] { return served == 60; });
  EXPECT_EQ(served, 60);
}

}  // namespace
}  // namespace mentiond::http
