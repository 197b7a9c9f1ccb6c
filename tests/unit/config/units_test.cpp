#include "config/units.h"

#include <gtest/gtest.h>

namespace mentiond::config {
namespace {

using std::chrono::minutes;

TEST(Units, ADurationIsAWholeNumberAndAUnit) {
  EXPECT_EQ(parse_duration("340ms").value(), Millis{340});
  EXPECT_EQ(parse_duration("2s").value(), Millis{2'000});
  EXPECT_EQ(parse_duration("15m").value(), minutes{15});
  EXPECT_EQ(parse_duration("12h").value(), std::chrono::hours{12});
  EXPECT_EQ(parse_duration("400d").value(), std::chrono::days{400});
  EXPECT_EQ(parse_duration("0s").value(), Millis{0});
}

TEST(Units, ADurationOfAnyOtherFormIsRefusedWithTheRemedy) {
  EXPECT_EQ(parse_duration("15").error().message,
            "\"15\" has no unit; expected a whole number and one of ms, s, m, h, d, such as 15m");
  for (const auto* const text : {"15 m", "15min", "15M", "2MB"}) {
    EXPECT_NE(parse_duration(text).error().message.find("has an unknown unit"), std::string::npos) << text;
  }
  for (const auto* const text : {"", "m", "-2m", "+2m", "99999999999d", " 2m"}) {
    EXPECT_NE(parse_duration(text).error().message.find("is not understood"), std::string::npos) << text;
  }
  EXPECT_FALSE(parse_duration("1.5h"));
}

TEST(Units, SizesKnowPowersOf1000AndOf1024) {
  EXPECT_EQ(parse_size("7B").value(), 7);
  EXPECT_EQ(parse_size("7KB").value(), 7'000);
  EXPECT_EQ(parse_size("5MB").value(), 5'000'000);
  EXPECT_EQ(parse_size("2KiB").value(), 2'048);
  EXPECT_EQ(parse_size("2MiB").value(), 2'097'152);
  EXPECT_EQ(parse_size("5").error().message,
            "\"5\" has no unit; expected a whole number and one of B, KB, MB, KiB, MiB, such as 5MB");
  EXPECT_FALSE(parse_size("5mb"));
  EXPECT_FALSE(parse_size("5GB"));
}

TEST(Units, CountsAreWholeNumbersWithoutASign) {
  EXPECT_EQ(parse_count("0").value(), 0);
  EXPECT_EQ(parse_count("1000000").value(), 1'000'000);
  for (const auto* const text : {"", "-1", "+1", "1.0", "1e3", "0x10", "1_000", "1234567890123456"}) {
    EXPECT_FALSE(parse_count(text)) << text;
  }
}

TEST(Units, AmountsAreDecimalNumbersOfAtLeastZero) {
  EXPECT_EQ(parse_amount("0.005").value(), 0.005);
  EXPECT_EQ(parse_amount("0").value(), 0.0);
  for (const auto* const text : {"", "-1", ".5", "1e-3", "nan", "inf", "0,5", "0.5 USD"}) {
    EXPECT_FALSE(parse_amount(text)) << text;
  }
}

TEST(Units, TimesOfTheDayAreHoursAndMinutes) {
  EXPECT_EQ(parse_time_of_day("06:00"), minutes{360});
  EXPECT_EQ(parse_time_of_day("23:59"), minutes{23 * 60 + 59});
  for (const auto* const text : {"", "6:00", "24:00", "12:60", "06:00Z", "06-00", "ab:cd", "06:0x"}) {
    EXPECT_FALSE(parse_time_of_day(text)) << text;
  }
}

}  // namespace
}  // namespace mentiond::config
