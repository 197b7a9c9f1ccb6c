#include "telemetry/metrics.h"

#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mentiond::telemetry {
namespace {

using testing::HasSubstr;
using testing::Not;

// Every family, touched once with the labels it has.
void touch_all(Metrics& metrics) {
  metrics.count(Counter::x_requests, "aws", "page");
  for (const auto family : {Counter::tweets_received, Counter::tweets_duplicate, Counter::gap_seconds,
                            Counter::partial_errors, Counter::unparsed_posts}) {
    metrics.count(family, "aws");
  }
  metrics.count(Counter::tweets_new, "AWS");
  metrics.count(Counter::bulk_requests, "ok");
  metrics.count(Counter::bulk_items, "created");
  metrics.count(Counter::log_lines, "info");
  for (const auto family : {Gauge::x_rate_limit_remaining, Gauge::spend_usd, Gauge::ledger_pending, Gauge::ledger_bytes,
                            Gauge::held, Gauge::dead_letters, Gauge::last_delivery_success_timestamp_seconds}) {
    metrics.set(family, 1);
  }
  for (const auto family : {Gauge::open_gaps, Gauge::last_poll_success_timestamp_seconds, Gauge::parked}) {
    metrics.set(family, "aws", 1);
  }
  metrics.set(Gauge::paused, "collect", "cap", 1);
}

TEST(Metrics, TheNamesAndLabelsAreThoseOfTheContract) {
  Metrics metrics{"1.2.3"};
  touch_all(metrics);
  const std::string text = metrics.expose();
  for (const auto* const line : {"mentiond_build_info{version=\"1.2.3\"} 1",
                                 "mentiond_x_requests_total{outcome=\"page\",query=\"aws\"} 1",
                                 "mentiond_tweets_received_total{query=\"aws\"} 1",
                                 "mentiond_tweets_new_total{cloud=\"AWS\"} 1",
                                 "mentiond_tweets_duplicate_total{query=\"aws\"} 1",
                                 "mentiond_x_rate_limit_remaining 1",
                                 "mentiond_posts_billed_total 0",
                                 "mentiond_spend_usd 1",
                                 "mentiond_gap_seconds_total{query=\"aws\"} 1",
                                 "mentiond_open_gaps{query=\"aws\"} 1",
                                 "mentiond_last_poll_success_timestamp_seconds{query=\"aws\"} 1",
                                 "mentiond_ledger_pending 1",
                                 "mentiond_ledger_bytes 1",
                                 "mentiond_bulk_requests_total{outcome=\"ok\"} 1",
                                 "mentiond_bulk_items_total{outcome=\"created\"} 1",
                                 "mentiond_held 1",
                                 "mentiond_dead_letters 1",
                                 "mentiond_last_delivery_success_timestamp_seconds 1",
                                 "mentiond_paused{half=\"collect\",reason=\"cap\"} 1",
                                 "mentiond_parked{query=\"aws\"} 1",
                                 "mentiond_x_request_seconds_count 0",
                                 "mentiond_bulk_seconds_count 0",
                                 "mentiond_freshness_seconds_count 0",
                                 "mentiond_partial_errors_total{query=\"aws\"} 1",
                                 "mentiond_unparsed_posts_total{query=\"aws\"} 1",
                                 "mentiond_pruned_passed_total 0",
                                 "mentiond_log_lines_total{level=\"info\"} 1"}) {
    EXPECT_THAT(text, HasSubstr(std::string{'\n'} + line + '\n')) << text;
  }
}

TEST(Metrics, EveryFamilyHasAHelpTextAndAType) {
  Metrics metrics;
  touch_all(metrics);
  std::istringstream lines{metrics.expose()};
  std::set<std::string> helped, typed, seen;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words{line};
    std::string first, kind, name, rest;
    words >> first >> kind >> name;
    std::getline(words, rest);
    if (first != "#") {
      std::string family = first.substr(0, first.find('{'));
      for (const auto* const suffix : {"_bucket", "_sum", "_count"}) {
        if (family.ends_with(suffix)) family.resize(family.size() - std::string_view{suffix}.size());
      }
      seen.insert(family);
    } else if (kind == "HELP" && rest.size() > 8) {
      helped.insert(name);
    } else if (kind == "TYPE") {
      typed.insert(name);
    }
  }
  EXPECT_EQ(seen, helped);
  EXPECT_EQ(seen, typed);
  EXPECT_EQ(seen.size(), 27U);
}

TEST(Metrics, CountersAddUpPerSeries) {
  Metrics metrics;
  metrics.count(Counter::tweets_new, "AWS", 3);
  metrics.count(Counter::tweets_new, "AWS");
  metrics.count(Counter::tweets_new, "GCP", 7);
  metrics.count(Counter::posts_billed, 100);
  metrics.count(Counter::x_requests, "a", "bc");
  metrics.count(Counter::x_requests, "ab", "c");
  const std::string text = metrics.expose();
  EXPECT_THAT(text, HasSubstr("mentiond_tweets_new_total{cloud=\"AWS\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("mentiond_tweets_new_total{cloud=\"GCP\"} 7\n"));
  EXPECT_THAT(text, HasSubstr("mentiond_posts_billed_total 100\n"));
  EXPECT_THAT(text, HasSubstr("mentiond_x_requests_total{outcome=\"bc\",query=\"a\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("mentiond_x_requests_total{outcome=\"c\",query=\"ab\"} 1\n"));
}

TEST(Metrics, AGaugeAppearsOnceItIsKnownAndKeepsItsLastValue) {
  Metrics metrics;
  EXPECT_THAT(metrics.expose(), Not(HasSubstr("\nmentiond_x_rate_limit_remaining ")));
  metrics.set(Gauge::x_rate_limit_remaining, 450);
  metrics.set(Gauge::x_rate_limit_remaining, 449);
  EXPECT_THAT(metrics.expose(), HasSubstr("\nmentiond_x_rate_limit_remaining 449\n"));
}

TEST(Metrics, FreshnessReachesFromASecondToTheSevenDaysOfXsSearch) {
  Metrics metrics;
  metrics.observe(Histogram::freshness_seconds, 0.5);
  metrics.observe(Histogram::freshness_seconds, 604'799);
  const std::string text = metrics.expose();
  EXPECT_THAT(text, HasSubstr("mentiond_freshness_seconds_bucket{le=\"1\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("mentiond_freshness_seconds_bucket{le=\"345600\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("mentiond_freshness_seconds_bucket{le=\"604800\"} 2\n"));
}

TEST(Metrics, LabelsAreEscaped) {
  Metrics metrics;
  metrics.count(Counter::bulk_items, "a\"b\\c\n");
  EXPECT_THAT(metrics.expose(), HasSubstr("{outcome=\"a\\\"b\\\\c\\n\"} 1\n"));
}

}  // namespace
}  // namespace mentiond::telemetry
