// What the ledger and its reader both read of queries, of money and of small things remembered. Internal to the room.
// A failure is remembered by the connection; what is returned then means nothing.
#pragma once

#include "ledger/statement.h"

namespace mentiond::ledger {

std::optional<std::int64_t> find_query(Connection& connection, const xapi::Query& query);
xapi::QueryState read_query_state(Connection& connection, std::int64_t query);
Meter read_meter(Connection& connection, Day first);
std::optional<std::string> read_memory(Connection& connection, std::string_view key);

}  // namespace mentiond::ledger
