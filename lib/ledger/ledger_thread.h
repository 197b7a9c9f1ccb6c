// LedgerThread gives the ledger the one thread it wants and lets coroutines wait for it: a call runs there, in the
// order in which the calls were made, and the coroutine goes on in its own event loop with the result. An fsync never
// stops the loop from turning.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "ledger/ledger.h"
#include "loop/task.h"

namespace mentiond::ledger {

class LedgerThread {
 public:
  // `inline_calls` runs each call at once on the caller's thread, for tests whose time is virtual.
  enum class Mode : std::uint8_t { own_thread, inline_calls };

  explicit LedgerThread(std::unique_ptr<Ledger> ledger, Mode mode = Mode::own_thread);
  // Finishes the calls already made, then closes the ledger.
  ~LedgerThread();
  LedgerThread(const LedgerThread&) = delete;
  LedgerThread& operator=(const LedgerThread&) = delete;

  //   auto counts = co_await thread.run([&](Ledger& ledger) { return ledger.append(page); });
  // What the function refers to must stay alive until the coroutine goes on.
  template <class F>
  Task<std::invoke_result_t<F&, Ledger&>> run(F function) {
    using Value = std::invoke_result_t<F&, Ledger&>;
    std::optional<Value> value;
    std::exception_ptr thrown;
    std::function<void(Ledger&)> call = [&](Ledger& ledger) {
      try {
        value.emplace(function(ledger));
      } catch (...) {
        thrown = std::current_exception();
      }
    };
    co_await perform(std::move(call));
    if (thrown) std::rethrow_exception(thrown);
    co_return std::move(*value);
  }

 private:
  Task<void> perform(std::function<void(Ledger&)> call);

  class Worker;
  std::unique_ptr<Worker> worker_;
};

}  // namespace mentiond::ledger
