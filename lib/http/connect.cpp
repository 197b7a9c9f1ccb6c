#include "http/connect.h"

#include <algorithm>
#include <vector>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "http/endpoint.h"
#include "http/message_parser.h"
#include "http/tls.h"
#include "http/unix_socket.h"

namespace mentiond::http {
namespace {

using boost::asio::redirect_error;
using boost::asio::use_awaitable;
using Kind = HttpFailure::Kind;
using Trouble = std::optional<HttpFailure>;

// A proxy's answer to CONNECT is a head alone.
constexpr ParseLimits connect_limits{.head_bytes = 16 * 1024, .body_bytes = 0, .inflated_bytes = 0};

// What the resolver's handler and the coroutine share, so that either may end first.
struct Lookup {
  explicit Lookup(const Tcp::socket::executor_type& executor) : resolver(executor) {}
  Tcp::resolver resolver;
  error_code error = boost::asio::error::operation_aborted;
  std::vector<Tcp::endpoint> addresses;
};

HttpFailure interrupted(const Stream& stream, Kind kind, const Route& route, std::string_view late) {
  if (stream.interruption() == Stream::Interruption::cancelled) return failure(Kind::cancelled, route, "cancelled");
  return failure(kind, route, late);
}

Task<std::vector<Tcp::endpoint>> look_up(Stream& stream, const std::string& host, std::uint16_t port,
                                         error_code& error) {
  const auto address = boost::asio::ip::make_address(host, error);
  if (!error) co_return std::vector<Tcp::endpoint>{Tcp::endpoint{address, port}};
  const auto lookup = std::make_shared<Lookup>(stream.socket().get_executor());
  lookup->resolver.async_resolve(
      host, std::to_string(port), Tcp::resolver::numeric_service,
      [lookup, waiting = stream.weak_from_this()](const error_code& result, const Tcp::resolver::results_type& found) {
        lookup->error = result;
        for (const auto& entry : found) lookup->addresses.push_back(entry.endpoint());
        if (const auto waiter = waiting.lock()) waiter->event().cancel();
      });
  error_code woken;
  co_await stream.event().async_wait(redirect_error(use_awaitable, woken));
  error = lookup->error;
  co_return std::move(lookup->addresses);
}

// Tries one address until the earlier of `until` and the stream's own end.
Task<void> try_address(Stream& stream, const Tcp::endpoint& address, SteadyTime until, error_code& error) {
  auto& socket = stream.socket();
  error_code ignored;
  socket.close(ignored);
  socket.open(address.protocol(), error);
  if (error) co_return;
  // Without these the connection works as well: our writes are whole messages, and deadlines find dead peers.
  socket.set_option(Tcp::no_delay{true}, ignored);
  socket.set_option(boost::asio::socket_base::keep_alive{true}, ignored);
  stream.set_deadline(until);
  co_await socket.async_connect(address, redirect_error(use_awaitable, error));
}

Task<Trouble> connect(Stream& stream, const Route& route, const std::vector<Tcp::endpoint>& addresses,
                      SteadyTime deadline) {
  error_code error;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto now = std::chrono::steady_clock::now();
    const auto share = (deadline - now) / static_cast<std::int64_t>(addresses.size() - i);
    co_await try_address(stream, addresses[i], now + share, error);
    if (!error && stream.interruption() == Stream::Interruption::none) {
      stream.set_deadline(deadline);
      co_return std::nullopt;
    }
    if (stream.interruption() == Stream::Interruption::cancelled) break;
    stream.forgive();
  }
  if (stream.interruption() == Stream::Interruption::cancelled) co_return failure(Kind::cancelled, route, "cancelled");
  if (!error || error == boost::asio::error::operation_aborted) {
    co_return failure(Kind::connect, route, "no answer to the connection attempt in time");
  }
  co_return failure(Kind::connect, route, error.message());
}

Trouble judge_proxy(const ReplyParser& reply, const Stream& stream, const Route& route) {
  if (reply.status == 407) {
    return failure(Kind::connect, route,
                   "the proxy wants a user name and password (407); put them into the proxy's URL in the environment");
  }
  if (reply.status / 100 != 2) {
    return failure(Kind::connect, route, "the proxy refuses to connect with status " + std::to_string(reply.status));
  }
  // What came with the reply would be lost to TLS; an honest server waits for our first byte.
  if (!stream.buffered().empty())
    return failure(Kind::connect, route, "bytes that nobody asked for came through the proxy");
  return std::nullopt;
}

// https://www.rfc-editor.org/rfc/rfc9110#name-connect
Task<Trouble> ask_proxy(Stream& stream, const Route& route) {
  const std::string target = host_and_port(route.endpoint.host, route.endpoint.port);
  std::string request = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
  if (!route.proxy->authorization.empty()) {
    request.append("Proxy-Authorization: ").append(route.proxy->authorization).append("\r\n");
  }
  request += "\r\n";
  error_code error;
  co_await stream.write(request, error, [] {});
  ReplyParser reply{connect_limits};
  reply.eager(false);
  while (!error && !reply.is_header_done()) {
    if (stream.buffer_full()) co_return failure(Kind::connect, route, "the proxy's reply is too large");
    co_await stream.fill(error);
    if (error) break;
    stream.consume(reply.put(stream.buffered(), error));
    if (error == beast::http::error::need_more) error = {};
    if (error) co_return failure(Kind::connect, route, "the proxy does not speak HTTP: " + error.message());
  }
  if (stream.interruption() != Stream::Interruption::none) {
    co_return interrupted(stream, Kind::connect, route, "no answer from the proxy in time");
  }
  if (error) co_return failure(Kind::connect, route, "the proxy closed the connection: " + error.message());
  co_return judge_proxy(reply, stream, route);
}

Task<Trouble> shake_hands(Stream& stream, const Route& route, boost::asio::ssl::context& context) {
  auto& tls = stream.start_tls(context);
  if (const auto ready = expect_host(tls.native_handle(), route.endpoint.host); !ready) {
    co_return failure(Kind::tls, route, ready.error().message);
  }
  error_code error;
  co_await tls.async_handshake(boost::asio::ssl::stream_base::client, redirect_error(use_awaitable, error));
  if (stream.interruption() != Stream::Interruption::none) {
    co_return interrupted(stream, Kind::tls, route, "no answer to the TLS handshake in time");
  }
  if (error) co_return failure(Kind::tls, route, describe_tls_failure(tls.native_handle(), route.endpoint.host, error));
  co_return std::nullopt;
}

Trouble connect_to_socket(Stream& stream, const Route& route) {
  const auto connected = connect_unix(route.endpoint.socket);
  if (!connected) return failure(Kind::connect, route, connected.error().message);
  error_code error;
  stream.socket().assign(Tcp::v4(), *connected, error);
  if (error) return failure(Kind::connect, route, error.message());
  return std::nullopt;
}

}  // namespace

