// The shape of the file: what its tables mean stands in docs/ledger.md. Migrations bring an older file up to date, one
// transaction a step; PRAGMA user_version holds the step reached. Internal to the room.
#pragma once

#include <cstdint>
#include <span>

#include "ledger/connection.h"

namespace mentiond::ledger {

// PRAGMA application_id: "mtnd". Another program's file is never touched.
inline constexpr std::int64_t application_id = 0x6d746e64;

struct Migration {
  int version;  // what user_version is once `sql` has run; consecutive, from 1
  const char* sql;
};
std::span<const Migration> migrations();

// What `post.state` holds. A pruned row keeps its id alone; a tombstone keeps it for good.
enum class StoredState : std::uint8_t { live = 0, tombstone = 1, pruned = 2 };

// The schema version of the file; fails with not_a_ledger where another program made it, newer_schema where a newer
// mentiond did. 0: an empty file.
Outcome<int> schema_version(Connection& connection, std::span<const Migration> known);
Outcome<void> bring_up_to_date(Connection& connection, std::span<const Migration> known);

}  // namespace mentiond::ledger
