#include "http/stream.h"

#include <cerrno>
#include <cstring>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sys/socket.h>

namespace mentiond::http {

using boost::asio::redirect_error;
using boost::asio::use_awaitable;

Stream::Stream(const boost::asio::any_io_executor& executor, std::size_t buffer_size)
    : socket_(executor), timer_(executor), event_(executor, SteadyTime::max()), buffer_(buffer_size) {}

boost::asio::ssl::stream<Tcp::socket&>& Stream::start_tls(boost::asio::ssl::context& context) {
  return tls_.emplace(socket_, context);
}

void Stream::set_deadline(SteadyTime deadline) {
  deadline_ = deadline;
  if (deadline < watched_) watch();
}

// A timer that fires before the deadline, which has moved on since, waits again for the rest.
void Stream::watch() {
  watched_ = deadline_;
  timer_.expires_at(deadline_);
  timer_.async_wait([self = weak_from_this()](const error_code& error) {
    const auto stream = self.lock();
    if (error || !stream) return;
    stream->watched_ = SteadyTime::max();
    if (std::chrono::steady_clock::now() >= stream->deadline_) {
      stream->deadline_ = SteadyTime::max();
      stream->interrupt(Interruption::deadline);
    } else {
      stream->set_deadline(stream->deadline_);
    }
  });
}

void Stream::interrupt(Interruption why) {
  if (interruption_ != Interruption::none) return;
  interruption_ = why;
  error_code ignored;
  socket_.cancel(ignored);
  event_.cancel();
  if (const auto call = std::exchange(on_interrupt_, nullptr)) call();
}

Task<std::size_t> Stream::fill(error_code& error) {
  error = boost::asio::error::operation_aborted;
  if (interruption_ != Interruption::none) co_return 0;
  if (begin_ == end_) {
    begin_ = end_ = 0;
  } else if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  const auto room = boost::asio::buffer(buffer_.data() + end_, buffer_.size() - end_);
  std::size_t bytes = 0;
  if (tls_) {
    bytes = co_await tls_->async_read_some(room, redirect_error(use_awaitable, error));
  } else {
    bytes = co_await socket_.async_read_some(room, redirect_error(use_awaitable, error));
  }
  end_ += bytes;
  co_return bytes;
}

Task<void> Stream::write(std::string_view bytes, error_code& error, std::function<void()> progress) {
  error = {};
  while (!bytes.empty()) {
    error = boost::asio::error::operation_aborted;
    if (interruption_ != Interruption::none) co_return;
    const auto rest = boost::asio::buffer(bytes.data(), bytes.size());
    std::size_t written = 0;
    if (tls_) {
      written = co_await tls_->async_write_some(rest, redirect_error(use_awaitable, error));
    } else {
      written = co_await socket_.async_write_some(rest, redirect_error(use_awaitable, error));
    }
    if (error) co_return;
    bytes.remove_prefix(written);
    progress();
  }
}

bool Stream::stale() {
  if (interruption_ != Interruption::none || !socket_.is_open() || begin_ != end_) return true;
  char byte = 0;
  const auto waiting = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (waiting < 0) return errno != EAGAIN && errno != EWOULDBLOCK;
  // Under TLS a session ticket may wait unread; in clear text nothing has the right to.
  return waiting == 0 || !tls_;
}

void Stream::close() {
  deadline_ = watched_ = SteadyTime::max();
  timer_.cancel();
  on_interrupt_ = nullptr;
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace mentiond::http