Result<Route> make_route(const Endpoint& endpoint, const ProxyEnvironment& environment) {
  auto proxy = choose_proxy(environment, endpoint);
  if (!proxy) return proxy.error();
  Route route{endpoint, std::move(*proxy), host_and_port(endpoint.host, endpoint.port)};
  if (!endpoint.socket.empty()) {
    route.proxy.reset();
    route.place = "unix:" + endpoint.socket;
  }
  if (route.proxy) route.place += " through the proxy " + host_and_port(route.proxy->host, route.proxy->port);
  return route;
}

Task<Trouble> open(Stream& stream, const Route& route, boost::asio::ssl::context* tls, SteadyTime deadline) {
  stream.set_deadline(deadline);
  if (!route.endpoint.socket.empty()) co_return connect_to_socket(stream, route);
  const std::string& host = route.proxy ? route.proxy->host : route.endpoint.host;
  const std::uint16_t port = route.proxy ? route.proxy->port : route.endpoint.port;
  error_code error;
  const auto addresses = co_await look_up(stream, host, port, error);
  if (stream.interruption() != Stream::Interruption::none) {
    co_return interrupted(stream, Kind::resolve, route,
                          "the name lookup of '" + host + "' does not end; is the name server down?");
  }
  if (error || addresses.empty()) {
    co_return failure(Kind::resolve, route, "no address for '" + host + "': " + error.message());
  }
  if (auto trouble = co_await connect(stream, route, addresses, deadline)) co_return trouble;
  if (route.proxy && route.endpoint.tls) {
    if (auto trouble = co_await ask_proxy(stream, route)) co_return trouble;
  }
  if (route.endpoint.tls) co_return co_await shake_hands(stream, route, *tls);
  co_return std::nullopt;
}

}  // namespace mentiond::http
