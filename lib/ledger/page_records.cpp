#include "ledger/page_records.h"

#include "ledger/big_endian.h"

namespace mentiond::ledger {
namespace {

// Posts are far smaller; a broken length must not take all memory.
constexpr std::uint64_t largest_record = std::uint64_t{16} << 20U;

std::size_t header_at(std::uint32_t number) { return number == 1 ? 100 : 0; }

// Reads on, and remembers whether it ever ran beyond the end.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int i = 0; i < 9; ++i) {
      const auto byte = fixed(1);
      if (i == 8) return value << 8U | byte;
      value = value << 7U | (byte & 0x7fU);
      if ((byte & 0x80U) == 0) break;
    }
    return value;
  }
  std::uint64_t fixed(std::size_t size) {
    const auto part = take(size);
    return ok_ ? big_endian_at(part, 0, size) : 0;
  }
  std::string_view take(std::uint64_t size) {
    if (!ok_ || size > bytes_.size()) {
      ok_ = false;
      return {};
    }
    const auto part = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return part;
  }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

StoredValue read_value(Bytes& body, std::uint64_t type) {
  constexpr std::size_t sizes[] = {0, 1, 2, 3, 4, 6, 8, 8};
  StoredValue value;
  if (type >= 12) {
    value.kind = type % 2 == 0 ? 'b' : 't';
    value.bytes = body.take((type - 12) / 2);
  } else if (type == 7) {
    value.kind = 'r';
    body.take(8);
  } else if (type == 8 || type == 9) {
    value.kind = 'i';
    value.number = type == 9 ? 1 : 0;
  } else if (type >= 1 && type <= 6) {
    value.kind = 'i';
    const auto bits = 64U - 8U * static_cast<unsigned>(sizes[type]);
    value.number = static_cast<std::int64_t>(body.fixed(sizes[type]) << bits) >> bits;
  }
  return value;
}

bool read_values(std::string_view payload, std::vector<StoredValue>& values) {
  Bytes start{payload};
  const auto header_size = start.varint();
  if (!start.ok() || header_size > payload.size()) return false;
  Bytes types{payload.substr(0, header_size)};
  Bytes body{payload.substr(header_size)};
  types.varint();
  while (types.ok() && !types.at_end()) {
    const auto type = types.varint();
    if (type == 10 || type == 11) return false;  // of no file
    values.push_back(read_value(body, type));
  }
  return types.ok() && body.ok() && body.at_end();
}

// How much of a payload lies on its own page. https://www.sqlite.org/fileformat2.html#cell_payload
std::uint64_t local_size(std::uint64_t payload, std::uint64_t usable, bool in_table) {
  const std::uint64_t most = in_table ? usable - 35 : (usable - 12) * 64 / 255 - 23;
  if (payload <= most) return payload;
  const std::uint64_t least = (usable - 12) * 32 / 255 - 23;
  const std::uint64_t fit = least + (payload - least) % (usable - 4);
  return fit <= most ? fit : least;
}

bool read_cell(const PageFile& file, std::string_view cell_bytes, PageKind kind, StoredRecord& record) {
  Bytes cell{cell_bytes};
  if (kind == PageKind::index_inner) cell.fixed(4);
  const auto size = cell.varint();
  if (kind == PageKind::table_leaf) record.rowid = static_cast<std::int64_t>(cell.varint());
  record.in_table = kind == PageKind::table_leaf;
  if (!cell.ok() || size == 0 || size > largest_record) return false;
  const auto local = local_size(size, file.page_size(), record.in_table);
  std::string payload{cell.take(local)};
  auto next = local < size ? static_cast<std::uint32_t>(cell.fixed(4)) : 0;
  while (cell.ok() && payload.size() < size) {
    const auto page = file.read(next);
    if (!page) return false;
    next = static_cast<std::uint32_t>(big_endian_at(*page, 0, 4));
    payload.append(*page, 4, size - payload.size());
  }
  return cell.ok() && read_values(payload, record.values);
}

}  // namespace

std::string StoredRecord::shape() const {
  std::string shape;
  for (const auto& value : values) shape += value.kind;
  return shape;
}

PageKind kind_of(const std::string& page, std::uint32_t number) {
  switch (page[header_at(number)]) {
    case 2:
      return PageKind::index_inner;
    case 5:
      return PageKind::table_inner;
    case 10:
      return PageKind::index_leaf;
    case 13:
      return PageKind::table_leaf;
    default:
      return PageKind::other;
  }
}

std::int64_t read_records(const PageFile& file, const std::string& page, std::uint32_t number,
                          const std::function<void(StoredRecord)>& take) {
  const auto kind = kind_of(page, number);
  if (kind == PageKind::other || kind == PageKind::table_inner) return 0;
  const auto header = header_at(number);
  const auto cells = big_endian_at(page, header + 3, 2);
  const auto pointers = header + (kind == PageKind::index_inner ? 12U : 8U);
  std::int64_t broken = 0;
  for (std::size_t i = 0; i < cells; ++i) {
    const auto at = pointers + 2 * i;
    if (at + 2 > page.size()) return broken + static_cast<std::int64_t>(cells - i);
    const auto cell = big_endian_at(page, at, 2);
    StoredRecord record;
    if (cell >= page.size() || !read_cell(file, std::string_view{page}.substr(cell), kind, record))
      ++broken;
    else
      take(std::move(record));
  }
  return broken;
}

}  // namespace mentiond::ledger
