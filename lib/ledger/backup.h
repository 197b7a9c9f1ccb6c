// A ledger's copy, whole or not at all. Any thread; beside a running daemon or without one.
#pragma once

#include <cstdint>
#include <string>

#include "ledger/row.h"

namespace mentiond::ledger {

// Copies the ledger at `path` as it stands at this moment into a new file, `target`: mode 0600, on the disk when this
// returns, and never overwriting what is there. Returns its size in bytes. Collect and deliver go on meanwhile; what
// they write waits in the WAL until the copy is made. https://www.sqlite.org/backup.html
Outcome<std::int64_t> back_up(const std::string& path, const std::string& target);

}  // namespace mentiond::ledger
