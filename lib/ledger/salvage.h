// What can be saved of a damaged ledger. Reads its pages without SQLite, so that neither a broken header nor a broken
// tree hides the rows beyond it, and writes all that is whole into a new ledger.
#pragma once

#include <cstdint>
#include <string>

#include "ledger/row.h"

namespace mentiond::ledger {

struct Salvaged {
  std::int64_t rows = 0;        // tweets known by the new ledger
  std::int64_t intact = 0;      // with a text that matches its checksum
  std::int64_t tombstones = 0;  // forgotten, and still so
  std::int64_t pruned = 0;      // without a text: pruned before, or delivered and lost now
  std::int64_t damaged = 0;     // text lost before it was delivered: they become dead letters of type `damaged`
  std::int64_t untagged = 0;    // their clouds are lost; found again, they get them back
  std::int64_t queries = 0;
  std::int64_t gaps = 0;
  std::int64_t sinks = 0;
  std::int64_t unparsed = 0;
  std::int64_t broken_records = 0;  // could not be made out at all
  bool gaps_certain = false;        // else every query has one more gap, over the seven days that X serves
};

// From the ledger at `path`, which stays as it is, into a new ledger, `target` (never overwriting). Fails with `locked`
// while a daemon holds it. `now` bounds what X can still serve.
Outcome<Salvaged> salvage(const std::string& path, const std::string& target, Time now);

}  // namespace mentiond::ledger
