#include "config/units.h"

#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <string>

#include "base/ascii.h"

namespace mentiond::config {

namespace {

struct Unit {
  std::string_view name;
  std::int64_t factor;
};
constexpr std::array duration_units = {Unit{"ms", 1}, Unit{"s", 1'000}, Unit{"m", 60'000}, Unit{"h", 3'600'000},
                                       Unit{"d", 86'400'000}};
constexpr std::array size_units = {Unit{"B", 1}, Unit{"KB", 1'000}, Unit{"MB", 1'000'000}, Unit{"KiB", 1'024},
                                   Unit{"MiB", 1'048'576}};

// Keeps every product of a number and a unit within 64 bits.
constexpr std::size_t max_digits = 10;

Result<std::int64_t> parse_with_unit(std::string_view text, std::span<const Unit> units, std::string_view example) {
  std::string names;
  for (const Unit& unit : units) names += (names.empty() ? "" : ", ") + std::string{unit.name};
  const std::string expected = "; expected a whole number and one of " + names + ", such as " + std::string{example};
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  if (digits == 0 || digits > max_digits) return fail(quoted(text), " is not understood", expected);
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + digits, number);
  const std::string_view unit_name = text.substr(digits);
  if (unit_name.empty()) return fail(quoted(text), " has no unit", expected);
  for (const Unit& unit : units) {
    if (unit.name == unit_name) return number * unit.factor;
  }
  return fail(quoted(text), " has an unknown unit", expected);
}

}  // namespace

Result<Millis> parse_duration(std::string_view text) {
  const auto millis = parse_with_unit(text, duration_units, "15m");
  if (!millis) return millis.error();
  return Millis{*millis};
}

Result<std::int64_t> parse_size(std::string_view text) { return parse_with_unit(text, size_units, "5MB"); }

Result<std::int64_t> parse_count(std::string_view text) {
  std::int64_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || text.size() > 15 || !is_digit(text.front()) || error != std::errc{} || stop != end) {
    return fail(quoted(text), " is not a whole number");
  }
  return number;
}

Result<double> parse_amount(std::string_view text) {
  double number = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (text.empty() || !is_digit(text.front()) || error != std::errc{} || stop != end || !std::isfinite(number)) {
    return fail(quoted(text), " is not an amount; expected a decimal number, such as 0.005");
  }
  return number;
}

std::optional<std::chrono::minutes> parse_time_of_day(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  for (const std::size_t at : {0U, 1U, 3U, 4U}) {
    if (!is_digit(text[at])) return std::nullopt;
  }
  const int hours = (text[0] - '0') * 10 + (text[1] - '0');
  const int minutes = (text[3] - '0') * 10 + (text[4] - '0');
  if (hours > 23 || minutes > 59) return std::nullopt;
  return std::chrono::minutes{hours * 60 + minutes};
}

}  // namespace mentiond::config
