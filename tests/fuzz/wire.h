// Both ends of a connection within this process, so that the shipped conversations run over any bytes at all: no port,
// no other thread, nothing to wait for.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sys/socket.h>

#include "fuzz/promise.h"
#include "http/stream.h"

namespace mentiond::fuzz {

// The peer: says all of `bytes`, closes its half, and listens until the other end closes.
inline Task<void> play_peer(std::shared_ptr<http::Tcp::socket> socket, std::string_view bytes, std::string& heard) {
  http::error_code error;
  while (!bytes.empty() && !error) {
    const auto rest = boost::asio::buffer(bytes.data(), bytes.size());
    bytes.remove_prefix(
        co_await socket->async_write_some(rest, boost::asio::redirect_error(boost::asio::use_awaitable, error)));
  }
  socket->shutdown(http::Tcp::socket::shutdown_send, error);
  error = {};
  std::array<char, 4096> buffer{};
  while (!error) {
    const auto room = boost::asio::buffer(buffer);
    const std::size_t count =
        co_await socket->async_read_some(room, boost::asio::redirect_error(boost::asio::use_awaitable, error));
    heard.append(buffer.data(), count);
  }
}

// Gives `near` a peer that says `bytes`, and appends to `heard` what it is told. `bytes` and `heard` outlive the loop's
// run.
inline void connect_peer(boost::asio::io_context& loop, http::Tcp::socket& near, std::string_view bytes,
                         std::string& heard) {
  std::array<int, 2> ends{};
  require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0, "a pair of sockets");
  near.assign(http::Tcp::v4(), ends[0]);
  auto far = std::make_shared<http::Tcp::socket>(loop);
  far->assign(http::Tcp::v4(), ends[1]);
  boost::asio::co_spawn(loop, play_peer(std::move(far), bytes, heard), boost::asio::detached);
}

}  // namespace mentiond::fuzz
