#include <cerrno>
#include <cstdio>
#include <cstring>
#include <variant>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/control.h"
#include "admin/socket_place.h"

namespace mentiond::admin {

using boost::asio::redirect_error;
using boost::asio::use_awaitable;
using boost::asio::local::stream_protocol;
using boost::system::error_code;

namespace {

// While the process has no descriptor to spare, accepting is tried this often.
constexpr std::chrono::milliseconds accept_pause{100};

}  // namespace

struct ControlServer::State {
  State(boost::asio::any_io_executor loop, std::string where, Handler answer)
      : executor(std::move(loop)), path(std::move(where)), handler(std::move(answer)), acceptor(executor) {}
  boost::asio::any_io_executor executor;
  std::string path;
  Handler handler;
  stream_protocol::acceptor acceptor;  // closed: the end
  std::size_t clients = 0;

  static Task<void> accept_all(std::shared_ptr<State> state);
  static Task<void> serve(std::shared_ptr<State> state, std::shared_ptr<stream_protocol::socket> socket);
};

namespace {

using Socket = std::shared_ptr<stream_protocol::socket>;

// Closes a socket once its client has had its time: a mere cancel would miss one that is between two waits.
class Patience {
 public:
  explicit Patience(const Socket& socket) : timer_(socket->get_executor()) {
    timer_.expires_after(ControlServer::patience);
    timer_.async_wait([socket](const error_code& error) {
      error_code ignored;
      if (!error) socket->close(ignored);
    });
  }

 private:
  boost::asio::steady_timer timer_;
};

Task<std::optional<std::string>> read_all(Socket socket) {
  std::string bytes;
  std::vector<char> part(64 * std::size_t{1024});
  const Patience patience{socket};
  for (;;) {
    error_code error;
    const auto size = co_await socket->async_read_some(boost::asio::buffer(part), redirect_error(use_awaitable, error));
    bytes.append(part.data(), size);
    if (error == boost::asio::error::eof) co_return bytes;
    if (error || bytes.size() > max_order_bytes) co_return std::nullopt;
  }
}

Task<void> write_all(Socket socket, Answer answer) {
  const std::string bytes = to_wire(answer);
  const Patience patience{socket};
  error_code ignored;
  co_await boost::asio::async_write(*socket, boost::asio::buffer(bytes), redirect_error(use_awaitable, ignored));
}

}  // namespace

Task<void> ControlServer::State::serve(std::shared_ptr<State> state, Socket socket) {
  auto bytes = co_await read_all(socket);
  if (bytes) {
    Answer answer;
    try {
      Order order = order_from_wire(*bytes);
      bytes.reset();
      answer = co_await state->handler(std::move(order));
    } catch (const std::exception& error) {
      answer = {Answer::Outcome::ledger, std::string{"internal error: "} + error.what() + '\n'};
    }
    co_await write_all(socket, std::move(answer));
  }
  --state->clients;
}

Task<void> ControlServer::State::accept_all(std::shared_ptr<State> state) {
  boost::asio::steady_timer pause{state->executor};
  while (state->acceptor.is_open()) {
    auto socket = std::make_shared<stream_protocol::socket>(state->executor);
    error_code error;
    co_await state->acceptor.async_accept(*socket, redirect_error(use_awaitable, error));
    if (!state->acceptor.is_open()) co_return;
    if (error) {
      pause.expires_after(accept_pause);
      co_await pause.async_wait(redirect_error(use_awaitable, error));
    } else if (state->clients < max_clients) {
      ++state->clients;
      boost::asio::co_spawn(state->executor, serve(state, std::move(socket)), boost::asio::detached);
    }
  }
}

// Made under another name and moved into place, so that it never stands there with a wider mode, and a dead daemon's
// socket gives way in one step.
Result<std::unique_ptr<ControlServer>> ControlServer::listen(boost::asio::any_io_executor executor,
                                                             const std::string& path, Handler handler) {
  const std::string fresh = path + ".new";
  const auto place = SocketPlace::of(fresh);
  if (!place) return place.error();
  const auto state = std::make_shared<State>(std::move(executor), path, std::move(handler));
  ::unlink(fresh.c_str());
  error_code error;
  state->acceptor.open(stream_protocol{}, error);
  if (!error) state->acceptor.bind(place->endpoint(), error);
  if (error) return fail("cannot make the socket ", path, ": ", error.message());
  const bool placed = ::chmod(fresh.c_str(), S_IRUSR | S_IWUSR) == 0;
  if (placed) state->acceptor.listen(boost::asio::socket_base::max_listen_connections, error);
  if (!placed || error || std::rename(fresh.c_str(), path.c_str()) != 0) {
    const std::string why = error ? error.message() : std::strerror(errno);
    ::unlink(fresh.c_str());
    return fail("cannot make the socket ", path, ": ", why);
  }
  boost::asio::co_spawn(state->executor, State::accept_all(state), boost::asio::detached);
  return std::unique_ptr<ControlServer>{new ControlServer{state}};
}

ControlServer::~ControlServer() {
  error_code ignored;
  state_->acceptor.close(ignored);
  ::unlink(state_->path.c_str());
}

}  // namespace mentiond::admin
