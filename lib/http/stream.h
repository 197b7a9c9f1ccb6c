// Stream: one TCP connection, in clear text or under TLS, with a read buffer and one deadline. What client and server
// have in common. Internal to this room; on the event loop's thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/time.h"
#include "loop/task.h"

namespace mentiond::http {

using boost::system::error_code;
using Tcp = boost::asio::ip::tcp;

// The buffer is allocated once and read into again and again. Every wait ends at the deadline, or when interrupt() is
// called, with operation_aborted; interruption() then says why. Always owned by a shared_ptr that outlives the waits.
class Stream : public std::enable_shared_from_this<Stream> {
 public:
  enum class Interruption : std::uint8_t { none, deadline, cancelled };

  Stream(const boost::asio::any_io_executor& executor, std::size_t buffer_size);

  Tcp::socket& socket() { return socket_; }
  // What TLS speaks through, once start_tls() was called.
  boost::asio::ssl::stream<Tcp::socket&>& start_tls(boost::asio::ssl::context& context);
  [[nodiscard]] bool encrypted() const { return tls_.has_value(); }

  // Replaces the deadline. Moving it on is free of timer work, as it happens with every read.
  void set_deadline(SteadyTime deadline);
  void interrupt(Interruption why);
  [[nodiscard]] Interruption interruption() const { return interruption_; }
  // Lets the connection be used once more after its deadline has passed: to say so to the peer.
  void forgive() { interruption_ = Interruption::none; }
  // Called once at the next interruption: for a connection that nobody waits on.
  void on_interrupt(std::function<void()> call) { on_interrupt_ = std::move(call); }
  // A timer that never fires by itself, and that an interruption cancels: for waits on something else than the socket.
  boost::asio::steady_timer& event() { return event_; }

  // What has been read and not yet consumed.
  [[nodiscard]] std::string_view buffered() const { return {buffer_.data() + begin_, end_ - begin_}; }
  void consume(std::size_t bytes) { begin_ += bytes; }
  [[nodiscard]] bool buffer_full() const { return end_ - begin_ == buffer_.size(); }
  // Reads once, at least one byte; how many.
  Task<std::size_t> fill(error_code& error);
  // Writes all of `bytes`; `progress` is called after each part.
  Task<void> write(std::string_view bytes, error_code& error, std::function<void()> progress);

  // True if an idle connection can no longer carry a request: the peer closed it, or spoke unasked in clear text.
  [[nodiscard]] bool stale();
  // No more waits, no more bytes.
  void close();

 private:
  void watch();

  Tcp::socket socket_;
  std::optional<boost::asio::ssl::stream<Tcp::socket&>> tls_;
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer event_;
  SteadyTime deadline_ = SteadyTime::max();
  SteadyTime watched_ = SteadyTime::max();  // when the timer fires, if it waits
  Interruption interruption_ = Interruption::none;
  std::function<void()> on_interrupt_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace mentiond::http
