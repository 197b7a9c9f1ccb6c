// The way through an HTTP proxy.
#include <gmock/gmock.h>

#include "client_test.h"

namespace mentiond::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

class ClientProxy : public ClientTest {
 protected:
  // A name that only the proxy could know: whoever looks it up fails.
  static Options through(const RawServer& proxy, bool tls, const std::string& user = "") {
    const std::string url = "http://" + user + "127.0.0.1:" + std::to_string(proxy.port());
    Options options;
    options.endpoints = {{tls, "service.invalid", static_cast<std::uint16_t>(tls ? 443 : 9200), ""}};
    options.proxy = {url, url, ""};
    return options;
  }
  RawServer::Script answering(std::string reply) {
    return [this, reply = std::move(reply)](Peer& peer) -> Task<void> {
      seen = co_await peer.request();
      co_await peer.send(reply);
    };
  }
  std::string seen;
};

TEST_F(ClientProxy, APlainRequestHasTheAbsoluteForm) {
  RawServer proxy{loop, answering(ok)};
  HttpRequest request;
  request.target = "/_bulk?x=1";
  EXPECT_EQ(kind_of(send(*client(through(proxy, false, "us:pw@")), request)), "status 200");
  EXPECT_THAT(seen, StartsWith("GET http://service.invalid:9200/_bulk?x=1 HTTP/1.1\r\nHost: service.invalid:9200\r\n"));
  EXPECT_THAT(seen, HasSubstr("Proxy-Authorization: Basic dXM6cHc=\r\n"));
}

TEST_F(ClientProxy, AnEncryptedRequestAsksForATunnel) {
  RawServer proxy{loop, answering("HTTP/1.1 200 Connection established\r\n\r\n")};
  HttpRequest request;
  request.headers.add("Authorization", "Bearer x");
  const auto reply = send(*client(through(proxy, true, "us:pw@")), request);
  EXPECT_EQ(kind_of(reply), "tls");  // the script ends there
  EXPECT_EQ(seen,
            "CONNECT service.invalid:443 HTTP/1.1\r\nHost: service.invalid:443\r\n"
            "Proxy-Authorization: Basic dXM6cHc=\r\n\r\n");
}

TEST_F(ClientProxy, AProxyThatWantsAPasswordSaysSoForBothForms) {
  for (const bool tls : {false, true}) {
    RawServer proxy{loop, answering("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")};
    const auto reply = get(through(proxy, tls, "us:secret@"));
    EXPECT_EQ(kind_of(reply), "connect");
    EXPECT_THAT(reply.error().message, HasSubstr("407"));
    EXPECT_THAT(reply.error().message, HasSubstr("proxy 127.0.0.1:"));
    EXPECT_THAT(reply.error().message, Not(HasSubstr("secret")));
  }
}

TEST_F(ClientProxy, ARefusedTunnelIsAFailureToConnect) {
  for (const std::string answer :
       {"HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nnope", "HTTP/1.1 502 Bad Gateway\r\n\r\n",
        "garbage\r\n\r\n", "", "HTTP/1.1 200 OK\r\n\r\nunasked bytes"}) {
    RawServer proxy{loop, answering(answer)};
    EXPECT_EQ(kind_of(get(through(proxy, true))), "connect") << answer;
  }
  RawServer endless{loop, answering("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x'))};
  EXPECT_EQ(kind_of(get(through(endless, true))), "connect");
}

TEST_F(ClientProxy, ASilentProxyEndsWithTheConnectTimeout) {
  RawServer proxy{loop, [](Peer& peer) -> Task<void> { co_await peer.wait_for_close(); }};
  Options options = through(proxy, true);
  options.connect_timeout = std::chrono::milliseconds{30};
  const auto reply = get(options);
  EXPECT_EQ(kind_of(reply), "connect");
  EXPECT_THAT(reply.error().message, HasSubstr("in time"));
}

TEST_F(ClientProxy, LoopbackGoesDirectly) {
  RawServer proxy{loop, answering(ok)};
  RawServer server{loop, always(ok)};
  Options options = through(proxy, false);
  options.endpoints = {server.endpoint()};
  EXPECT_EQ(kind_of(get(options)), "status 200");
  EXPECT_EQ(proxy.accepted(), 0);
}

TEST_F(ClientProxy, NoProxyGoesDirectly) {
  RawServer proxy{loop, answering(ok)};
  Options options = through(proxy, false);
  options.proxy.no_proxy = ".invalid";
  EXPECT_EQ(kind_of(get(options)), "resolve");
  EXPECT_EQ(proxy.accepted(), 0);
}

}  // namespace
}  // namespace mentiond::http
