// How a row of the ledger is read: the columns that make a Row, and what a bad checksum turns it into. Internal to the
// room.
#pragma once

#include <cstdint>

#include "ledger/statement.h"
#include "ledger/tag_sets.h"

namespace mentiond::ledger {

// Rows that one transaction looks at or changes where all are gone through: milliseconds of work, so that neither the
// WAL nor whoever else waits for the ledger is kept for long.
inline constexpr std::int64_t chunk_rows = 2'000;

// The head of every SELECT that read_row() understands; `p` is payload and `t` is post, which may be missing.
#define MENTIOND_LEDGER_ROW "SELECT p.revision, p.root_id, p.crc, p.raw, t.tweet_id, t.tags, t.first_seen, t.state "

// A payload that does not match its checksum, or that no post belongs to, comes as damaged, never as an error.
Row read_row(const Rows& rows, TagSets& tags);

}  // namespace mentiond::ledger
