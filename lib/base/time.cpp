#include "base/time.h"

#include <array>
#include <cstdint>
#include <cstdio>

namespace mentiond {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::array<std::string_view, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// Takes fixed-width numbers and literals off the front of a text; once anything misfits, `ok` stays false.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  int number(std::size_t digits) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (i >= rest_.size() || rest_[i] < '0' || rest_[i] > '9') return fail();
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return value;
  }
  void literal(std::string_view expected) {
    if (!rest_.starts_with(expected)) {
      fail();
      return;
    }
    rest_.remove_prefix(expected.size());
  }
  // Milliseconds from ".5", ".123" or ".123456"; none there is 0.
  int fraction() {
    if (rest_.empty() || rest_.front() != '.') return 0;
    rest_.remove_prefix(1);
    int value = 0;
    std::size_t digits = 0;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; rest_.remove_prefix(1), ++digits) {
      if (digits < 3) value = value * 10 + (rest_.front() - '0');
    }
    if (digits == 0) return fail();
    for (; digits < 3; ++digits) value *= 10;
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
  [[nodiscard]] bool done() const { return ok_ && rest_.empty(); }

 private:
  int fail() {
    ok_ = false;
    return 0;
  }
  std::string_view rest_;
  bool ok_ = true;
};

std::optional<Time> assemble(int year, int month, int day, int hour, int minute, int second, int millis) {
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  // A leap second (60) is counted as the next minute's first.
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return Day{date} + hours{hour} + minutes{minute} + seconds{second} + Millis{millis};
}

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
  const int year = reader.number(4);
  reader.literal("-");
  const int month = reader.number(2);
  reader.literal("-");
  const int day = reader.number(2);
  reader.literal("T");
  const int hour = reader.number(2);
  reader.literal(":");
  const int minute = reader.number(2);
  reader.literal(":");
  const int second = reader.number(2);
  const int millis = reader.fraction();
  reader.literal("Z");
  if (!reader.done()) return std::nullopt;
  return assemble(year, month, day, hour, minute, second, millis);
}

std::optional<Time> parse_http_date(std::string_view text) {
  Reader reader{text};
  reader.name(weekdays);
  reader.literal(", ");
  const int day = reader.number(2);
  reader.literal(" ");
  const int month = reader.name(months) + 1;
  reader.literal(" ");
  const int year = reader.number(4);
  reader.literal(" ");
  const int hour = reader.number(2);
  reader.literal(":");
  const int minute = reader.number(2);
  reader.literal(":");
  const int second = reader.number(2);
  reader.literal(" GMT");
  if (!reader.done()) return std::nullopt;
  return assemble(year, month, day, hour, minute, second, 0);
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
  const int year = reader.number(4);
  reader.literal("-");
  const int month = reader.number(2);
  reader.literal("-");
  const int day = reader.number(2);
  if (!reader.done()) return std::nullopt;
  const auto time = assemble(year, month, day, 0, 0, 0, 0);
  if (!time) return std::nullopt;
  return day_of(*time);
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
