#include "http/server.h"

#include <algorithm>
#include <list>
#include <optional>
#include <string_view>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/status.hpp>
#include <unistd.h>

#include "http/endpoint.h"
#include "http/message_parser.h"
#include "http/server_state.h"
#include "http/unix_socket.h"

namespace mentiond::http {

using boost::asio::redirect_error;
using boost::asio::use_awaitable;

namespace {

// While the process has no file descriptor or memory to spare, accepting is tried this often and not in a busy loop.
constexpr std::chrono::milliseconds accept_pause{100};

// Best effort, without waiting: the peer's buffer is empty, so that a few bytes fit.
void turn_away(Tcp::socket& socket) {
  error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(boost::asio::buffer(std::string_view{
                        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"}),
                    ignored);
  socket.shutdown(Tcp::socket::shutdown_send, ignored);
}

Task<void> accept_all(std::shared_ptr<ServerState> state) {
  boost::asio::steady_timer pause{state->executor};
  while (state->acceptor.is_open()) {
    auto connection = std::make_shared<Connection>(state->executor, state->options.max_head_bytes);
    error_code error;
    co_await state->acceptor.async_accept(connection->stream->socket(), redirect_error(use_awaitable, error));
    if (!state->acceptor.is_open()) co_return;
    if (error) {  // out of descriptors, or that one is gone already: nothing that hurrying would mend
      pause.expires_after(accept_pause);
      co_await pause.async_wait(redirect_error(use_awaitable, error));
    } else if (state->connections.size() >= state->options.max_connections) {
      turn_away(connection->stream->socket());
    } else {
      error_code ignored;
      connection->stream->socket().set_option(Tcp::no_delay{true}, ignored);
      state->connections.push_back(connection);
      boost::asio::co_spawn(state->executor, serve(state, std::move(connection)), boost::asio::detached);
    }
  }
}

std::string describe_bind_failure(const ServerOptions& options, const error_code& error) {
  const std::string place = host_and_port(options.host, options.port);
  if (error == boost::asio::error::address_in_use) {
    return "cannot listen on " + place +
           ": the port is already in use; stop the other program, or choose another port (0 takes a free one)";
  }
  if (error == boost::asio::error::access_denied) {
    return "cannot listen on " + place + ": not permitted; ports below 1024 need a privilege, choose a higher one";
  }
  if (error == boost::asio::error::invalid_argument) {
    return "cannot listen on " + place + ": not an address; write one such as 127.0.0.1, ::1 or 0.0.0.0";
  }
  if (error == boost::system::errc::address_not_available) {
    return "cannot listen on " + place +
           ": no interface of this machine has that address; 127.0.0.1, ::1 or 0.0.0.0 do";
  }
  return "cannot listen on " + place + ": " + error.message();
}

error_code bind(Tcp::acceptor& acceptor, const ServerOptions& options) {
  error_code error;
  auto address = boost::asio::ip::make_address(options.host == "localhost" ? "127.0.0.1" : options.host, error);
  if (error) return error;
  const Tcp::endpoint place{address, options.port};
  acceptor.open(place.protocol(), error);
  // A restarted daemon need not wait for the old one's connections to time out.
  if (!error) acceptor.set_option(boost::asio::socket_base::reuse_address{true}, error);
  if (!error) acceptor.bind(place, error);
  if (!error) acceptor.listen(boost::asio::socket_base::max_listen_connections, error);
  return error;
}

}  // namespace

struct HttpServer::State : ServerState {
  using ServerState::ServerState;
};

HttpServer::HttpServer(std::shared_ptr<State> state) : state_(std::move(state)) {}

HttpServer::~HttpServer() {
  stop();
  for (const auto& connection : state_->connections) connection->stream->interrupt(Stream::Interruption::cancelled);
}

Result<std::unique_ptr<HttpServer>> HttpServer::listen(boost::asio::any_io_executor executor, ServerOptions options,
                                                       TaskHandler handler) {
  const auto state = std::make_shared<State>(std::move(executor), std::move(options), std::move(handler));
  error_code error;
  if (!state->options.socket.empty()) {
    const auto listening = listen_unix(state->options.socket);
    if (!listening) return listening.error();
    state->acceptor.assign(Tcp::v4(), *listening, error);
  } else {
    error = bind(state->acceptor, state->options);
    if (!error) state->bound = state->acceptor.local_endpoint(error);
  }
  if (error) return fail(describe_bind_failure(state->options, error));
  boost::asio::co_spawn(state->executor, accept_all(state), boost::asio::detached);
  return std::unique_ptr<HttpServer>{new HttpServer{state}};
}

Result<std::unique_ptr<HttpServer>> HttpServer::listen_plain(boost::asio::any_io_executor executor,
                                                             ServerOptions options, Handler handler) {
  const auto shared = std::make_shared<Handler>(std::move(handler));
  return listen(std::move(executor), std::move(options), TaskHandler{[shared](HttpServerRequest request) {
                  return answer_at_once(shared, std::move(request));
                }});
}

std::uint16_t HttpServer::port() const { return state_->bound.port(); }
std::string HttpServer::address() const {
  if (!state_->options.socket.empty()) return "unix:" + state_->options.socket;
  return host_and_port(state_->bound.address().to_string(), port());
}
std::size_t HttpServer::connections() const { return state_->connections.size(); }

void HttpServer::stop() {
  error_code ignored;
  if (state_->acceptor.is_open() && !state_->options.socket.empty()) ::unlink(state_->options.socket.c_str());
  state_->acceptor.close(ignored);
  for (const auto& connection : state_->connections) {
    if (connection->phase == Connection::Phase::idle) connection->stream->interrupt(Stream::Interruption::cancelled);
  }
}

}  // namespace mentiond::http
