#include "raw_server.h"

#include <charconv>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace mentiond::http {

using boost::asio::redirect_error;
using boost::asio::use_awaitable;
using boost::system::error_code;
using Tcp = boost::asio::ip::tcp;

Task<std::string> Peer::some() {
  std::string bytes(16 * 1024, '\0');
  error_code error;
  std::size_t count = 0;
  if (tls_) {
    count = co_await tls_->async_read_some(boost::asio::buffer(bytes), redirect_error(use_awaitable, error));
  } else {
    count = co_await socket_.async_read_some(boost::asio::buffer(bytes), redirect_error(use_awaitable, error));
  }
  bytes.resize(count);
  co_return bytes;
}

Task<std::string> Peer::request() {
  for (;;) {
    if (const auto end = unread_.find("\r\n\r\n"); end != std::string::npos) {
      std::size_t length = 0;
      if (const auto at = unread_.find("Content-Length: "); at < end) {
        std::from_chars(unread_.data() + at + 16, unread_.data() + end, length);
      }
      if (unread_.size() >= end + 4 + length) {
        std::string whole = unread_.substr(0, end + 4 + length);
        unread_.erase(0, whole.size());
        co_return whole;
      }
    }
    const std::string more = co_await some();
    if (more.empty()) co_return std::string{};
    unread_ += more;
  }
}

Task<void> Peer::send(std::string_view bytes) {
  error_code error;
  const auto all = boost::asio::buffer(bytes.data(), bytes.size());
  if (tls_) {
    co_await boost::asio::async_write(*tls_, all, redirect_error(use_awaitable, error));
  } else {
    co_await boost::asio::async_write(socket_, all, redirect_error(use_awaitable, error));
  }
}

Task<void> Peer::send_slowly(std::string_view bytes) {
  for (const char& byte : bytes) {
    const std::string_view one{&byte, 1};
    co_await send(one);
    // Lets the reader take it, so that it meets every boundary.
    co_await boost::asio::post(socket_.get_executor(), use_awaitable);
  }
}

Task<void> Peer::wait_for_close() {
  for (std::string bytes = "?"; !bytes.empty();) bytes = co_await some();
}

Task<bool> Peer::shake_hands(boost::asio::ssl::context& context) {
  tls_.emplace(socket_, context);
  error_code error;
  co_await tls_->async_handshake(boost::asio::ssl::stream_base::server, redirect_error(use_awaitable, error));
  co_return !error;
}

void Peer::close() {
  error_code ignored;
  socket_.close(ignored);
}

void Peer::reset() {
  error_code ignored;
  socket_.set_option(boost::asio::socket_base::linger{true, 0}, ignored);
  socket_.close(ignored);
}

struct RawServer::State {
  State(boost::asio::io_context& loop, Script play, boost::asio::ssl::context* secure)
      : acceptor(loop, {boost::asio::ip::make_address("127.0.0.1"), 0}), script(std::move(play)), context(secure) {}

  static Task<void> play(std::shared_ptr<State> self, Peer peer) {
    if (self->context != nullptr) {
      const bool secure = co_await peer.shake_hands(*self->context);
      if (!secure) co_return;
    }
    co_await self->script(peer);
  }
  static Task<void> accept(std::shared_ptr<State> self) {
    for (;;) {
      error_code error;
      auto socket = co_await self->acceptor.async_accept(redirect_error(use_awaitable, error));
      if (error) co_return;
      ++self->accepted;
      const auto executor = self->acceptor.get_executor();
      boost::asio::co_spawn(executor, play(self, Peer{std::move(socket)}), boost::asio::detached);
    }
  }

  Tcp::acceptor acceptor;
  Script script;
  boost::asio::ssl::context* context;
  int accepted = 0;
};

RawServer::RawServer(boost::asio::io_context& loop, Script script, boost::asio::ssl::context* context)
    : state_(std::make_shared<State>(loop, std::move(script), context)) {
  boost::asio::co_spawn(loop, State::accept(state_), boost::asio::detached);
}

RawServer::~RawServer() {
  error_code ignored;
  state_->acceptor.close(ignored);
}

std::uint16_t RawServer::port() const { return state_->acceptor.local_endpoint().port(); }
int RawServer::accepted() const { return state_->accepted; }

Endpoint RawServer::endpoint(std::string host) const {
  return Endpoint{state_->context != nullptr, std::move(host), port(), ""};
}

RawServer::Script always(std::string reply) {
  return [reply = std::move(reply)](Peer& peer) -> Task<void> {
    for (;;) {
      const std::string request = co_await peer.request();
      if (request.empty()) co_return;
      co_await peer.send(reply);
    }
  };
}

RawServer::Script once(std::string reply) {
  return [reply = std::move(reply)](Peer& peer) -> Task<void> {
    co_await peer.request();
    co_await peer.send(reply);
  };
}

}  // namespace mentiond::http
