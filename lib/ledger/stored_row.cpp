#include "ledger/stored_row.h"

#include "ledger/checksum.h"
#include "ledger/schema.h"

namespace mentiond::ledger {

Row read_row(const Rows& rows, TagSets& tags) {
  Row row;
  row.revision = rows.revision(0);
  row.root = rows.id(1);
  if (rows.is_null(4)) {
    row.tweet_id = row.root;
    row.tags = std::make_shared<Tags>();
    row.damaged = true;
    return row;
  }
  row.tweet_id = rows.id(4);
  row.tags = tags.names(rows.integer(5));
  row.first_seen = rows.time(6);
  if (rows.integer(7) == static_cast<int>(StoredState::tombstone)) {
    row.state = RowState::tombstone;
    return row;
  }
  const auto raw = rows.bytes(3);
  row.damaged = rows.is_null(3) || rows.integer(2) != checksum(row.root, row.tweet_id, raw);
  if (!row.damaged) row.payload = raw;
  return row;
}

}  // namespace mentiond::ledger
