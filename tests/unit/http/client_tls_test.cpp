// TLS against servers with good and bad certificates.
#include <filesystem>
#include <fstream>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>

#include "certificates.h"
#include "client_test.h"

namespace mentiond::http {
namespace {

using ::testing::HasSubstr;
using Tcp = boost::asio::ip::tcp;

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const std::string both_names = "DNS:localhost,IP:127.0.0.1";

class ClientTls : public ClientTest {
 protected:
  ClientTls() {
    std::string pattern = (std::filesystem::temp_directory_path() / "mentiond-tls-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder = pattern;
    ca_file = folder / "ca.pem";
    authority.write_pem(ca_file);
  }
  ~ClientTls() override { std::filesystem::remove_all(folder); }

  [[nodiscard]] Options trusting(const RawServer& server, const std::string& host = "localhost") const {
    Options options;
    options.endpoints = {server.endpoint(host)};
    options.trust.ca_file = ca_file;
    return options;
  }
  // The failure that a server with this certificate meets.
  std::string failure_with(const Certificate& certificate, const std::string& host = "localhost") {
    const auto context = certificate.server_context();
    RawServer server{loop, always(ok), context.get()};
    const auto reply = get(trusting(server, host));
    EXPECT_EQ(kind_of(reply), "tls");
    return reply ? "" : reply.error().message;
  }

  const Certificate authority{{"test authority", "", -3600, 3600, true}};
  const Certificate good{{"good", both_names}, &authority};
  std::filesystem::path folder;
  std::filesystem::path ca_file;
};

TEST_F(ClientTls, AVerifiedServerIsSpokenToByNameAndByAddress) {
  const auto context = good.server_context();
  RawServer server{loop, always(ok), context.get()};
  EXPECT_EQ(kind_of(get(trusting(server))), "status 200");
  EXPECT_EQ(kind_of(get(trusting(server, "127.0.0.1"))), "status 200");
}

TEST_F(ClientTls, AKeptConnectionSparesTheHandshake) {
  const auto context = good.server_context();
  RawServer server{loop, always(ok), context.get()};
  const auto one = client(trusting(server));
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(send(*one));
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(ClientTls, LargeBodiesGoBothWays) {
  const auto context = good.server_context();
  const std::string body(1'000'000, 'x');
  RawServer server{loop, always("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + body), context.get()};
  HttpRequest request;
  request.method = "POST";
  request.body = body;
  const auto reply = send(*client(trusting(server)), request);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, body);
}

int note_name(SSL* ssl, int*, void* out) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  *static_cast<std::string*>(out) = name == nullptr ? "none" : name;
  return SSL_TLSEXT_ERR_OK;
}

TEST_F(ClientTls, TheNameGoesWithTheHandshake) {
  const auto context = good.server_context();
  std::string asked;
  // The macro for this call has a cast of C's in it.
  SSL_CTX_callback_ctrl(context->native_handle(), SSL_CTRL_SET_TLSEXT_SERVERNAME_CB,
                        reinterpret_cast<void (*)()>(&note_name));
  SSL_CTX_ctrl(context->native_handle(), SSL_CTRL_SET_TLSEXT_SERVERNAME_ARG, 0, &asked);
  RawServer server{loop, always(ok), context.get()};
  ASSERT_TRUE(get(trusting(server)));
  EXPECT_EQ(asked, "localhost");
  ASSERT_TRUE(get(trusting(server, "127.0.0.1")));
  EXPECT_EQ(asked, "none");
}

TEST_F(ClientTls, AnExpiredCertificateIsRefused) {
  EXPECT_THAT(failure_with(Certificate{{"old", both_names, -7200, -3600}, &authority}), HasSubstr("has expired"));
}

TEST_F(ClientTls, ACertificateOfTomorrowIsRefused) {
  EXPECT_THAT(failure_with(Certificate{{"new", both_names, 3600, 7200}, &authority}), HasSubstr("not valid yet"));
}

TEST_F(ClientTls, ACertificateForAnotherNameIsRefused) {
  const Certificate other{{"other", "DNS:other.example.org,IP:127.0.0.2"}, &authority};
  EXPECT_THAT(failure_with(other), HasSubstr("not for localhost"));
  EXPECT_THAT(failure_with(other, "127.0.0.1"), HasSubstr("not for 127.0.0.1"));
}

TEST_F(ClientTls, ASelfSignedCertificateIsRefused) {
  EXPECT_THAT(failure_with(Certificate{{"self", both_names}}), HasSubstr("self-signed"));
}

TEST_F(ClientTls, AnUnknownAuthorityIsRefused) {
  const Certificate stranger{{"another authority", "", -3600, 3600, true}};
  EXPECT_THAT(failure_with(Certificate{{"good", both_names}, &stranger}), HasSubstr("authority is unknown"));
}

TEST_F(ClientTls, AServerOfOldTlsIsRefused) {
  const auto context = good.server_context();
  SSL_CTX_set_security_level(context->native_handle(), 0);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_1_VERSION);
  SSL_CTX_set_max_proto_version(context->native_handle(), TLS1_1_VERSION);
  RawServer server{loop, always(ok), context.get()};
  const auto reply = get(trusting(server));
  EXPECT_EQ(kind_of(reply), "tls");
  EXPECT_THAT(reply.error().message, HasSubstr("older than 1.2"));
}

TEST_F(ClientTls, Tls12IsEnough) {
  const auto context = good.server_context();
  SSL_CTX_set_max_proto_version(context->native_handle(), TLS1_2_VERSION);
  RawServer server{loop, always(ok), context.get()};
  EXPECT_EQ(kind_of(get(trusting(server))), "status 200");
}

TEST_F(ClientTls, APlainServerIsNotSpokenToInPlain) {
  std::string heard;
  RawServer server{loop, [&heard](Peer& peer) -> Task<void> {
                     heard = co_await peer.some();
                     co_await peer.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
                   }};
  Options options = trusting(server);
  options.endpoints[0].tls = true;
  const auto reply = get(options);
  EXPECT_EQ(kind_of(reply), "tls");
  EXPECT_THAT(reply.error().message, HasSubstr("does not speak TLS"));
  EXPECT_EQ(server.accepted(), 1);
  EXPECT_EQ(heard.find("GET"), std::string::npos);
}

TEST_F(ClientTls, AServerThatHangsUpInTheHandshakeIsNamed) {
  RawServer server{loop, [](Peer& peer) -> Task<void> { co_await peer.some(); }};
  Options options = trusting(server);
  options.endpoints[0].tls = true;
  const auto reply = get(options);
  EXPECT_EQ(kind_of(reply), "tls");
  EXPECT_THAT(reply.error().message, HasSubstr("during the TLS handshake"));
}

TEST_F(ClientTls, AReplyWithoutLengthIsCutByAPlainClose) {
  const auto context = good.server_context();
  RawServer server{loop, once("HTTP/1.0 200 OK\r\n\r\nhalf of"), context.get()};
  EXPECT_EQ(kind_of(get(trusting(server))), "cut");
}

TEST_F(ClientTls, ACutFailsAtEveryByte) {
  const auto context = good.server_context();
  std::size_t at = 0;
  RawServer server{loop,
                   [&at](Peer& peer) -> Task<void> {
                     co_await peer.request();
                     co_await peer.send(std::string_view{ok}.substr(0, at));
                   },
                   context.get()};
  const auto one = client(trusting(server));
  for (; at < ok.size(); ++at) EXPECT_EQ(kind_of(send(*one)), "cut") << at;
}

TEST_F(ClientTls, TheSystemsStoreIsTrusted) {
  // A store of the test's own takes the system's place, as SSL_CERT_FILE lets it.
  setenv("SSL_CERT_FILE", ca_file.c_str(), 1);
  const auto context = good.server_context();
  RawServer server{loop, always(ok), context.get()};
  Options options = trusting(server);
  options.trust.ca_file.clear();
  EXPECT_EQ(kind_of(get(options)), "status 200");
  unsetenv("SSL_CERT_FILE");
}

TEST_F(ClientTls, AFileWithoutCertificateIsRefusedAtOnce) {
  std::ofstream{folder / "empty.pem"} << "nothing";
  Options options;
  options.endpoints = {{true, "localhost", 443, ""}};
  options.trust.ca_file = folder / "empty.pem";
  const auto made = HttpClient::create(loop.get_executor(), options, "t");
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("empty.pem"));
}

using SharedSocket = std::shared_ptr<Tcp::socket>;

Task<void> pump(SharedSocket from, SharedSocket to) {
  std::vector<char> bytes(16 * 1024);
  for (;;) {
    boost::system::error_code error;
    const auto count = co_await from->async_read_some(boost::asio::buffer(bytes),
                                                      boost::asio::redirect_error(boost::asio::use_awaitable, error));
    if (error) break;
    co_await boost::asio::async_write(*to, boost::asio::buffer(bytes.data(), count),
                                      boost::asio::redirect_error(boost::asio::use_awaitable, error));
    if (error) break;
  }
  boost::system::error_code ignored;
  to->shutdown(Tcp::socket::shutdown_send, ignored);
}

// The client asks for a name that it could not resolve itself; the proxy knows where it lives.
TEST_F(ClientTls, ATunnelThroughAProxyIsVerifiedEndToEnd) {
  const Certificate far{{"far", "DNS:far.invalid"}, &authority};
  const auto context = far.server_context();
  RawServer server{loop, always(ok), context.get()};
  std::string asked;
  RawServer proxy{loop, [&](Peer& peer) -> Task<void> {
                    asked = co_await peer.request();
                    const auto onward = std::make_shared<Tcp::socket>(loop);
                    const Tcp::endpoint place{boost::asio::ip::make_address("127.0.0.1"), server.port()};
                    co_await onward->async_connect(place, boost::asio::use_awaitable);
                    co_await peer.send("HTTP/1.1 200 Connection established\r\n\r\n");
                    const auto near = std::make_shared<Tcp::socket>(std::move(peer.socket()));
                    boost::asio::co_spawn(loop, pump(onward, near), boost::asio::detached);
                    co_await pump(near, onward);
                  }};
  Options options;
  options.endpoints = {{true, "far.invalid", 443, ""}};
  options.trust.ca_file = ca_file;
  options.proxy.https_proxy = "127.0.0.1:" + std::to_string(proxy.port());
  {
    const auto one = client(options);
    EXPECT_EQ(kind_of(send(*one)), "status 200");
    EXPECT_EQ(kind_of(send(*one)), "status 200");
  }
  EXPECT_THAT(asked, ::testing::StartsWith("CONNECT far.invalid:443 HTTP/1.1"));
  EXPECT_EQ(proxy.accepted(), 1);
}

}  // namespace
}  // namespace mentiond::http
