// TweetId: X's 64-bit id of a post, which carries the time at which it was made. Pure value.
// https://docs.x.com/fundamentals/x-ids
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace mentiond {

class TweetId {
 public:
  constexpr TweetId() = default;  // 0: smaller than every real id
  constexpr explicit TweetId(std::uint64_t value) : value_(value) {}

  // 1 to 19 digits, at most 2^63 - 1 (what a signed database column holds); anything else is nothing.
  static std::optional<TweetId> parse(std::string_view digits) {
    if (digits.empty() || digits.size() > 19) return std::nullopt;
    std::uint64_t value = 0;  // 19 digits fit; a plain loop, because std::from_chars checks each digit for overflow
    for (const char digit : digits) {
      if (digit < '0' || digit > '9') return std::nullopt;
      value = value * 10 + static_cast<std::uint64_t>(digit - '0');
    }
    if (value > max_value) return std::nullopt;
    return TweetId{value};
  }
  // The smallest id that a post made at `time` can have; 0 before the first such id.
  static constexpr TweetId at(Time time) {
    const auto millis = time.time_since_epoch().count() - epoch_millis;
    return millis <= 0 ? TweetId{} : TweetId{static_cast<std::uint64_t>(millis) << time_shift};
  }

  [[nodiscard]] constexpr std::uint64_t value() const { return value_; }
  [[nodiscard]] std::string to_string() const { return std::to_string(value_); }
  // When the post was made. Exact to the millisecond for ids since November 2010; older ids were counted, not timed,
  // and give a time before then.
  [[nodiscard]] constexpr Time time() const {
    return Time{Millis{static_cast<std::int64_t>(value_ >> time_shift) + epoch_millis}};
  }
  // False for the counted ids of before 4 November 2010: their time is not in the id.
  [[nodiscard]] constexpr bool has_time() const { return value_ >= first_timed; }

  constexpr auto operator<=>(const TweetId&) const = default;

  static constexpr std::uint64_t max_value = (std::uint64_t{1} << 63U) - 1;

 private:
  static constexpr std::int64_t epoch_millis = 1288834974657;   // 2010-11-04T01:42:54.657Z
  static constexpr unsigned time_shift = 22;                    // below the time: worker and sequence
  static constexpr std::uint64_t first_timed = 29'700'000'000;  // ids had reached this when the timed scheme began

  std::uint64_t value_ = 0;
};

}  // namespace mentiond

template <>
struct std::hash<mentiond::TweetId> {
  std::size_t operator()(mentiond::TweetId id) const noexcept { return std::hash<std::uint64_t>{}(id.value()); }
};
