// LedgerReader looks at a ledger without touching it: a connection of its own that can only query, short transactions,
// no checkpoint. Works beside a running daemon and without one. Any one thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "ledger/operations.h"
#include "ledger/row.h"

namespace mentiond::ledger {

class LedgerReader {
 public:
  // Fails with cannot_open where there is no ledger, newer_schema, not_a_ledger, damaged (not even its schema can be
  // read: what verify() would find).
  static Outcome<std::unique_ptr<LedgerReader>> open(const std::string& path);

  virtual ~LedgerReader() = default;
  LedgerReader(const LedgerReader&) = delete;
  LedgerReader& operator=(const LedgerReader&) = delete;

  virtual Outcome<Stats> stats() = 0;
  virtual Outcome<Meter> metered_since(Day first) = 0;
  virtual Outcome<std::optional<std::string>> recall(std::string_view key) = 0;
  // State of one query, as load_queries would return it; changes nothing.
  virtual Outcome<xapi::QueryState> query_state(const xapi::Query& query) = 0;
  // As Operations::dead_letters.
  virtual Outcome<std::vector<DeadLetter>> dead_letters(const DeadLetterPage& page) = 0;

  // Checks the file's structure (PRAGMA integrity_check) and every payload's checksum, chunk by chunk. Calls `damage`
  // for each thing found, in words that name it.
  struct Verified {
    std::int64_t rows = 0;
    std::int64_t damaged = 0;
  };
  virtual Outcome<Verified> verify(const std::function<void(const std::string&)>& damage) = 0;

 protected:
  LedgerReader() = default;
};

}  // namespace mentiond::ledger
