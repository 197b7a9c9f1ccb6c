// The records on one page of an SQLite file, as far as they can be made out: each cell by itself, so that one that is
// broken costs nothing but itself. Internal to the room. https://www.sqlite.org/fileformat2.html#b_tree_pages
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "ledger/page_file.h"

namespace mentiond::ledger {

struct StoredValue {
  char kind = 'n';  // n null, i integer, r real, t text, b blob
  std::int64_t number = 0;
  std::string bytes;
};

struct StoredRecord {
  bool in_table = false;  // else in an index, or in a table without rowid
  std::int64_t rowid = 0;
  std::vector<StoredValue> values;
  // The kinds of its values: "niib".
  [[nodiscard]] std::string shape() const;
};

// What a page is, by its first byte.
enum class PageKind : std::uint8_t { index_inner = 2, table_inner = 5, index_leaf = 10, table_leaf = 13, other = 0 };
PageKind kind_of(const std::string& page, std::uint32_t number);

// Calls `take` for each record of the page; returns how many could not be made out.
std::int64_t read_records(const PageFile& file, const std::string& page, std::uint32_t number,
                          const std::function<void(StoredRecord)>& take);

}  // namespace mentiond::ledger
