#include "ledger/row.h"

#include <algorithm>

namespace mentiond::ledger {

void throw_exception_from_error(const Failure& failure, const boost::source_location& where) {
  mentiond::throw_exception_from_error(Error{failure.message}, where);
}

std::uint64_t seeded_revision(std::uint64_t last, Time now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  return std::max(last + 1, static_cast<std::uint64_t>(seconds) << 20U);
}

}  // namespace mentiond::ledger
