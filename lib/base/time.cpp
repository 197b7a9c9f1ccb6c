#include "base/time.h"

#include <array>
#include <cstdint>
#include <cstdio>

#include "base/ascii.h"

namespace mentiond {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::array<std::string_view, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// Takes the parts of a date off the front of a text; once anything misfits, `ok_` stays false and the parts count for
// nothing.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  // 2026-01-31
  void iso_date() {
    year_ = number(4);
    literal("-");
    month_ = number(2);
    literal("-");
    day_ = number(2);
  }
  // Sat, 31 Jan 2026
  void http_date() {
    name(weekdays);
    literal(", ");
    day_ = number(2);
    literal(" ");
    month_ = name(months) + 1;
    literal(" ");
    year_ = number(4);
  }
  // 23:59:59
  void clock() {
    hour_ = number(2);
    literal(":");
    minute_ = number(2);
    literal(":");
    second_ = number(2);
  }
  // Milliseconds from ".5", ".123" or ".123456"; none there is 0.
  void fraction() {
    if (rest_.empty() || rest_.front() != '.') return;
    rest_.remove_prefix(1);
    std::size_t digits = 0;
    for (; !rest_.empty() && is_digit(rest_.front()); rest_.remove_prefix(1), ++digits) {
      if (digits < 3) millis_ = millis_ * 10 + (rest_.front() - '0');
    }
    if (digits == 0) fail();
    for (; digits < 3; ++digits) millis_ *= 10;
  }
  void literal(std::string_view expected) {
    if (!rest_.starts_with(expected)) {
      fail();
      return;
    }
    rest_.remove_prefix(expected.size());
  }
  // What was read, if that was all of the text and is a moment.
  [[nodiscard]] std::optional<Time> time() const {
    const std::chrono::year_month_day date{std::chrono::year{year_}, std::chrono::month{static_cast<unsigned>(month_)},
                                           std::chrono::day{static_cast<unsigned>(day_)}};
    // A leap second (60) is counted as the next minute's first.
    const bool on_the_clock = hour_ <= 23 && minute_ <= 59 && second_ <= 60;
    if (!ok_ || !rest_.empty() || !date.ok() || !on_the_clock) return std::nullopt;
    const Time time = Day{date} + hours{hour_} + minutes{minute_} + seconds{second_} + Millis{millis_};
    // Which may be the first of a year that has no name of four digits.
    if (time >= Time{Day{std::chrono::year{10'000} / 1 / 1}}) return std::nullopt;
    return time;
  }

 private:
  int number(std::size_t digits) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (i >= rest_.size() || !is_digit(rest_[i])) return fail();
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return value;
  }
  template <std::size_t N>
  int name(const std::array<std::string_view, N>& names) {
    for (std::size_t i = 0; i < N; ++i) {
      if (rest_.starts_with(names[i])) {
        rest_.remove_prefix(names[i].size());
        return static_cast<int>(i);
      }
    }
    return fail();
  }
  int fail() {
    ok_ = false;
    return 0;
  }

  std::string_view rest_;
  bool ok_ = true;
  int year_ = 0, month_ = 0, day_ = 0;
  int hour_ = 0, minute_ = 0, second_ = 0, millis_ = 0;
};

std::string printed(const char* format, auto... values) {
  std::array<char, 64> buffer{};
  const int length = std::snprintf(buffer.data(), buffer.size(), format, values...);
  return {buffer.data(), static_cast<std::size_t>(length)};
}

// Appends a number with leading zeros. Documents are full of dates: printf would be a quarter of their cost.
void append_digits(std::string& out, std::int64_t value, std::size_t digits) {
  std::array<char, 20> buffer{};
  for (std::size_t i = digits; i-- > 0; value /= 10) buffer[i] = static_cast<char>('0' + value % 10);
  out.append(buffer.data(), digits);
}

struct Civil {
  int year;
  unsigned month;
  unsigned day;
  long long hour, minute, second, millis;
};

Civil civil(Time time) {
  const Day day = day_of(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  return {static_cast<int>(date.year()),     static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()), clock.hours().count(),
          clock.minutes().count(),           clock.seconds().count(),
          clock.subseconds().count()};
}

}  // namespace

std::string to_iso8601(Time time) {
  const Civil c = civil(time);
  std::string out;
  out.reserve(24);
  const auto part = [&out](std::int64_t value, std::size_t digits, char after) {
    append_digits(out, value, digits);
    out += after;
  };
  part(c.year, 4, '-');
  part(c.month, 2, '-');
  part(c.day, 2, 'T');
  part(c.hour, 2, ':');
  part(c.minute, 2, ':');
  part(c.second, 2, '.');
  part(c.millis, 3, 'Z');
  return out;
}

std::optional<Time> parse_iso8601(std::string_view text) {
  Reader reader{text};
  reader.iso_date();
  reader.literal("T");
  reader.clock();
  reader.fraction();
  reader.literal("Z");
  return reader.time();
}

std::optional<Time> parse_http_date(std::string_view text) {
  Reader reader{text};
  reader.http_date();
  reader.literal(" ");
  reader.clock();
  reader.literal(" GMT");
  return reader.time();
}

std::string to_http_date(Time time) {
  const Civil c = civil(time);
  const std::chrono::weekday weekday{day_of(time)};
  std::string out{weekdays[weekday.c_encoding()]};
  out += printed(", %02u ", c.day);
  out += months[c.month - 1];
  return out + printed(" %04d %02lld:%02lld:%02lld GMT", c.year, c.hour, c.minute, c.second);
}

std::optional<Day> parse_day(std::string_view text) {
  Reader reader{text};
  reader.iso_date();
  const auto time = reader.time();
  return time ? std::optional{day_of(*time)} : std::nullopt;
}

std::string to_text(Day day) { return to_iso8601(day).substr(0, 10); }

std::string expand_date_pattern(std::string_view pattern, Time time) {
  const Civil c = civil(time);
  std::string out;
  out.reserve(pattern.size() + 8);
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%' || i + 1 == pattern.size()) {
      out += pattern[i];
      continue;
    }
    switch (pattern[++i]) {
      case 'Y':
        append_digits(out, c.year, 4);
        break;
      case 'm':
        append_digits(out, c.month, 2);
        break;
      case 'd':
        append_digits(out, c.day, 2);
        break;
      case 'H':
        append_digits(out, c.hour, 2);
        break;
      case '%':
        out += '%';
        break;
      default:
        (out += '%') += pattern[i];
    }
  }
  return out;
}

std::string to_text(Millis duration) {
  const double ms = static_cast<double>(duration.count());
  if (duration < seconds{1}) return printed("%.0fms", ms);
  if (duration < minutes{2}) return printed("%.1fs", ms / 1e3);
  if (duration < hours{2}) return printed("%.0fm", ms / 60e3);
  if (duration < days{2}) return printed("%.1fh", ms / 3600e3);
  return printed("%.1fd", ms / 86400e3);
}

}  // namespace mentiond
