// Integers as SQLite's file format has them. Internal to the room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mentiond::ledger {

// The caller sees to it that the bytes are there.
inline std::uint64_t big_endian_at(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

}  // namespace mentiond::ledger
