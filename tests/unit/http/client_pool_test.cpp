// What the client sends, on which connection, and to which endpoint.
#include <gmock/gmock.h>

#include "client_test.h"
#include "http/gzip.h"

namespace mentiond::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

// Keeps the requests it saw and answers each with "ok".
RawServer::Script recording(std::vector<std::string>& requests) {
  return [&requests](Peer& peer) -> Task<void> {
    for (;;) {
      const std::string request = co_await peer.request();
      if (request.empty()) co_return;
      requests.push_back(request);
      co_await peer.send(ok);
    }
  };
}

class ClientRequest : public ClientTest {
 protected:
  std::vector<std::string> seen;
  RawServer server{loop, recording(seen)};
};

TEST_F(ClientRequest, BearsWhatHttpAsksFor) {
  Options options = options_for(server);
  options.endpoints[0].path = "/prefix";
  HttpRequest request;
  request.target = "/2/search?query=aws";
  request.headers.add("Authorization", "Bearer x");
  ASSERT_TRUE(send(*client(options), request));
  EXPECT_EQ(seen.at(0),
            "GET /prefix/2/search?query=aws HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                "\r\nUser-Agent: mentiond/test\r\nAccept-Encoding: gzip\r\nAuthorization: Bearer x\r\n\r\n");
}

TEST_F(ClientRequest, BodiesSmallAndLargeArriveWithTheirLength) {
  for (const std::size_t size : {0U, 10U, 16U * 1024, 16U * 1024 + 1, 3'000'000U}) {
    HttpRequest request;
    request.method = "POST";
    request.body.assign(size, 'b');
    ASSERT_TRUE(send(*client(options_for(server)), request));
    EXPECT_THAT(seen.back().substr(0, 300), HasSubstr("Content-Length: " + std::to_string(size) + "\r\n"));
    EXPECT_THAT(seen.back().ends_with("\r\n\r\n" + request.body), true);
  }
}

TEST_F(ClientRequest, GzipBodyIsPackedAndSaysSo) {
  HttpRequest request;
  request.method = "POST";
  request.body.assign(100'000, 'b');
  request.gzip_body = true;
  ASSERT_TRUE(send(*client(options_for(server)), request));
  const std::string& raw = seen.at(0);
  const auto end = raw.find("\r\n\r\n");
  EXPECT_THAT(raw.substr(0, end), HasSubstr("Content-Encoding: gzip"));
  EXPECT_THAT(raw.substr(0, end), HasSubstr("Content-Length: " + std::to_string(raw.size() - end - 4)));
  EXPECT_EQ(gunzip(raw.substr(end + 4), 1U << 20U), request.body);
}

TEST_F(ClientRequest, ALineBreakInATokenIsNotSent) {
  HttpRequest request;
  request.headers.add("Authorization", "Bearer abc\nX-Evil: 1");
  const auto reply = send(*client(options_for(server)), request);
  EXPECT_EQ(kind_of(reply), "malformed");
  EXPECT_THAT(reply.error().message, HasSubstr("Authorization"));
  EXPECT_THAT(reply.error().message, Not(HasSubstr("abc")));
  for (const std::string target : {"/a b", "/a\r\nX: 1", "relative"}) {
    HttpRequest bad;
    bad.target = target;
    EXPECT_EQ(kind_of(send(*client(options_for(server)), bad)), "malformed");
  }
  EXPECT_TRUE(seen.empty());
}

class ClientPool : public ClientTest {};

TEST_F(ClientPool, OneConnectionServesRequestAfterRequest) {
  RawServer server{loop, always(ok)};
  const auto one = client(options_for(server));
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(send(*one));
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(ClientPool, AServerThatWantsToCloseIsLeft) {
  RawServer server{loop, always("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")};
  const auto one = client(options_for(server));
  ASSERT_TRUE(send(*one));
  ASSERT_TRUE(send(*one));
  EXPECT_EQ(server.accepted(), 2);
}

TEST_F(ClientPool, AConnectionWithBytesLeftOverIsLeft) {
  RawServer server{loop, always(ok + "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong")};
  const auto one = client(options_for(server));
  for (int i = 0; i < 2; ++i) {
    const auto reply = send(*one);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->body, "ok");
  }
  EXPECT_EQ(server.accepted(), 2);
}

TEST_F(ClientPool, AConnectionClosedWhileIdleIsReplaced) {
  RawServer server{loop, once(ok)};
  const auto one = client(options_for(server));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(kind_of(send(*one)), "status 200");
  EXPECT_EQ(server.accepted(), 5);
}

// The race that no look at the socket can win: the server closes when the second request has just arrived.
TEST_F(ClientPool, AKeptConnectionThatDiesBeforeAReplyIsRetriedOnce) {
  for (const bool reset : {false, true}) {
    int requests = 0;
    RawServer server{loop, [&requests, reset](Peer& peer) -> Task<void> {
                       co_await peer.request();
                       ++requests;
                       co_await peer.send(ok);
                       const std::string second = co_await peer.request();
                       if (!second.empty()) ++requests;
                       if (reset) peer.reset();
                     }};
    const auto one = client(options_for(server));
    ASSERT_TRUE(send(*one));
    EXPECT_EQ(kind_of(send(*one)), "status 200");
    EXPECT_EQ(requests, 3);
    EXPECT_EQ(server.accepted(), 2);
  }
}

TEST_F(ClientPool, AFreshConnectionThatDiesIsNotRetried) {
  RawServer server{loop, [](Peer& peer) -> Task<void> { co_await peer.request(); }};
  EXPECT_EQ(kind_of(get(server)), "cut");
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(ClientPool, AKeptConnectionThatDiesWithinAReplyIsNotRetried) {
  RawServer server{loop, [](Peer& peer) -> Task<void> {
                     co_await peer.request();
                     co_await peer.send(ok);
                     co_await peer.request();
                     co_await peer.send(ok.substr(0, 20));
                   }};
  const auto one = client(options_for(server));
  ASSERT_TRUE(send(*one));
  EXPECT_EQ(kind_of(send(*one)), "cut");
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(ClientPool, ARequestForTheSameConnectionGoesOverNoOther) {
  RawServer server{loop, once(ok)};
  const auto one = client(options_for(server));
  HttpRequest bound;
  bound.same_connection = true;
  EXPECT_EQ(kind_of(send(*one, bound)), "no_connection");
  EXPECT_EQ(server.accepted(), 0);
  ASSERT_TRUE(send(*one));
  const auto reply = send(*one, bound);  // the server has closed, or is about to
  EXPECT_FALSE(reply);
  EXPECT_EQ(server.accepted(), 1);
  RawServer lasting{loop, always(ok)};
  const auto other = client(options_for(lasting));
  ASSERT_TRUE(send(*other));
  EXPECT_EQ(kind_of(send(*other, bound)), "status 200");
  EXPECT_EQ(lasting.accepted(), 1);
}

TEST_F(ClientPool, TheSameConnectionThatEndsUnderItsRequestIsGoneAndNotCut) {
  RawServer server{loop, [](Peer& peer) -> Task<void> {
                     co_await peer.request();
                     co_await peer.send(ok);
                     co_await peer.request();  // closes without a word
                   }};
  const auto one = client(options_for(server));
  ASSERT_TRUE(send(*one));
  HttpRequest bound;
  bound.same_connection = true;
  EXPECT_EQ(kind_of(send(*one, bound)), "no_connection");
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(ClientPool, AnIdleConnectionIsClosedAfterItsTime) {
  bool closed = false;
  RawServer server{loop, [&closed](Peer& peer) -> Task<void> {
                     co_await peer.request();
                     co_await peer.send(ok);
                     co_await peer.wait_for_close();
                     closed = true;
                   }};
  Options options = options_for(server);
  options.idle_timeout = std::chrono::milliseconds{20};
  const auto one = client(options);
  ASSERT_TRUE(send(*one));
  EXPECT_FALSE(closed);
  turn_until(loop, [&] { return closed; });
}

TEST_F(ClientPool, RequestsAtTheSameTimeHaveConnectionsOfTheirOwn) {
  RawServer server{loop, always(ok)};
  const auto one = client(options_for(server));
  int done = 0;
  for (int i = 0; i < 5; ++i) {
    boost::asio::co_spawn(loop, one->send({}),
                          [&done](std::exception_ptr, const Reply& reply) { done += reply ? 1 : 0; });
  }
  turn_until(loop, [&] { return done == 5; });
  EXPECT_EQ(server.accepted(), 5);
  ASSERT_TRUE(send(*one));
  EXPECT_EQ(server.accepted(), 5);
}

TEST_F(ClientPool, TheNextEndpointIsTriedAndRemembered) {
  Options options;
  {
    RawServer gone{loop, always(ok)};
    options.endpoints.push_back(gone.endpoint());
  }
  RawServer server{loop, once("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")};
  options.endpoints.push_back({false, "no-such-host.invalid", 80, ""});
  options.endpoints.push_back(server.endpoint());
  const auto one = client(options);
  EXPECT_EQ(kind_of(send(*one)), "status 200");
  EXPECT_EQ(kind_of(send(*one)), "status 200");
}

TEST_F(ClientPool, EveryEndpointThatFailedIsNamed) {
  Options options;
  for (int i = 0; i < 2; ++i) {
    RawServer gone{loop, always(ok)};
    options.endpoints.push_back(gone.endpoint());
  }
  const auto reply = get(options);
  EXPECT_EQ(kind_of(reply), "connect");
  for (const Endpoint& endpoint : options.endpoints) {
    EXPECT_THAT(reply.error().message, HasSubstr(std::to_string(endpoint.port)));
  }
}

TEST_F(ClientPool, AFailureAfterConnectingDoesNotTryTheNextEndpoint) {
  RawServer first{loop, [](Peer& peer) -> Task<void> { co_await peer.request(); }};
  RawServer second{loop, always(ok)};
  Options options;
  options.endpoints = {first.endpoint(), second.endpoint()};
  EXPECT_EQ(kind_of(get(options)), "cut");
  EXPECT_EQ(second.accepted(), 0);
}

TEST_F(ClientPool, AReplyThatComesBeforeTheBodyWasReadIsHeard) {
  RawServer server{
      loop, [](Peer& peer) -> Task<void> {
        co_await peer.some();
        co_await peer.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      }};
  HttpRequest request;
  request.method = "POST";
  request.body.assign(20'000'000, 'b');
  EXPECT_EQ(kind_of(send(*client(options_for(server)), request)), "status 413");
}

TEST_F(ClientPool, CloseCancelsWhatIsUnderWayAndWhatComes) {
  RawServer server{loop, [](Peer& peer) -> Task<void> { co_await peer.wait_for_close(); }};
  const auto one = client(options_for(server));
  std::vector<std::string> kinds;
  for (int i = 0; i < 3; ++i) {
    boost::asio::co_spawn(loop, one->send({}),
                          [&kinds](std::exception_ptr, const Reply& reply) { kinds.push_back(kind_of(reply)); });
  }
  turn_until(loop, [&] { return server.accepted() == 3; });
  one->close();
  turn_until(loop, [&] { return kinds.size() == 3; });
  EXPECT_THAT(kinds, ::testing::Each("cancelled"));
  EXPECT_EQ(kind_of(send(*one)), "cancelled");
}

TEST_F(ClientPool, ARequestOutlivesItsClientAsCancelled) {
  RawServer server{loop, [](Peer& peer) -> Task<void> { co_await peer.wait_for_close(); }};
  auto one = client(options_for(server));
  std::string kind;
  boost::asio::co_spawn(loop, one->send({}),
                        [&kind](std::exception_ptr, const Reply& reply) { kind = kind_of(reply); });
  turn_until(loop, [&] { return server.accepted() == 1; });
  one.reset();
  turn_until(loop, [&] { return !kind.empty(); });
  EXPECT_EQ(kind, "cancelled");
}

TEST_F(ClientPool, CreateRefusesWhatCannotEverWork) {
  const auto refused = [this](Options options) {
    const auto made = HttpClient::create(loop.get_executor(), std::move(options), "t");
    return made ? std::string{} : made.error().message;
  };
  EXPECT_THAT(refused({}), HasSubstr("no endpoint"));
  Options bad_proxy;
  bad_proxy.endpoints = {{true, "es", 443, ""}};
  bad_proxy.proxy.https_proxy = "socks5://p";
  EXPECT_THAT(refused(bad_proxy), HasSubstr("HTTPS_PROXY"));
  Options bad_file;
  bad_file.endpoints = {{true, "es", 443, ""}};
  bad_file.trust.ca_file = "/nonexistent/ca.pem";
  EXPECT_THAT(refused(bad_file), HasSubstr("/nonexistent/ca.pem"));
}

}  // namespace
}  // namespace mentiond::http
