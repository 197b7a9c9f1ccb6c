// Any bytes on the admin server's port: its connection, over a real pair of sockets, answers every request that the
// parser alone finds whole, in order and as Answers says, refuses what is none with the status it promises, and says
// nothing else. What it says is HTTP.
#include <string>
#include <vector>

#include "admin/admin.h"
#include "fuzz/http_model.h"
#include "fuzz/oracle.h"
#include "fuzz/promise.h"
#include "fuzz/wire.h"
#include "http/server_state.h"
#include "loop/virtual_clock.h"

namespace mentiond::fuzz {
namespace {

constexpr Time start{std::chrono::sys_days{std::chrono::year{2026} / 1 / 31}};

// A daemon in trouble, so that there is something to tell.
telemetry::StatusBoard make_board() {
  telemetry::StatusBoard board;
  board.version = "1.2.3";
  board.started = start;
  board.queries["aws"].parked_since = start;
  board.queries["aws"].parked_why = "X refuses \"it\"";
  board.pause(
      {.half = telemetry::Half::deliver, .reason = "auth", .detail = "401", .index = {}, .since = start, .until = {}});
  return board;
}

struct Daemon {
  boost::asio::io_context loop{1};
  VirtualClock clock{loop, start};
  telemetry::Metrics metrics{"1.2.3"};
  telemetry::StatusBoard board = make_board();
  admin::Answers answers{admin::Sources{metrics, board, clock}};
  admin::Answers model{admin::Sources{metrics, board, clock}};
};

Daemon& daemon() {
  static Daemon daemon;
  return daemon;
}

Task<HttpReply> answer(http::HttpServerRequest request) { co_return daemon().answers.answer(request); }

http::ServerOptions small_options() {
  http::ServerOptions options;
  options.max_head_bytes = small_limits.head_bytes;
  options.max_body_bytes = small_limits.body_bytes;
  return options;
}

struct Expected {
  int status;
  std::string body;  // of a refusal: empty
  bool head_only;
};

int refusal(Arrival arrival, const boost::beast::error_code& error) {
  if (error == boost::beast::http::error::body_limit) return 413;
  return arrival == Arrival::too_large || http::is_size_error(error) ? 431 : 400;
}

std::vector<Expected> expect(std::string_view bytes) {
  std::vector<Expected> replies;
  Incoming incoming{bytes};
  while (!incoming.bytes.empty()) {
    http::RequestParser parser{{small_limits.head_bytes, small_limits.body_bytes, 0}};
    boost::beast::error_code error;
    const Arrival arrival = feed(parser, incoming, small_limits.head_bytes, small_limits.head_bytes, error);
    if (arrival == Arrival::cut) break;
    const bool anonymous = arrival == Arrival::whole && parser.version >= 11 && !parser.headers.find("Host");
    if (arrival != Arrival::whole || anonymous) {
      replies.push_back({anonymous ? 400 : refusal(arrival, error), "", false});
      break;
    }
    const bool head_only = parser.method == "HEAD";
    const auto reply =
        daemon().model.answer({head_only ? "GET" : parser.method, parser.target, parser.headers, parser.body});
    replies.push_back({reply.status, head_only ? "" : reply.body, head_only});
    if (!parser.keep_alive()) break;
  }
  return replies;
}

// 100 Continue may stand before any of them.
void check(std::string_view heard, const std::vector<Expected>& expected) {
  std::size_t next = 0;
  Incoming incoming{heard};
  while (!incoming.bytes.empty()) {
    http::ReplyParser parser{{64 * 1024, 1024 * 1024, 0}};
    parser.skip(next < expected.size() && expected[next].head_only);
    boost::beast::error_code error;
    const Arrival arrival = feed(parser, incoming, heard.size(), 1024 * 1024, error);
    require(arrival == Arrival::whole, "what the server says is HTTP");
    if (parser.status == 100) continue;
    require(next < expected.size(), "nothing is answered that was not asked");
    require(parser.status == expected[next].status, "a request gets its status");
    require(parser.body == expected[next].body, "a request gets its body");
    if (parser.headers.find("Content-Type") == "application/json" && !expected[next].head_only) {
      require(read_json(parser.body).has_value(), "what is called JSON is JSON");
    }
    ++next;
  }
  require(next == expected.size(), "every request is answered");
}

void check_connection(std::string_view bytes) {
  static const auto state = [] {
    auto made = std::make_shared<http::ServerState>(daemon().loop.get_executor(), small_options(), answer);
    made->acceptor.open(http::Tcp::v4());  // never bound: it only says that the server is not stopping
    return made;
  }();
  boost::asio::io_context& loop = daemon().loop;
  auto connection = std::make_shared<http::Connection>(state->executor, small_limits.head_bytes);
  std::string heard;
  connect_peer(loop, connection->stream->socket(), bytes, heard);
  state->connections.push_back(connection);
  boost::asio::co_spawn(loop, http::serve(state, std::move(connection)), boost::asio::detached);
  loop.run();
  loop.restart();
  require(state->connections.empty(), "a connection ends");
  check(heard, expect(bytes));
}

}  // namespace
}  // namespace mentiond::fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  mentiond::fuzz::check_connection(mentiond::fuzz::text_of(bytes, size));
  return 0;
}
