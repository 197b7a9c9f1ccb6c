#include "http/exchange.h"

#include <algorithm>
#include <optional>

#include <boost/asio/ssl/error.hpp>
#include <boost/beast/http/error.hpp>

#include "base/ascii.h"
#include "http/endpoint.h"
#include "http/message_parser.h"

namespace mentiond::http {
namespace {

using Kind = HttpFailure::Kind;

// A body up to this size leaves in one packet with the head.
constexpr std::size_t small_body = 16 * 1024;
// An honest server sends one 100 or a few 103 before its reply.
constexpr int most_interim_replies = 8;

bool has_control(std::string_view text) {
  return std::ranges::any_of(text,
                             [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; });
}

bool has_blank_or_control(std::string_view text) {
  return has_control(text) || text.find_first_of(" \t") != std::string_view::npos;
}

std::optional<HttpFailure> check(const HttpRequest& request, const Route& route) {
  if (request.method.empty() || has_blank_or_control(request.method) || !request.target.starts_with('/') ||
      has_blank_or_control(request.target)) {
    return failure(Kind::malformed, route,
                   "the request's method or target holds characters that HTTP forbids; not sent");
  }
  for (const auto& [name, value] : request.headers) {
    if (name.empty() || has_blank_or_control(name) || has_control(value)) {
      return failure(Kind::malformed, route,
                     "the request's header '" + std::string{has_control(name) ? "?" : name} +
                         "' holds a control character (a newline in a token?); not sent");
    }
  }
  return std::nullopt;
}

// How far a conversation has come: says which deadline holds and how a failure reads.
enum class Phase : std::uint8_t { request, head, body };

class Conversation {
 public:
  Conversation(Stream& stream, const Route& route, const WireRequest& request, const ExchangeLimits& limits)
      : stream_(stream), route_(route), request_(request), limits_(limits) {}

  Task<Outcome> run();

 private:
  Task<void> send(error_code& error);
  Task<std::optional<HttpFailure>> receive(ReplyParser& reply);
  void enter(Phase phase);
  [[nodiscard]] std::chrono::milliseconds patience() const;
  [[nodiscard]] HttpFailure lost(const error_code& error) const;
  [[nodiscard]] HttpFailure late() const;
  [[nodiscard]] HttpFailure unreadable(const error_code& error) const;

