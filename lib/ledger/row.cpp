#include "ledger/row.h"

namespace mentiond::ledger {

void throw_exception_from_error(const Failure& failure, const boost::source_location& where) {
  mentiond::throw_exception_from_error(Error{failure.message}, where);
}

}  // namespace mentiond::ledger
