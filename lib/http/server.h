// HttpServer: a small HTTP/1.1 server for operators and for the fakes: bounded in connections, sizes and time, so that
// nobody on its port can exhaust the process. No TLS.
//
// Keep-alive and pipelining; replies stand in the order of their requests. A HEAD reaches the handler as a GET, and the
// server leaves the body out. What is no HTTP/1.x request gets 400, too large a head 431, too large a body 413, too
// slow a request 408, and the connection is closed after each. A handler that throws gives 500. On the event loop's
// thread alone, handlers included.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>

#include "base/http_message.h"
#include "base/result.h"
#include "loop/task.h"

namespace mentiond::http {

struct HttpServerRequest {
  std::string method;
  std::string target;  // path and query as they came
  HttpHeaders headers;
  std::string body;  // as it came: still compressed if a Content-Encoding says so
};

struct ServerOptions {
  std::string host = "127.0.0.1";    // an address, or localhost
  std::uint16_t port = 0;            // 0: a free one
  std::string socket = {};           // the path of a Unix socket, mode 0600, instead of the two; empty: none
  std::size_t max_connections = 64;  // one more gets 503 and is closed
  std::size_t max_head_bytes = 16 * 1024;
  std::size_t max_body_bytes = 64 * 1024;
  std::chrono::milliseconds header_timeout{10'000};   // from a request's first byte to the end of its head
  std::chrono::milliseconds request_timeout{30'000};  // from a request's first byte to the last byte of its reply
  std::chrono::milliseconds idle_timeout{60'000};     // without a request, from the start or after a reply
};

class HttpServer {
 public:
  // `status` and `body` of the reply matter, and its headers but for Content-Length and Connection, which are the
  // server's.
  using Handler = std::function<HttpReply(const HttpServerRequest&)>;
  using TaskHandler = std::function<Task<HttpReply>(HttpServerRequest)>;

  // Binds and starts to accept at once. The error names address, port and remedy.
  static Result<std::unique_ptr<HttpServer>> listen(boost::asio::any_io_executor executor, ServerOptions options,
                                                    TaskHandler handler);
  // The same for a handler that answers at once.
  template <class Function>
    requires std::convertible_to<std::invoke_result_t<Function&, const HttpServerRequest&>, HttpReply>
  static Result<std::unique_ptr<HttpServer>> listen(boost::asio::any_io_executor executor, ServerOptions options,
                                                    Function handler) {
    return listen_plain(std::move(executor), std::move(options), Handler{std::move(handler)});
  }

  ~HttpServer();  // closes everything at once
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;       // the one that was bound; 0 for a Unix socket
  [[nodiscard]] std::string address() const;      // "127.0.0.1:9464", "[::1]:9464", "unix:/run/mentiond/admin"
  [[nodiscard]] std::size_t connections() const;  // open now

  // Accepts no more, takes a Unix socket away and closes idle connections; requests under way get their replies, within
  // their deadlines.
  void stop();

 private:
  struct State;
  explicit HttpServer(std::shared_ptr<State> state);
  static Result<std::unique_ptr<HttpServer>> listen_plain(boost::asio::any_io_executor executor, ServerOptions options,
                                                          Handler handler);
  std::shared_ptr<State> state_;
};

}  // namespace mentiond::http
