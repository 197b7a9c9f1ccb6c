// PageFile: the pages of an SQLite file as they were last committed, WAL included, read without SQLite: for a file that
// SQLite no longer opens. Believes nothing that it reads. Internal to the room. https://www.sqlite.org/fileformat2.html
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "ledger/row.h"

namespace mentiond::ledger {

class PageFile {
 public:
  static Outcome<PageFile> open(const std::string& path);
  PageFile(PageFile&& other) noexcept;
  PageFile& operator=(PageFile&&) = delete;
  ~PageFile();

  [[nodiscard]] std::uint32_t pages() const { return pages_; }  // numbered from 1
  [[nodiscard]] std::size_t page_size() const { return page_size_; }
  // Nothing: it is not there, or not whole.
  [[nodiscard]] std::optional<std::string> read(std::uint32_t number) const;

 private:
  PageFile() = default;
  void read_header();
  // Notes the frames up to the last commit whose checksums hold; what follows was never committed, or is damaged.
  void read_wal(std::int64_t size);

  int file_ = -1;
  int wal_ = -1;
  std::size_t page_size_ = 0;
  std::uint32_t pages_ = 0;
  std::unordered_map<std::uint32_t, std::int64_t> in_wal_;  // page -> offset of its newest content
};

// Reads that many bytes at that offset; false if there are fewer.
bool read_at(int file, std::int64_t offset, std::string& into, std::size_t size);

}  // namespace mentiond::ledger
