// RawServer: a server on loopback that does to each connection exactly what the test's script says, byte by byte. It
// lives on the test's loop. With a TLS context it speaks TLS.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "http/options.h"
#include "loop/task.h"

namespace mentiond::http {

// The server's end of one connection. Nothing here throws on a peer that left: reads give "".
class Peer {
 public:
  explicit Peer(boost::asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}

  // One request with its body by Content-Length.
  Task<std::string> request();
  // What is there now, or "" at the end.
  Task<std::string> some();
  Task<void> send(std::string_view bytes);
  // One write a byte.
  Task<void> send_slowly(std::string_view bytes);
  // Until the peer closes.
  Task<void> wait_for_close();
  Task<bool> shake_hands(boost::asio::ssl::context& context);
  void close();
  void reset();  // RST instead of FIN
  // Takes the other end's place in a tunnel.
  boost::asio::ip::tcp::socket& socket() { return socket_; }

 private:
  boost::asio::ip::tcp::socket socket_;
  std::optional<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
  std::string unread_;
};

class RawServer {
 public:
  using Script = std::function<Task<void>(Peer&)>;

  // Runs `script` for each connection, which is closed when the script ends. `context` may be null.
  RawServer(boost::asio::io_context& loop, Script script, boost::asio::ssl::context* context = nullptr);
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] int accepted() const;
  [[nodiscard]] Endpoint endpoint(std::string host = "127.0.0.1") const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// A script that reads a request and sends `reply` on and on, one for each request.
RawServer::Script always(std::string reply);
// The same once, then it closes.
RawServer::Script once(std::string reply);

}  // namespace mentiond::http
