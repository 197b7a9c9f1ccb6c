// IdRanges: a set of ids as disjoint half-open ranges.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>

namespace mentiond::sim {

class IdRanges {
 public:
  // [low, high)
  void add(std::uint64_t low, std::uint64_t high) {
    if (low >= high) return;
    auto at = ranges_.upper_bound(low);
    if (at != ranges_.begin() && std::prev(at)->second >= low) --at;
    while (at != ranges_.end() && at->first <= high) {
      low = std::min(low, at->first);
      high = std::max(high, at->second);
      at = ranges_.erase(at);
    }
    ranges_[low] = high;
  }
  // The first id of [low, high) that is not in the set.
  [[nodiscard]] std::optional<std::uint64_t> first_missing(std::uint64_t low, std::uint64_t high) const {
    if (low >= high) return std::nullopt;
    const auto after = ranges_.upper_bound(low);
    if (after == ranges_.begin()) return low;
    const auto end = std::prev(after)->second;
    if (end >= high) return std::nullopt;
    return std::max(low, end);
  }
  [[nodiscard]] bool contains(std::uint64_t id) const { return !first_missing(id, id + 1); }
  [[nodiscard]] std::optional<std::uint64_t> lowest() const {
    return ranges_.empty() ? std::nullopt : std::optional{ranges_.begin()->first};
  }

 private:
  std::map<std::uint64_t, std::uint64_t> ranges_;  // low -> high
};

}  // namespace mentiond::sim
