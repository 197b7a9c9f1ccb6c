#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <variant>

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/status.hpp>

#include "base/ascii.h"
#include "http/message_parser.h"
#include "http/server_state.h"

namespace mentiond::http {
namespace {

using std::chrono::steady_clock;

// After a refusal the peer may still be sending. Closing at once would reset the connection and take our reply from its
// hands, so that we read on for a little: this much, this long.
constexpr std::chrono::milliseconds linger_time{1'000};
constexpr std::size_t linger_bytes = 1024 * 1024;

struct Refusal {
  int status;
};
struct Gone {};  // the peer left, or had nothing more to ask
struct Request {
  HttpServerRequest message;
  bool head_only;
  bool keep_alive;
};
using Incoming = std::variant<Request, Refusal, Gone>;

// The text of a reply: its head, and its body unless the request was a HEAD or the status allows none (RFC 9110, 8.6).
std::string to_wire(const HttpReply& reply, bool head_only, bool keep_alive) {
  const auto reason = beast::http::obsolete_reason(static_cast<beast::http::status>(reply.status));
  std::string out = "HTTP/1.1 " + std::to_string(reply.status) + " ";
  out.append(reason.data(), reason.size()).append("\r\n");
  for (const auto& [name, value] : reply.headers) {
    if (const std::string key = lower(name); key == "content-length" || key == "connection") continue;
    std::string safe = value;
    std::ranges::replace_if(safe, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    out.append(name).append(": ").append(safe).append("\r\n");
  }
  const bool bodiless = reply.status / 100 == 1 || reply.status == 204 || reply.status == 304;
  if (!bodiless) out.append("Content-Length: ").append(std::to_string(reply.body.size())).append("\r\n");
  if (!keep_alive) out += "Connection: close\r\n";
  out += "\r\n";
  if (!bodiless && !head_only) out += reply.body;
  return out;
}

Refusal refuse(const beast::error_code& error) {
  if (error == beast::http::error::body_limit) return {413};
  if (is_size_error(error)) return {431};
  return {400};
}

// Every HTTP/1.1 request names its host (RFC 9112, 3.2): one that does not is likely no HTTP client at all.
bool named_host(const RequestParser& parser) { return parser.version < 11 || parser.headers.find("Host").has_value(); }

class ServerConversation {
 public:
  ServerConversation(ServerState& state, Connection& connection)
      : state_(state), connection_(connection), stream_(*connection.stream) {}

  Task<void> run();

 private:
  Task<bool> await_request();
  Task<Incoming> read();
  Task<void> invite(const RequestParser& parser);
  Task<HttpReply> answer(HttpServerRequest request);
  Task<bool> reply(const HttpReply& reply, bool head_only, bool keep_alive);
  Task<void> refuse_and_leave(int status);

  ServerState& state_;
  Connection& connection_;
  Stream& stream_;
  SteadyTime begun_{};  // the first byte of the request was seen
};

// False if the connection ends without another request.
Task<bool> ServerConversation::await_request() {
  connection_.phase = Connection::Phase::idle;
  if (stream_.buffered().empty()) {
    if (!state_.acceptor.is_open()) co_return false;
    stream_.set_deadline(steady_clock::now() + state_.options.idle_timeout);
    error_code error;
    co_await stream_.fill(error);
    if (error) co_return false;
  }
  connection_.phase = Connection::Phase::reading;
  begun_ = steady_clock::now();
  co_return true;
}

// curl and others wait for a word before they send a large body (RFC 9110, 10.1.1).
Task<void> ServerConversation::invite(const RequestParser& parser) {
  const auto expected = parser.headers.find("Expect");
  if (!expected || lower(*expected) != "100-continue") co_return;
  error_code ignored;
  co_await stream_.write("HTTP/1.1 100 Continue\r\n\r\n", ignored, [] {});
}

Task<Incoming> ServerConversation::read() {
  const ServerOptions& options = state_.options;
  RequestParser parser{{options.max_head_bytes, options.max_body_bytes, 0}};
  error_code error;
  stream_.set_deadline(begun_ + std::min(options.header_timeout, options.request_timeout));
  for (bool invited = false;;) {
    if (const auto bytes = stream_.buffered(); !bytes.empty()) {
      stream_.consume(parser.put(bytes, error));
      if (error && error != beast::http::error::need_more) co_return refuse(error);
    }
    if (parser.is_done()) break;
    if (stream_.buffer_full()) co_return Refusal{431};
    if (parser.is_header_done() && !invited) {
      invited = true;
      stream_.set_deadline(begun_ + options.request_timeout);
      co_await invite(parser);
    }
    co_await stream_.fill(error);
    if (stream_.interruption() == Stream::Interruption::deadline) co_return Refusal{408};
    if (error) co_return Gone{};
  }
  if (!named_host(parser)) co_return Refusal{400};
  stream_.set_deadline(begun_ + options.request_timeout);
  Request request{{}, parser.method == "HEAD", parser.keep_alive()};
  request.message.method = request.head_only ? "GET" : std::move(parser.method);
  request.message.target = std::move(parser.target);
  request.message.headers = std::move(parser.headers);
  request.message.body = std::move(parser.body);
  co_return request;
}

Task<HttpReply> ServerConversation::answer(HttpServerRequest request) {
  try {
    co_return co_await state_.handler(std::move(request));
  } catch (const std::exception&) {
    // What it says may name what a stranger should not read.
  }
  HttpReply reply;
  reply.status = 500;
  reply.body = "internal error\n";
  co_return reply;
}

// False if the reply did not get through.
Task<bool> ServerConversation::reply(const HttpReply& reply, bool head_only, bool keep_alive) {
  connection_.phase = Connection::Phase::replying;
  error_code error;
  const std::string wire = to_wire(reply, head_only, keep_alive);
  co_await stream_.write(wire, error, [] {});
  co_return !error;
}

Task<void> ServerConversation::refuse_and_leave(int status) {
  stream_.forgive();
  stream_.set_deadline(steady_clock::now() + linger_time);
  HttpReply refusal;
  refusal.status = status;
  const bool delivered = co_await reply(refusal, false, false);
  if (!delivered) co_return;
  error_code error;
  stream_.socket().shutdown(Tcp::socket::shutdown_send, error);
  for (std::size_t seen = 0; !error && seen < linger_bytes;) {
    stream_.consume(stream_.buffered().size());
    seen += co_await stream_.fill(error);
  }
}

Task<void> ServerConversation::run() {
  while (co_await await_request()) {
    Incoming incoming = co_await read();
    if (const auto* refusal = std::get_if<Refusal>(&incoming)) {
      co_await refuse_and_leave(refusal->status);
      co_return;
    }
    auto* request = std::get_if<Request>(&incoming);
    if (request == nullptr) co_return;
    HttpReply answered = co_await answer(std::move(request->message));
    const bool keep_alive = request->keep_alive && state_.acceptor.is_open();
    const bool delivered = co_await reply(answered, request->head_only, keep_alive);
    if (!delivered || !keep_alive) co_return;
  }
}

}  // namespace

Task<HttpReply> answer_at_once(std::shared_ptr<HttpServer::Handler> handler, HttpServerRequest request) {
  co_return (*handler)(request);
}

Task<void> serve(std::shared_ptr<ServerState> state, std::shared_ptr<Connection> connection) {
  ServerConversation conversation{*state, *connection};
  co_await conversation.run();
  connection->stream->close();
  state->connections.remove(connection);
}

}  // namespace mentiond::http
