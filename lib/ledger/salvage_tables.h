// Which table a record came from, told from its shape alone, and how it gets into a new ledger. Internal to the room.
#pragma once

#include <map>
#include <string_view>

#include "ledger/connection.h"
#include "ledger/page_records.h"

namespace mentiond::ledger {

class SalvageTables {
 public:
  explicit SalvageTables(Connection& to) : to_(to) {}
  ~SalvageTables();
  SalvageTables(const SalvageTables&) = delete;
  SalvageTables& operator=(const SalvageTables&) = delete;

  // Stores it, if it is a record of ours and believable. Of two for one key the newer stays.
  void take(const StoredRecord& record);

 private:
  void insert(const char* sql, const StoredRecord& record);

  Connection& to_;
  std::map<std::string_view, sqlite3_stmt*> statements_;
};

}  // namespace mentiond::ledger
