// Time as mentiond speaks it: UTC in milliseconds, as X and Elasticsearch do. Pure: nothing here reads a clock
// (that is loop/clock.h).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace mentiond {

using Millis = std::chrono::milliseconds;
using Time = std::chrono::sys_time<Millis>;                // wall clock, UTC; may jump
using SteadyTime = std::chrono::steady_clock::time_point;  // for waits; never jumps
using Day = std::chrono::sys_days;                         // a UTC day

// The two clocks, read together, as deciders receive them.
struct Now {
  Time wall{};
  SteadyTime steady{};
};

// 2026-01-31T23:59:59.123Z
std::string to_iso8601(Time time);
// Reads YYYY-MM-DDTHH:MM:SS[.f...]Z; fractions beyond a millisecond are cut.
std::optional<Time> parse_iso8601(std::string_view text);
// Reads the Date header's form of RFC 9110: "Sun, 06 Nov 1994 08:49:37 GMT".
std::optional<Time> parse_http_date(std::string_view text);
std::string to_http_date(Time time);
// Reads YYYY-MM-DD.
std::optional<Day> parse_day(std::string_view text);
std::string to_text(Day day);

// As Prometheus counts.
inline double to_seconds(Millis duration) { return std::chrono::duration<double>{duration}.count(); }
inline double to_unix_seconds(Time time) { return to_seconds(time.time_since_epoch()); }

inline Day day_of(Time time) { return std::chrono::floor<std::chrono::days>(time); }

// Expands %Y %m %d %H and %% by the UTC time; anything else after a % is kept as it stands.
std::string expand_date_pattern(std::string_view pattern, Time time);

// "1.2s", "15m", "340ms", "2d": one number and the largest unit that keeps it readable. For logs.
std::string to_text(Millis duration);

}  // namespace mentiond
