// Result<T>: a value, or an Error that a person can act on. The one way in which expected failures travel in mentiond;
// exceptions are for broken promises of our own. Pure; any thread.
#pragma once

#include <string>
#include <utility>

#include <boost/system/result.hpp>

namespace mentiond {

// What went wrong, in words that name the place and the remedy. Never holds a secret or a tweet's text.
struct Error {
  std::string message;
};

template <class T, class E = Error>
using Result = boost::system::result<T, E>;

// `return fail("no such column: ", name);` from any function that returns a Result.
template <class... Parts>
Error fail(Parts&&... parts) {
  Error error;
  (error.message.append(std::forward<Parts>(parts)), ...);
  return error;
}

// Called by result.value() on a failure nobody looked at: a mistake of ours, so it throws std::logic_error.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& where);

}  // namespace mentiond
