#include "http/client.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "http/connect.h"
#include "http/echo.h"
#include "http/exchange.h"
#include "http/gzip.h"
#include "http/tls.h"

namespace mentiond::http {

using Kind = HttpFailure::Kind;
using Reply = Result<HttpReply, HttpFailure>;

namespace {

// One read takes what a loopback or a fast network has ready; TLS records are 16 KiB at most.
constexpr std::size_t read_buffer = 64 * 1024;

}  // namespace

// What requests under way share with the client, which may be gone before them.
struct HttpClient::State : std::enable_shared_from_this<State> {
  struct Kept {
    std::shared_ptr<Stream> stream;
    std::size_t route = 0;
  };
  // Notes a stream as in use, for close(), as long as a request lives.
  class Busy {
   public:
    Busy(State& state, std::shared_ptr<Stream> stream) : state_(state), stream_(std::move(stream)) {
      state_.busy.push_back(stream_.get());
    }
    ~Busy() { std::erase(state_.busy, stream_.get()); }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;
    [[nodiscard]] const std::shared_ptr<Stream>& stream() const { return stream_; }

   private:
    State& state_;
    std::shared_ptr<Stream> stream_;
  };

  State(boost::asio::any_io_executor loop, Options chosen, std::string agent)
      : executor(std::move(loop)), options(std::move(chosen)), user_agent(std::move(agent)) {}

  static Task<Reply> send(std::shared_ptr<State> self, HttpRequest request);
  Task<Reply> send_afresh(const HttpRequest& request, WireRequest& wire, const ExchangeLimits& limits);
  Task<Outcome> talk(const HttpRequest& request, WireRequest& wire, std::size_t route, std::shared_ptr<Stream> stream,
                     const ExchangeLimits& limits);
  Kept take_kept();
  void keep(std::shared_ptr<Stream> stream, std::size_t route);
  void close();

  enum class Life : std::uint8_t { open, closed };

  boost::asio::any_io_executor executor;
  Options options;
  std::string user_agent;
  std::unique_ptr<boost::asio::ssl::context> tls;  // none if no endpoint asks for it
  std::vector<Route> routes;
  std::size_t first = 0;  // the route that worked last
  Kept kept;
  std::vector<Stream*> busy;
  Life life = Life::open;
};

HttpClient::State::Kept HttpClient::State::take_kept() {
  Kept taken = std::exchange(kept, {});
  if (taken.stream) taken.stream->on_interrupt(nullptr);
  if (taken.stream && taken.stream->stale()) return {};
  return taken;
}

void HttpClient::State::keep(std::shared_ptr<Stream> stream, std::size_t route) {
  if (life == Life::closed || stream->interruption() != Stream::Interruption::none) return;
  stream->set_deadline(std::chrono::steady_clock::now() + options.idle_timeout);
  stream->on_interrupt([weak = weak_from_this()] {
    if (const auto state = weak.lock()) state->kept = {};
  });
  kept = {std::move(stream), route};
}

void HttpClient::State::close() {
  life = Life::closed;
  kept = {};
  for (Stream* stream : busy) stream->interrupt(Stream::Interruption::cancelled);
}

// Sends on a stream that is open, and keeps it if it can be used again.
Task<Outcome> HttpClient::State::talk(const HttpRequest& request, WireRequest& wire, std::size_t route,
                                      std::shared_ptr<Stream> stream, const ExchangeLimits& limits) {
  auto head = make_head(request, routes[route], user_agent, wire.body.size());
  if (!head) co_return Outcome{head.error(), Outcome::Next::drop};
  wire.head = std::move(*head);
  Outcome outcome = co_await exchange(*stream, routes[route], wire, limits);
  if (outcome.result) mask_echo(request, *outcome.result);
  if (outcome.next == Outcome::Next::keep) keep(std::move(stream), route);
  co_return outcome;
}

Task<Reply> HttpClient::State::send_afresh(const HttpRequest& request, WireRequest& wire,
                                           const ExchangeLimits& limits) {
  std::string troubles;  // of the endpoints tried before
  for (std::size_t tried = 1;; ++tried) {
    const std::size_t index = (first + tried - 1) % routes.size();
    const Busy busy_now{*this, std::make_shared<Stream>(executor, std::max(read_buffer, options.max_header_bytes))};
    const auto deadline = std::min(limits.total, std::chrono::steady_clock::now() + options.connect_timeout);
    auto trouble = co_await open(*busy_now.stream(), routes[index], tls.get(), deadline);
    if (!trouble) {
      first = index;
      Outcome outcome = co_await talk(request, wire, index, busy_now.stream(), limits);
      co_return std::move(outcome.result);
    }
    if (trouble->kind == Kind::cancelled) co_return std::move(*trouble);
    troubles += (troubles.empty() ? "" : "; ") + trouble->message;
    if (tried == routes.size() || std::chrono::steady_clock::now() >= limits.total) {
      co_return HttpFailure{trouble->kind, std::move(troubles)};
    }
  }
}

Task<Reply> HttpClient::State::send(std::shared_ptr<State> self, HttpRequest request) {
  if (self->life == Life::closed) co_return HttpFailure{Kind::cancelled, self->routes[0].place + ": cancelled"};
  const ExchangeLimits limits{self->options, std::chrono::steady_clock::now() + request.timeout, request.timeout};
  WireRequest wire;
  wire.expects_body = request.method != "HEAD";
  wire.body = request.gzip_body && !request.body.empty() ? gzip(request.body) : std::move(request.body);
  if (auto kept = self->take_kept(); kept.stream) {
    const Busy busy_now{*self, kept.stream};
    Outcome outcome = co_await self->talk(request, wire, kept.route, std::move(kept.stream), limits);
    if (outcome.next != Outcome::Next::repeat) co_return std::move(outcome.result);
  }
  if (request.same_connection) {
    co_return HttpFailure{Kind::no_connection, self->routes[self->first].place + ": the connection is gone"};
  }
  co_return co_await self->send_afresh(request, wire, limits);
}

HttpClient::HttpClient(std::shared_ptr<State> state) : state_(std::move(state)) {}
HttpClient::~HttpClient() { close(); }

Result<std::unique_ptr<HttpClient>> HttpClient::create(boost::asio::any_io_executor executor, Options options,
                                                       std::string user_agent) {
  if (options.endpoints.empty()) return fail("no endpoint is given; name at least one URL");
  const auto state = std::make_shared<State>(std::move(executor), std::move(options), std::move(user_agent));
  for (const Endpoint& endpoint : state->options.endpoints) {
    auto route = make_route(endpoint, state->options.proxy);
    if (!route) return route.error();
    state->routes.push_back(std::move(*route));
    if (!endpoint.tls || state->tls) continue;
    auto context = make_tls_context(state->options.trust);
    if (!context) return context.error();
    state->tls = std::move(*context);
  }
  return std::unique_ptr<HttpClient>{new HttpClient{state}};
}

Task<Reply> HttpClient::send(HttpRequest request) { return State::send(state_, std::move(request)); }

void HttpClient::close() { state_->close(); }

}  // namespace mentiond::http
