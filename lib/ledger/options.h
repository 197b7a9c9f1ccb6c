// What an operator may set about the ledger; lib/config fills it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace mentiond::ledger {

struct Options {
  std::string path = "/var/lib/mentiond/ledger.db";
  std::chrono::days retention{400};  // from first seen; at least 8 days, so that nothing X can still serve is forgotten
  std::int64_t max_pending = 1'000'000;  // collect stops polling while more rows wait for the sink
};

}  // namespace mentiond::ledger
