// What the parts of HttpServer share: accepting (server.cpp) and serving one connection (server_connection.cpp).
// Internal to this room; loop's thread.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <utility>

#include <boost/asio/ip/tcp.hpp>

#include "http/server.h"
#include "http/stream.h"

namespace mentiond::http {

struct Connection {
  enum class Phase : std::uint8_t {
    idle,     // no byte of a request has come: may be closed at any time
    reading,  // a request is on its way
    replying,
  };

  Connection(const boost::asio::any_io_executor& executor, std::size_t buffer_size)
      : stream(std::make_shared<Stream>(executor, buffer_size)) {}

  std::shared_ptr<Stream> stream;
  Phase phase = Phase::idle;
};

struct ServerState {
  ServerState(boost::asio::any_io_executor loop, ServerOptions chosen, HttpServer::TaskHandler answer)
      : executor(std::move(loop)), options(std::move(chosen)), handler(std::move(answer)), acceptor(executor) {}

  boost::asio::any_io_executor executor;
  ServerOptions options;
  HttpServer::TaskHandler handler;
  boost::asio::ip::tcp::acceptor acceptor;  // closed: stopping
  boost::asio::ip::tcp::endpoint bound;     // of TCP
  std::list<std::shared_ptr<Connection>> connections;
};

// Serves requests until the connection ends, then takes it off the list.
Task<void> serve(std::shared_ptr<ServerState> state, std::shared_ptr<Connection> connection);

// Wraps a handler that does not wait.
Task<HttpReply> answer_at_once(std::shared_ptr<HttpServer::Handler> handler, HttpServerRequest request);

}  // namespace mentiond::http