  Stream& stream_;
  const Route& route_;
  const WireRequest& request_;
  const ExchangeLimits& limits_;
  Phase phase_ = Phase::request;
  std::size_t received_ = 0;
};

std::chrono::milliseconds Conversation::patience() const {
  return phase_ == Phase::head ? limits_.options.header_timeout : limits_.options.read_timeout;
}

void Conversation::enter(Phase phase) {
  phase_ = phase;
  stream_.set_deadline(std::min(limits_.total, std::chrono::steady_clock::now() + patience()));
}

HttpFailure Conversation::late() const {
  if (stream_.interruption() == Stream::Interruption::cancelled) return failure(Kind::cancelled, route_, "cancelled");
  const bool over = std::chrono::steady_clock::now() >= limits_.total;
  const std::string time = mentiond::to_text(over ? limits_.timeout : patience());
  // A server that says nothing, or not enough, is told apart from one that only takes too long over its body.
  if (phase_ == Phase::head) {
    const std::string_view got =
        received_ == 0 ? "no reply within " : "no more than a part of the reply's head within ";
    return failure(Kind::timeout, route_, std::string{got} + time);
  }
  if (over) return failure(Kind::timeout, route_, "the request took longer than its limit of " + time);
  return failure(Kind::timeout, route_,
                 (phase_ == Phase::request ? "it took no more of the request for " : "the reply stalled for ") + time);
}

HttpFailure Conversation::lost(const error_code& error) const {
  if (stream_.interruption() != Stream::Interruption::none) return late();
  const bool closed = error == boost::asio::error::eof || error == boost::asio::ssl::error::stream_truncated;
  std::string cause =
      received_ == 0 ? "the connection was lost before a reply" : "the connection was lost within the reply";
  return failure(Kind::cut, route_, closed ? cause : cause + ": " + error.message());
}

HttpFailure Conversation::unreadable(const error_code& error) const {
  if (is_size_error(error))
    return failure(Kind::too_large, route_, "the reply is beyond the limits: " + error.message());
  return failure(Kind::malformed, route_, "the reply cannot be read: " + error.message());
}

Task<void> Conversation::send(error_code& error) {
  const auto progress = [this] { enter(Phase::request); };
  enter(Phase::request);
  const bool together = request_.body.size() <= small_body;
  const std::string packet = together ? request_.head + request_.body : request_.head;
  co_await stream_.write(packet, error, progress);
  if (!together && !error) co_await stream_.write(request_.body, error, progress);
}

// Reads one reply; nothing if it arrived whole.
Task<std::optional<HttpFailure>> Conversation::receive(ReplyParser& reply) {
  error_code error;
  for (;;) {
    if (const auto bytes = stream_.buffered(); !bytes.empty()) {
      stream_.consume(reply.put(bytes, error));
      if (error && error != beast::http::error::need_more) co_return unreadable(error);
    }
    if (reply.is_done()) co_return std::nullopt;
    if (stream_.buffer_full()) co_return unreadable(ParseError::head_too_large);
    if (reply.is_header_done()) enter(Phase::body);
    received_ += co_await stream_.fill(error);
    if (!error) continue;
    // A reply without a length ends where a plain connection is closed in order, and nowhere else.
    if (error == boost::asio::error::eof && reply.is_header_done() && reply.need_eof()) {
      reply.put_eof(error);
      if (error) co_return unreadable(error);
      co_return std::nullopt;
    }
    co_return lost(error);
  }
}

Task<Outcome> Conversation::run() {
  error_code unsent;
  co_await send(unsent);
  // A server may refuse a request and hang up while we still write: its reply says more than our error.
  if (unsent && stream_.interruption() != Stream::Interruption::none) co_return Outcome{late(), Outcome::Next::drop};
  enter(Phase::head);
  const Options& options = limits_.options;
  for (int interim = 0; interim <= most_interim_replies; ++interim) {
    ReplyParser reply{{options.max_header_bytes, options.max_body_bytes, options.max_inflated_bytes}};
    reply.skip(!request_.expects_body);
    if (auto trouble = co_await receive(reply)) {
      const bool silent = received_ == 0 && trouble->kind == Kind::cut;
      co_return Outcome{std::move(*trouble), silent ? Outcome::Next::repeat : Outcome::Next::drop};
    }
    if (reply.status / 100 == 1 && reply.status != 101) continue;
    if (reply.status < 200) break;
    if (reply.status == 407 && route_.proxy && !route_.endpoint.tls) {
      auto refused = failure(Kind::connect, route_,
                             "the proxy wants a user name and password (407); put them into HTTP_PROXY's URL");
      co_return Outcome{std::move(refused), Outcome::Next::drop};
    }
    const bool clean = !unsent && reply.keep_alive() && stream_.buffered().empty();
    HttpReply whole{reply.status, std::move(reply.headers), std::move(reply.body)};
    co_return Outcome{std::move(whole), clean ? Outcome::Next::keep : Outcome::Next::drop};
  }
  co_return Outcome{failure(Kind::malformed, route_, "interim replies (1xx) without end, or a switch of protocols"),
                    Outcome::Next::drop};
}

}  // namespace

Result<std::string, HttpFailure> make_head(const HttpRequest& request, const Route& route,
                                           const std::string& user_agent, std::size_t body_size) {
  if (auto trouble = check(request, route)) return std::move(*trouble);
  const bool to_proxy = route.proxy && !route.endpoint.tls;
  Endpoint origin = route.endpoint;
  origin.path.clear();
  std::string host = to_text(origin).substr(origin.tls ? 8 : 7);
  std::string head = request.method + " " + (to_proxy ? to_text(origin) : "") + route.endpoint.path + request.target;
  head += " HTTP/1.1\r\n";
  const auto add = [&head](std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append("\r\n");
  };
  add("Host", host);
  if (!request.headers.find("User-Agent")) add("User-Agent", user_agent);
  if (!request.headers.find("Accept-Encoding")) add("Accept-Encoding", "gzip");
  if (to_proxy && !route.proxy->authorization.empty()) add("Proxy-Authorization", route.proxy->authorization);
  for (const auto& [name, value] : request.headers) {
    if (const std::string key = lower(name); key != "host" && key != "content-length") add(name, value);
  }
  if (request.gzip_body && body_size > 0) add("Content-Encoding", "gzip");
  if (body_size > 0 || (request.method != "GET" && request.method != "HEAD")) {
    add("Content-Length", std::to_string(body_size));
  }
  return head += "\r\n";
}

Task<Outcome> exchange(Stream& stream, const Route& route, const WireRequest& request, const ExchangeLimits& limits) {
  Conversation conversation{stream, route, request, limits};
  co_return co_await conversation.run();
}

}  // namespace mentiond::http
