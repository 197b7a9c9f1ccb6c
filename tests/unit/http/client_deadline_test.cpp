// Servers that cannot be reached, or that keep one waiting. Each wait ends at the client's own deadline.
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gmock/gmock.h>
#include <sys/socket.h>

#include "client_test.h"
#include "hanging_resolver.h"

namespace mentiond::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;

constexpr milliseconds soon{30};

class ClientDeadline : public ClientTest {
 protected:
  // All waits but the one under test are far longer than the test's patience.
  static Options patient(const RawServer& server) {
    Options options = options_for(server);
    options.connect_timeout = options.header_timeout = options.read_timeout = stuck * 2;
    return options;
  }
  static RawServer::Script silent() {
    return [](Peer& peer) -> Task<void> { co_await peer.wait_for_close(); };
  }
  static RawServer::Script stalling_after(std::string bytes) {
    return [bytes = std::move(bytes)](Peer& peer) -> Task<void> {
      co_await peer.request();
      co_await peer.send(bytes);
      co_await peer.wait_for_close();
    };
  }
};

TEST_F(ClientDeadline, ARefusedConnectionFailsAtOnce) {
  Options options;
  {
    RawServer gone{loop, silent()};
    options.endpoints = {gone.endpoint()};
  }
  const auto reply = get(options);
  EXPECT_EQ(kind_of(reply), "connect");
  EXPECT_THAT(reply.error().message, HasSubstr("127.0.0.1:" + std::to_string(options.endpoints[0].port)));
  EXPECT_THAT(reply.error().message, HasSubstr("refused"));
}

TEST_F(ClientDeadline, AnUnknownNameIsNamed) {
  Options options;
  options.endpoints = {{false, "no-such-host.invalid", 80, ""}};
  const auto reply = get(options);
  EXPECT_EQ(kind_of(reply), "resolve");
  EXPECT_THAT(reply.error().message, HasSubstr("no-such-host.invalid"));
}

TEST_F(ClientDeadline, AHangingLookupIsLeftBehindInTime) {
  const HangingLookups hanging;
  Options options;
  options.endpoints = {{false, "hang.invalid", 80, ""}};
  options.connect_timeout = soon;
  const auto begun = steady_clock::now();
  EXPECT_EQ(kind_of(get(options)), "resolve");
  EXPECT_GE(steady_clock::now() - begun, soon);
  EXPECT_LT(steady_clock::now() - begun, stuck);
}

TEST_F(ClientDeadline, AHangingLookupCanBeCancelled) {
  const HangingLookups hanging;
  Options options;
  options.endpoints = {{false, "hang.invalid", 80, ""}};
  const auto one = client(options);
  std::string kind;
  boost::asio::co_spawn(loop, one->send({}), [&](std::exception_ptr, const Reply& reply) { kind = kind_of(reply); });
  boost::asio::co_spawn(
      loop,
      [&]() -> Task<void> {
        one->close();
        co_return;
      },
      [](std::exception_ptr) {});
  turn_until(loop, [&] { return !kind.empty(); });
  EXPECT_EQ(kind, "cancelled");
}

TEST_F(ClientDeadline, AnIpv6LiteralIsAnAddress) {
  Options options;
  options.endpoints = {{false, "::1", 1, ""}};
  const auto reply = get(options);
  EXPECT_EQ(kind_of(reply), "connect");
  EXPECT_THAT(reply.error().message, HasSubstr("[::1]:1"));
}

// A backlog that is full drops the SYN, as a host behind a silent firewall does.
TEST_F(ClientDeadline, AHalfOpenListenerEndsWithTheConnectTimeout) {
  using Tcp = boost::asio::ip::tcp;
  Tcp::acceptor listener{loop, Tcp::v4()};
  listener.bind({boost::asio::ip::make_address("127.0.0.1"), 0});
  listener.listen(0);
  std::vector<Tcp::socket> crowd;
  for (int i = 0; i < 4; ++i) {
    crowd.emplace_back(loop).open(Tcp::v4());
    crowd.back().non_blocking(true);
    const auto place = listener.local_endpoint();
    ::connect(crowd.back().native_handle(), place.data(), static_cast<socklen_t>(place.size()));  // does not wait
  }
  Options options;
  options.endpoints = {{false, "127.0.0.1", listener.local_endpoint().port(), ""}};
  options.connect_timeout = soon;
  const auto reply = get(options);
  EXPECT_EQ(kind_of(reply), "connect");
  EXPECT_THAT(reply.error().message, HasSubstr("in time"));
}

