#include "fakes/fault_server.h"

#include <array>
#include <deque>
#include <future>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include "fakes/request_reader.h"

namespace mentiond::fakes {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

std::string head_of(const Answer& answer) {
  std::string head =
      "HTTP/1.1 " + std::to_string(answer.status) + " " + std::string{reason_phrase(answer.status)} + "\r\n";
  for (const auto& [name, value] : answer.headers) head += name + ": " + value + "\r\n";
  head += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n";
  return head;
}

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, std::shared_ptr<Handler> handler)
      : socket_(std::move(socket)), timer_(socket_.get_executor()), handler_(std::move(handler)) {}

  void next() {
    if (auto request = reader_.take()) {
      head_only_ = request->method == "HEAD";
      closing_ = request->headers.find("Connection").value_or("") == "close";
      answer_ = (*handler_)(*request);
      wait_then_send();
    } else if (reader_.broken()) {
      end();
    } else if (reader_.wants_continue()) {
      asio::async_write(socket_, asio::buffer(continue_), [self = shared_from_this()](error_code error, std::size_t) {
        if (!error) self->read();
      });
    } else {
      read();
    }
  }

 private:
  void read() {
    socket_.async_read_some(asio::buffer(input_), [self = shared_from_this()](error_code error, std::size_t size) {
      if (error) return;
      self->reader_.feed({self->input_.data(), size});
      self->next();
    });
  }

  void wait_then_send() {
    if (answer_.delivery.delay <= Millis{0}) return send();
    timer_.expires_after(answer_.delivery.delay);
    timer_.async_wait([self = shared_from_this()](error_code error) {
      if (!error) self->send();
    });
  }

  void send() {
    const Delivery& delivery = answer_.delivery;
    if (delivery.kind == Delivery::Kind::hang_up) return end();
    head_ = head_of(answer_);
    if (head_only_) answer_.body.clear();
    if (delivery.kind == Delivery::Kind::slow) {
      head_ += answer_.body;
      return send_slowly(0);
    }
    std::size_t size = answer_.body.size();
    const bool partial = delivery.kind == Delivery::Kind::cut || delivery.kind == Delivery::Kind::stall ||
                         delivery.kind == Delivery::Kind::reset;
    if (partial) size = std::min(size, delivery.after_bytes);
    const std::array<asio::const_buffer, 2> parts{asio::buffer(head_), asio::buffer(answer_.body.data(), size)};
    asio::async_write(socket_, parts, [self = shared_from_this()](error_code error, std::size_t) {
      if (!error) self->sent();
    });
  }

  void sent() {
    switch (answer_.delivery.kind) {
      case Delivery::Kind::whole:
      case Delivery::Kind::slow:
        return closing_ ? end() : next();
      case Delivery::Kind::cut:
      case Delivery::Kind::close:
      case Delivery::Kind::hang_up:
        return end();
      case Delivery::Kind::stall:
        return hold();
      case Delivery::Kind::reset: {
        error_code ignored;
        socket_.set_option(asio::socket_base::linger{true, 0}, ignored);
        socket_.close(ignored);
        return;
      }
    }
  }

  void send_slowly(std::size_t at) {
    if (at == head_.size()) return sent();
    asio::async_write(socket_, asio::buffer(head_.data() + at, 1),
                      [self = shared_from_this(), at](error_code error, std::size_t) {
                        if (error) return;
                        self->timer_.expires_after(self->answer_.delivery.pause);
                        self->timer_.async_wait([self, at](error_code stopped) {
                          if (!stopped) self->send_slowly(at + 1);
                        });
                      });
  }

  // Says nothing more, and swallows what comes, until the client gives up.
  void hold() {
    socket_.async_read_some(asio::buffer(input_), [self = shared_from_this()](error_code error, std::size_t) {
      if (!error) self->hold();
    });
  }

  void end() {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
  }

  static constexpr std::string_view continue_ = "HTTP/1.1 100 Continue\r\n\r\n";

  tcp::socket socket_;
  asio::steady_timer timer_;
  std::shared_ptr<Handler> handler_;
  RequestReader reader_;
  std::array<char, std::size_t{64} << 10U> input_{};
  Answer answer_;
  std::string head_;
  bool head_only_ = false;
  bool closing_ = false;  // the client asked for it
};

tcp::endpoint loopback(std::uint16_t port) { return {asio::ip::address_v4::loopback(), port}; }

}  // namespace

FaultServer::FaultServer(asio::io_context& io, std::uint16_t port, Handler handler)
    : acceptor_(io, loopback(port)),
      handler_(std::make_shared<Handler>(std::move(handler))),
      port_(acceptor_.local_endpoint().port()) {
  accept();
}

void FaultServer::accept() {
  acceptor_.async_accept([this](error_code error, tcp::socket socket) {
    if (error == asio::error::operation_aborted) return;
    if (!error) {
      error_code ignored;
      socket.set_option(tcp::no_delay{true}, ignored);
      std::make_shared<Connection>(std::move(socket), handler_)->next();
    }
    accept();
  });
}

ServerThread::ServerThread(Handler handler, std::uint16_t port)
    : server_(io_, port, std::move(handler)), thread_([this] { io_.run(); }) {}

ServerThread::~ServerThread() {
  io_.stop();
  thread_.join();
}

void ServerThread::call(const std::function<void()>& function) {
  std::promise<void> done;
  asio::post(io_, [&] {
    function();
    done.set_value();
  });
  done.get_future().wait();
}

}  // namespace mentiond::fakes
