// The sockets of the fakes: an HTTP/1.1 server on loopback that delivers a core's answers well or badly, as each answer
// says. It decides nothing itself.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "fakes/message.h"

namespace mentiond::fakes {

// Listens from construction on; calls the handler on the io_context's thread, one request at a time. Must live
// as long as the io_context runs.
class FaultServer {
 public:
  // Port 0 takes a free one. Throws boost::system::system_error if the port is taken.
  FaultServer(boost::asio::io_context& io, std::uint16_t port, Handler handler);

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  void accept();

  boost::asio::ip::tcp::acceptor acceptor_;
  std::shared_ptr<Handler> handler_;
  std::uint16_t port_;
};

// The same on a thread of its own, for tests inside one process. Any thread.
//
//   XSim sim{options};
//   ServerThread server{[&](const Request& r) { return sim.handle(r, now()); }};
//   ... "http://127.0.0.1:" + std::to_string(server.port()) ...
//   server.call([&] { sim.delete_posts({id}); });   // the core belongs to the server's thread
class ServerThread {
 public:
  explicit ServerThread(Handler handler, std::uint16_t port = 0);
  ~ServerThread();  // stops serving and cuts what is under way
  ServerThread(const ServerThread&) = delete;
  ServerThread& operator=(const ServerThread&) = delete;

  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }
  // Runs a function on the server's thread and waits for it.
  void call(const std::function<void()>& function);

 private:
  boost::asio::io_context io_{1};
  FaultServer server_;
  std::thread thread_;
};

}  // namespace mentiond::fakes
