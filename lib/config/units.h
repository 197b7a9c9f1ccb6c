// Durations, sizes and times of the day as the configuration writes them. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace mentiond::config {

// A whole number and one of ms, s, m, h, d: "15m". A bare number is refused, since 15 may be meant as anything.
Result<Millis> parse_duration(std::string_view text);
// A whole number and one of B, KB, MB (powers of 1000), KiB, MiB (powers of 1024): "5MB". A bare number is refused.
Result<std::int64_t> parse_size(std::string_view text);
// A whole number without a sign, of at most 15 digits.
Result<std::int64_t> parse_count(std::string_view text);
// A decimal number of at least 0: "0.005".
Result<double> parse_amount(std::string_view text);
// "06:00": hours 00 to 23, minutes 00 to 59.
std::optional<std::chrono::minutes> parse_time_of_day(std::string_view text);

}  // namespace mentiond::config
