// Any bytes as what a server sends: the client's conversation, over a real pair of sockets, ends as the parser alone
// says it must: with that reply, or with that kind of failure. Only where nothing at all came may the request be sent
// again, and only a connection on which nothing is left carries another.
#include <optional>
#include <string>

#include "fuzz/http_model.h"
#include "fuzz/oracle.h"
#include "fuzz/promise.h"
#include "fuzz/wire.h"
#include "http/exchange.h"

namespace mentiond::fuzz {
namespace {

constexpr std::string_view request_head = "GET /_bulk HTTP/1.1\r\nHost: es.example\r\n\r\n";
constexpr int most_interim_replies = 8;

struct Expected {
  std::optional<HttpReply> reply;
  HttpFailure::Kind kind = HttpFailure::Kind::malformed;
  bool keep = false;
};

HttpFailure::Kind kind_of(Arrival arrival, const boost::beast::error_code& error) {
  if (arrival == Arrival::cut) return HttpFailure::Kind::cut;
  const bool too_large = arrival == Arrival::too_large || http::is_size_error(error);
  return too_large ? HttpFailure::Kind::too_large : HttpFailure::Kind::malformed;
}

Expected expect(std::string_view bytes) {
  Expected expected;
  Incoming incoming{bytes};
  for (int interim = 0; interim <= most_interim_replies; ++interim) {
    http::ReplyParser parser{small_limits};
    boost::beast::error_code error;
    const Arrival arrival = feed(parser, incoming, small_limits.head_bytes, small_limits.head_bytes, error);
    if (arrival != Arrival::whole) {
      expected.kind = kind_of(arrival, error);
      return expected;
    }
    if (parser.status / 100 == 1 && parser.status != 101) continue;
    if (parser.status < 200) return expected;
    expected.keep = parser.keep_alive() && incoming.held == 0;
    expected.reply.emplace(HttpReply{parser.status, std::move(parser.headers), std::move(parser.body)});
    return expected;
  }
  return expected;
}

void check(const http::Outcome& outcome, const Expected& expected, bool silent) {
  using Next = http::Outcome::Next;
  require(outcome.result.has_value() == expected.reply.has_value(), "a reply arrives if, and only if, it is whole");
  if (!expected.reply) {
    require(outcome.result.error().kind == expected.kind, "a failure is of the kind that it is");
    require(outcome.next == (silent ? Next::repeat : Next::drop), "only what met silence is sent again");
    return;
  }
  const HttpReply& reply = *outcome.result;
  require(reply.status == expected.reply->status && reply.body == expected.reply->body, "the reply is as it was sent");
  require(reply.status >= 200, "an interim reply is none");
  require(outcome.next == (expected.keep ? Next::keep : Next::drop),
          "a connection is kept if the server keeps it, and nothing is left on it");
}

Task<void> ask(http::Stream& stream, const http::Route& route, const http::WireRequest& request,
               const http::ExchangeLimits& limits, std::optional<http::Outcome>& outcome) {
  outcome.emplace(co_await http::exchange(stream, route, request, limits));
  stream.close();
}

void check_exchange(std::string_view bytes) {
  static boost::asio::io_context loop{1};
  static const http::Options options = [] {
    http::Options chosen;
    chosen.max_header_bytes = small_limits.head_bytes;
    chosen.max_body_bytes = small_limits.body_bytes;
    chosen.max_inflated_bytes = small_limits.inflated_bytes;
    return chosen;
  }();
  static const http::Route route{{.tls = false, .host = "es.example", .port = 9200, .path = ""}, {}, "es.example:9200"};
  static const http::WireRequest request{std::string{request_head}, {}};
  std::string heard;
  const auto stream = std::make_shared<http::Stream>(loop.get_executor(), small_limits.head_bytes);
  connect_peer(loop, stream->socket(), bytes, heard);
  const http::ExchangeLimits limits{options, std::chrono::steady_clock::now() + std::chrono::minutes{1},
                                    std::chrono::minutes{1}};
  std::optional<http::Outcome> outcome;
  boost::asio::co_spawn(loop, ask(*stream, route, request, limits, outcome), boost::asio::detached);
  loop.run();
  loop.restart();
  require(outcome.has_value(), "a conversation ends");
  require(heard == request_head, "the request is sent once");
  check(*outcome, expect(bytes), bytes.empty());
}

}  // namespace
}  // namespace mentiond::fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  mentiond::fuzz::check_exchange(mentiond::fuzz::text_of(bytes, size));
  return 0;
}
