#include "xapi/budget.h"

#include <gtest/gtest.h>

#include "xapi/request.h"

namespace mentiond::xapi {
namespace {

Day day(const char* text) { return *parse_day(text); }

TEST(Budget, MonthsBeginOnTheDayConfigured) {
  EXPECT_EQ(month_begin(day("2026-03-15"), 1), day("2026-03-01"));
  EXPECT_EQ(month_begin(day("2026-03-15"), 15), day("2026-03-15"));
  EXPECT_EQ(month_begin(day("2026-03-14"), 15), day("2026-02-15"));
  EXPECT_EQ(month_begin(day("2026-01-03"), 28), day("2025-12-28"));
  EXPECT_EQ(next_month_begin(day("2026-01-31"), 28), day("2026-02-28"));
  EXPECT_EQ(next_month_begin(day("2026-12-31"), 1), day("2027-01-01"));
}

TEST(Budget, NearTheCapPagesShrinkThenStop) {
  Budget budget{{.posts_per_month = 150}, day("2026-03-15"), 0, 0};
  EXPECT_EQ(budget.page_size(100), 100);
  budget.spend(100, 0);
  EXPECT_EQ(budget.page_size(100), 50);
  budget.spend(40, 0);
  EXPECT_EQ(budget.page_size(100), min_page_size);
  budget.spend(1, 0);
  EXPECT_EQ(budget.page_size(100), 0) << "X refuses to serve fewer than ten";
}

TEST(Budget, PostsInFlightCountAsSpent) {
  const Budget budget{{.posts_per_month = 150}, day("2026-03-15"), 0, 0};
  EXPECT_EQ(budget.page_size(100, 100), 50);
}

TEST(Budget, ZeroMeansNoCap) {
  Budget budget{{.posts_per_month = 0}, day("2026-03-15"), 1'000'000'000, 0};
  EXPECT_EQ(budget.page_size(100), 100);
}

TEST(Budget, CoversTheDaysOfItsMonthAlone) {
  const Budget budget{{.posts_per_month = 100, .month_starts = 10}, day("2026-03-15"), 100, 7};
  EXPECT_TRUE(budget.covers(day("2026-03-10")));
  EXPECT_TRUE(budget.covers(day("2026-04-09")));
  EXPECT_FALSE(budget.covers(day("2026-04-10")));
  EXPECT_FALSE(budget.covers(day("2026-03-09")));
  EXPECT_EQ(budget.began(), day("2026-03-10"));
  EXPECT_EQ(budget.resets(), day("2026-04-10"));
}

TEST(Budget, MoneyIsPostsAndUsers) {
  Budget budget{{.usd_per_post = 0.005, .usd_per_user = 0.01}, day("2026-03-15"), 100, 0};
  budget.spend(100, 50);
  EXPECT_DOUBLE_EQ(budget.usd(), 1.5);
}

}  // namespace
}  // namespace mentiond::xapi
