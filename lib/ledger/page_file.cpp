#include "ledger/page_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "ledger/big_endian.h"
#include "ledger/connection.h"
#include "ledger/file_size.h"

namespace mentiond::ledger {
namespace {

constexpr std::size_t wal_header_size = 32;
constexpr std::size_t frame_header_size = 24;
constexpr std::uint32_t wal_magic = 0x377f0682;  // the lowest bit: its checksums are of big-endian words

bool plausible(std::size_t page_size) {
  return page_size >= 512 && page_size <= 65'536 && (page_size & (page_size - 1)) == 0;
}

struct WalSum {
  bool big_endian = false;
  std::uint32_t a = 0;
  std::uint32_t b = 0;

  void add(std::string_view bytes) {
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
      a += word(bytes, at) + b;
      b += word(bytes, at + 4) + a;
    }
  }
  [[nodiscard]] std::uint32_t word(std::string_view bytes, std::size_t at) const {
    const auto value = static_cast<std::uint32_t>(big_endian_at(bytes, at, 4));
    return big_endian ? value : __builtin_bswap32(value);
  }
};

}  // namespace

bool read_at(int file, std::int64_t offset, std::string& into, std::size_t size) {
  into.resize(size);
  std::size_t done = 0;
  while (done < size) {
    const auto got = ::pread(file, into.data() + done, size - done, offset + static_cast<std::int64_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    done += static_cast<std::size_t>(got);
  }
  return true;
}

Outcome<PageFile> PageFile::open(const std::string& path) {
  PageFile file;
  file.file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file.file_ < 0) {
    return Failure{Failure::Kind::cannot_open, "cannot read " + path + ": " + std::strerror(errno)};
  }
  file.wal_ = ::open((path + "-wal").c_str(), O_RDONLY | O_CLOEXEC);
  file.read_header();
  file.pages_ = static_cast<std::uint32_t>(static_cast<std::size_t>(file_size(path)) / file.page_size_);
  if (file.wal_ >= 0) file.read_wal(file_size(path + "-wal"));
  return file;
}

PageFile::PageFile(PageFile&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      wal_(std::exchange(other.wal_, -1)),
      page_size_(other.page_size_),
      pages_(other.pages_),
      in_wal_(std::move(other.in_wal_)) {}

PageFile::~PageFile() {
  if (file_ >= 0) ::close(file_);
  if (wal_ >= 0) ::close(wal_);
}

// The size of its pages: from its header, else the WAL's, else what this program makes.
void PageFile::read_header() {
  std::string bytes;
  page_size_ = static_cast<std::size_t>(Connection::page_size);
  if (read_at(file_, 0, bytes, 100) && bytes.starts_with(std::string_view{"SQLite format 3\0", 16})) {
    const auto size = big_endian_at(bytes, 16, 2);
    if (const auto bytes_each = size == 1 ? 65'536 : static_cast<std::size_t>(size); plausible(bytes_each)) {
      page_size_ = bytes_each;
      return;
    }
  }
  if (wal_ < 0 || !read_at(wal_, 0, bytes, wal_header_size)) return;
  const auto size = static_cast<std::size_t>(big_endian_at(bytes, 8, 4));
  if ((big_endian_at(bytes, 0, 4) & ~std::uint64_t{1}) == wal_magic && plausible(size)) page_size_ = size;
}

void PageFile::read_wal(std::int64_t size) {
  std::string header;
  if (!read_at(wal_, 0, header, wal_header_size)) return;
  const auto magic = big_endian_at(header, 0, 4);
  if ((magic & ~std::uint64_t{1}) != wal_magic || big_endian_at(header, 8, 4) != page_size_) return;
  WalSum sum{.big_endian = (magic & 1U) != 0};
  sum.add(std::string_view{header}.substr(0, 24));
  if (sum.a != big_endian_at(header, 24, 4) || sum.b != big_endian_at(header, 28, 4)) return;

  std::string frame;
  const auto frame_size = static_cast<std::int64_t>(frame_header_size + page_size_);
  std::unordered_map<std::uint32_t, std::int64_t> uncommitted;
  for (std::int64_t at = wal_header_size; at + frame_size <= size; at += frame_size) {
    if (!read_at(wal_, at, frame, static_cast<std::size_t>(frame_size))) return;
    const std::string_view bytes{frame};
    if (bytes.substr(8, 8) != std::string_view{header}.substr(16, 8)) return;  // of an earlier round
    sum.add(bytes.substr(0, 8));
    sum.add(bytes.substr(frame_header_size));
    if (sum.a != big_endian_at(frame, 16, 4) || sum.b != big_endian_at(frame, 20, 4)) return;
    uncommitted[static_cast<std::uint32_t>(big_endian_at(frame, 0, 4))] =
        at + static_cast<std::int64_t>(frame_header_size);
    const auto committed = static_cast<std::uint32_t>(big_endian_at(frame, 4, 4));
    if (committed == 0) continue;
    for (const auto& [page, offset] : uncommitted) in_wal_[page] = offset;
    uncommitted.clear();
    pages_ = committed;
  }
}

std::optional<std::string> PageFile::read(std::uint32_t number) const {
  std::string page;
  if (number == 0 || number > pages_) return std::nullopt;
  const auto at = in_wal_.find(number);
  const bool whole = at != in_wal_.end()
                         ? read_at(wal_, at->second, page, page_size_)
                         : read_at(file_, static_cast<std::int64_t>(number - 1) * static_cast<std::int64_t>(page_size_),
                                   page, page_size_);
  return whole ? std::optional{std::move(page)} : std::nullopt;
}

}  // namespace mentiond::ledger
