#include "base/time.h"

#include <gtest/gtest.h>

namespace mentiond {
namespace {

using std::chrono::sys_days;
using namespace std::chrono_literals;

const Time moment = sys_days{2026y / 1 / 31} + 23h + 59min + 59s + 123ms;

TEST(Time, Iso8601RoundTripsToTheMillisecond) {
  EXPECT_EQ(to_iso8601(moment), "2026-01-31T23:59:59.123Z");
  EXPECT_EQ(parse_iso8601("2026-01-31T23:59:59.123Z"), moment);
  EXPECT_EQ(parse_iso8601(to_iso8601(Time{})), Time{});
  const Time before_the_epoch = sys_days{1969y / 12 / 31} + 23h;
  EXPECT_EQ(parse_iso8601(to_iso8601(before_the_epoch)), before_the_epoch);
}

TEST(Time, Iso8601FractionsAreCutToMilliseconds) {
  const Time second = sys_days{2026y / 1 / 31} + 23h + 59min + 59s;
  EXPECT_EQ(parse_iso8601("2026-01-31T23:59:59Z"), second);
  EXPECT_EQ(parse_iso8601("2026-01-31T23:59:59.5Z"), second + 500ms);
  EXPECT_EQ(parse_iso8601("2026-01-31T23:59:59.1239999Z"), second + 123ms);
}

TEST(Time, Iso8601RefusesWhatIsNoMoment) {
  for (const std::string text :
       {"", "2026-01-31", "2026-01-31T23:59:59", "2026-01-31T23:59:59.Z", "2026-01-31 23:59:59Z", "2026-1-31T23:59:59Z",
        "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-31T24:00:00Z",
        "2026-01-31T23:60:00Z", "2026-01-31T23:59:61Z", "2026-01-31T23:59:59+01:00", "2026-01-31T23:59:59Z ",
        "-026-01-31T23:59:59Z"}) {
    EXPECT_FALSE(parse_iso8601(text)) << text;
  }
  EXPECT_TRUE(parse_iso8601("2024-02-29T00:00:00Z"));
}

TEST(Time, ALeapSecondThatWouldEndTheLastYearIsRefused) {
  EXPECT_TRUE(parse_iso8601("9999-12-31T23:59:59.999Z"));
  EXPECT_FALSE(parse_iso8601("9999-12-31T23:59:60Z"));
}

TEST(Time, ALeapSecondIsTheNextMinutesFirst) {
  EXPECT_EQ(parse_iso8601("2016-12-31T23:59:60Z"), Time{sys_days{2017y / 1 / 1}});
}

TEST(Time, HttpDatesRoundTrip) {
  // The example of RFC 9110, section 5.6.7.
  const Time example = sys_days{1994y / 11 / 6} + 8h + 49min + 37s;
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), example);
  EXPECT_EQ(to_http_date(example), "Sun, 06 Nov 1994 08:49:37 GMT");
  for (int day = 0; day < 366; day += 11) {
    const Time time = Time{sys_days{2026y / 1 / 1} + std::chrono::days{day}};
    EXPECT_EQ(parse_http_date(to_http_date(time)), time);
  }
}

TEST(Time, HttpDatesInOtherFormsAreRefused) {
  for (const std::string text :
       {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37", "Sun, 31 Feb 2026 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT "}) {
    EXPECT_FALSE(parse_http_date(text)) << text;
  }
}

TEST(Time, DaysRoundTrip) {
  EXPECT_EQ(parse_day("2026-01-31"), Day{sys_days{2026y / 1 / 31}});
  EXPECT_EQ(to_text(*parse_day("2026-01-31")), "2026-01-31");
  for (const std::string text : {"", "2026-1-31", "2026-02-30", "2026-01-31Z", "20260131"})
    EXPECT_FALSE(parse_day(text)) << text;
}

TEST(Time, ADayIsCutByUtc) {
  EXPECT_EQ(day_of(moment), Day{sys_days{2026y / 1 / 31}});
  EXPECT_EQ(day_of(moment + 877ms), Day{sys_days{2026y / 2 / 1}});
  EXPECT_EQ(day_of(Time{} - 1ms), Day{sys_days{1969y / 12 / 31}});
}

TEST(Time, PatternsExpandTheirDateAndKeepTheRest) {
  EXPECT_EQ(expand_date_pattern("cloud_marketplace_data_%Y%m%d", moment), "cloud_marketplace_data_20260131");
  EXPECT_EQ(expand_date_pattern("%H-%%-%q-%", moment), "23-%-%q-%");
  EXPECT_EQ(expand_date_pattern("", moment), "");
}

TEST(Time, DurationsReadInOneUnit) {
  EXPECT_EQ(to_text(340ms), "340ms");
  EXPECT_EQ(to_text(1200ms), "1.2s");
  EXPECT_EQ(to_text(Millis{15min}), "15m");
  EXPECT_EQ(to_text(Millis{3h}), "3.0h");
  EXPECT_EQ(to_text(Millis{48h}), "2.0d");
}

}  // namespace
}  // namespace mentiond
