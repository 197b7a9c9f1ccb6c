#include "ledger/checksum.h"

#include <array>

#include <zlib.h>

namespace mentiond::ledger {
namespace {

uLong add(uLong crc, const void* bytes, std::size_t size) {
  return size == 0 ? crc : crc32_z(crc, static_cast<const Bytef*>(bytes), size);  // null would begin it anew
}

}  // namespace

std::uint32_t checksum(std::string_view bytes) {
  return static_cast<std::uint32_t>(add(0, bytes.data(), bytes.size()));
}

std::uint32_t checksum(TweetId root, TweetId tweet_id, std::string_view raw) {
  std::array<unsigned char, 16> ids{};  // little-endian, so that a ledger may move between machines
  for (unsigned i = 0; i < 8; ++i) {
    ids.at(i) = static_cast<unsigned char>(root.value() >> (8 * i));
    ids.at(8 + i) = static_cast<unsigned char>(tweet_id.value() >> (8 * i));
  }
  return static_cast<std::uint32_t>(add(add(0, ids.data(), ids.size()), raw.data(), raw.size()));
}

}  // namespace mentiond::ledger
