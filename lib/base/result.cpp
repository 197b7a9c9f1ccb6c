#include "base/result.h"

#include <stdexcept>

namespace mentiond {

void throw_exception_from_error(const Error& error, const boost::source_location& where) {
  throw std::logic_error(error.message + " (unhandled at " + where.to_string() + ")");
}

}  // namespace mentiond
