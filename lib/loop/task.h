// Task<T>: what a coroutine of the shells returns. One event loop, one thread; co_await anything that Asio can.
// With GCC 12, never build a braced aggregate inside the operand of a co_await: name it first, then move it in.
#pragma once

#include <boost/asio/awaitable.hpp>

namespace mentiond {

template <class T>
using Task = boost::asio::awaitable<T>;

}  // namespace mentiond
