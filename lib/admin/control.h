// The way from a verb to the running daemon: a Unix socket beside the ledger (path + ".sock", mode 0600), one order a
// connection. An order is words, each ended by a zero byte, up to the end of what the client sends; the answer is the
// name of its outcome, a newline, and words for a person, up to the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/result.h"
#include "loop/task.h"

namespace mentiond::admin {

using Order = std::vector<std::string>;  // the verb, then what it is about

struct Answer {
  enum class Outcome : std::uint8_t {
    done,
    bad_data,  // an id that is unknown, an order that nobody knows: nothing was changed
    ledger,    // the ledger could not do it
  };
  Outcome outcome = Outcome::done;
  std::string text;  // whole lines
};
std::string_view to_text(Answer::Outcome outcome);

// Enough for some 800,000 ids at once.
inline constexpr std::size_t max_order_bytes = std::size_t{16} << 20U;

std::string to_wire(const Order& order);
Order order_from_wire(std::string_view bytes);
std::string to_wire(const Answer& answer);
// Nothing: it was cut off.
std::optional<Answer> answer_from_wire(std::string_view bytes);

// Listens for as long as it lives, and takes its socket away at the end. On the event loop's thread.
class ControlServer {
 public:
  using Handler = std::function<Task<Answer>(Order)>;

  // The caller holds the ledger's lock, so that a socket which is there already is a dead daemon's: it is replaced.
  static Result<std::unique_ptr<ControlServer>> listen(boost::asio::any_io_executor executor, const std::string& path,
                                                       Handler handler);
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  // A client that has not sent all of its order, or not read its answer, after so long is let go; so are more
  // clients at a time than that.
  static constexpr std::chrono::seconds patience{10};
  static constexpr std::size_t max_clients = 16;

 private:
  struct State;
  explicit ControlServer(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

// Sends an order and waits for the answer, however long that takes. Nothing: no daemon listens there.
Result<std::optional<Answer>> ask_daemon(const std::string& path, const Order& order);

}  // namespace mentiond::admin
