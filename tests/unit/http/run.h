// Runs one coroutine to its end on a loop of the test's own.
#pragma once

#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "loop/task.h"

namespace mentiond::http {

// Longer than any deadline that a test sets: only a wait that would never end meets it.
inline constexpr std::chrono::seconds stuck{20};

// Turns the loop until `done()`; throws if nothing happens any more.
template <class Condition>
void turn_until(boost::asio::io_context& loop, Condition done) {
  loop.restart();
  while (!done()) {
    if (loop.run_one_for(stuck) == 0) throw std::runtime_error("the test's loop is stuck");
  }
}

template <class T>
T run(boost::asio::io_context& loop, Task<T> task) {
  std::optional<T> result;
  std::exception_ptr thrown;
  boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr error, T value) {
    thrown = error;
    result.emplace(std::move(value));
  });
  turn_until(loop, [&] { return result.has_value(); });
  if (thrown) std::rethrow_exception(thrown);
  return std::move(*result);
}

}  // namespace mentiond::http
