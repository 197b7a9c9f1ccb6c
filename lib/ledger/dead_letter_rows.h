// Dead letters as the tables have them, for the ledger and its reader. Internal to the room.
#pragma once

#include "ledger/operations.h"
#include "ledger/statement.h"

namespace mentiond::ledger {

// The sink that was opened last: the one whose dead letters people are shown. Nothing: none ever was.
std::optional<std::int64_t> latest_sink(Connection& connection);
// A failure is remembered by the connection; what is returned then means nothing.
std::vector<DeadLetter> read_dead_letters(Connection& connection, const DeadLetterPage& page);

// What the id of a dead letter says.
struct LetterId {
  enum class Kind : std::uint8_t { row, post };
  Kind kind = Kind::row;
  std::int64_t key = 0;  // root id, or unparsed.id
  static std::optional<LetterId> parse(std::string_view text);
};

}  // namespace mentiond::ledger