TEST_F(ClientDeadline, NoReplyEndsWithTheHeaderTimeout) {
  RawServer server{loop, silent()};
  Options options = patient(server);
  options.header_timeout = soon;
  const auto reply = get(options);
  EXPECT_EQ(kind_of(reply), "timeout");
  EXPECT_THAT(reply.error().message, HasSubstr("no reply within 30ms"));
}

TEST_F(ClientDeadline, AHeadThatTricklesEndsWithTheHeaderTimeout) {
  RawServer server{loop, stalling_after("HTTP/1.1 200 OK\r\nX-Slow: y")};
  Options options = patient(server);
  options.header_timeout = soon;
  const auto reply = get(options);
  EXPECT_EQ(kind_of(reply), "timeout");
  EXPECT_THAT(reply.error().message, HasSubstr("no more than a part of the reply's head within 30ms"));
}

// X's requests end when their head would be late anyway: what kept us waiting is said all the same.
TEST_F(ClientDeadline, SilenceUpToTheRequestsOwnLimitIsCalledNoReply) {
  RawServer server{loop, silent()};
  HttpRequest request;
  request.timeout = soon;
  const auto reply = send(*client(patient(server)), request);
  EXPECT_EQ(kind_of(reply), "timeout");
  EXPECT_THAT(reply.error().message, HasSubstr("no reply within 30ms"));
}

TEST_F(ClientDeadline, AStalledBodyEndsWithTheReadTimeout) {
  RawServer server{loop, stalling_after("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive!")};
  Options options = patient(server);
  options.read_timeout = soon;
  const auto reply = get(options);
  EXPECT_EQ(kind_of(reply), "timeout");
  EXPECT_THAT(reply.error().message, HasSubstr("stalled"));
}

TEST_F(ClientDeadline, ABodyThatIsNotTakenEndsWithTheReadTimeout) {
  RawServer server{loop, [](Peer& peer) -> Task<void> {
                     // Reads a little, and then only waits for the end of the world.
                     co_await peer.some();
                     boost::system::error_code error;
                     co_await peer.socket().async_wait(boost::asio::socket_base::wait_error,
                                                       boost::asio::redirect_error(boost::asio::use_awaitable, error));
                   }};
  Options options = patient(server);
  options.read_timeout = soon;
  HttpRequest request;
  request.method = "POST";
  request.body.assign(64U * 1024 * 1024, 'b');
  const auto reply = send(*client(options), request);
  EXPECT_EQ(kind_of(reply), "timeout");
  EXPECT_THAT(reply.error().message, HasSubstr("took no more"));
}

TEST_F(ClientDeadline, EndlessProgressEndsWithTheRequestsOwnLimit) {
  RawServer server{loop, [](Peer& peer) -> Task<void> {
                     co_await peer.request();
                     co_await peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                     while (peer.socket().is_open()) {
                       co_await peer.send_slowly("1\r\nx\r\n");
                       boost::system::error_code error;
                       peer.socket().remote_endpoint(error);
                       if (error) co_return;
                     }
                   }};
  HttpRequest request;
  request.timeout = soon;
  const auto reply = send(*client(patient(server)), request);
  EXPECT_EQ(kind_of(reply), "timeout");
  EXPECT_THAT(reply.error().message, HasSubstr("limit of 30ms"));
}

TEST_F(ClientDeadline, TheRequestsOwnLimitCoversTheConnectionToo) {
  const HangingLookups hanging;
  Options options;
  options.endpoints = {{false, "hang.invalid", 80, ""}};
  const auto one = client(options);
  HttpRequest request;
  request.timeout = soon;
  EXPECT_EQ(kind_of(send(*one, request)), "resolve");
}

TEST_F(ClientDeadline, ATlsHandshakeWithoutAnswerEndsWithTheConnectTimeout) {
  RawServer server{loop, silent()};
  Options options = patient(server);
  options.endpoints[0].tls = true;
  options.connect_timeout = soon;
  EXPECT_EQ(kind_of(get(options)), "tls");
}

TEST_F(ClientDeadline, ATimeoutOnAKeptConnectionIsNotRetried) {
  int requests = 0;
  RawServer server{loop, [&requests](Peer& peer) -> Task<void> {
                     co_await peer.request();
                     co_await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                     co_await peer.request();
                     ++requests;
                     co_await peer.wait_for_close();
                   }};
  Options options = patient(server);
  options.header_timeout = milliseconds{300};
  const auto one = client(options);
  EXPECT_EQ(kind_of(send(*one)), "status 200");
  EXPECT_EQ(kind_of(send(*one)), "timeout");
  EXPECT_EQ(requests, 1);
}

}  // namespace
}  // namespace mentiond::http
