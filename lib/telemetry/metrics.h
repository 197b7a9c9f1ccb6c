// Metrics: every time series that mentiond exports, by family; names, help and buckets stand in metrics.cpp,
// once. https://prometheus.io/docs/instrumenting/exposition_formats/ Any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace mentiond::telemetry {

// Labels in the order given here.
enum class Counter : std::uint8_t {
  x_requests,        // {query, outcome}
  tweets_received,   // {query}
  tweets_new,        // {cloud}: (tweet, cloud) pairs first seen
  tweets_duplicate,  // {query}
  posts_billed,
  gap_seconds,     // {query}: time whose posts X no longer served
  partial_errors,  // {query}: entries of `errors` in pages
  unparsed_posts,  // {query}: kept raw among the dead letters
  bulk_requests,   // {outcome}
  bulk_items,      // {outcome}
  pruned_passed,   // rows that a new sink cannot get any more
  log_lines,       // {level}
};
enum class Gauge : std::uint8_t {
  x_rate_limit_remaining,
  spend_usd,                            // this budget month
  open_gaps,                            // {query}
  last_poll_success_timestamp_seconds,  // {query}
  ledger_pending,
  ledger_bytes,
  held,
  dead_letters,
  last_delivery_success_timestamp_seconds,
  paused,  // {half, reason}: 1 while it lasts
  parked,  // {query}
};
enum class Histogram : std::uint8_t { x_request_seconds, bulk_seconds, freshness_seconds };

class Metrics {
 public:
  // `version` is the label of mentiond_build_info. Counters and histograms without labels start at 0; a gauge
  // appears once it is known, so that nobody takes "never asked" for 0.
  explicit Metrics(std::string_view version = "unknown");
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void count(Counter family, double by = 1) { add(family, "", "", by); }
  void count(Counter family, std::string_view label, double by = 1) { add(family, label, "", by); }
  void count(Counter family, std::string_view first, std::string_view second, double by = 1) {
    add(family, first, second, by);
  }
  void set(Gauge family, double value) { assign(family, "", "", value); }
  void set(Gauge family, std::string_view label, double value) { assign(family, label, "", value); }
  void set(Gauge family, std::string_view first, std::string_view second, double value) {
    assign(family, first, second, value);
  }
  void observe(Histogram family, double seconds);
  // Its gauges are exposed no more, until one is set again.
  void forget_query(std::string_view query);

  // Everything in Prometheus' text format.
  [[nodiscard]] std::string expose() const;

 private:
  void add(Counter family, std::string_view first, std::string_view second, double by);
  void assign(Gauge family, std::string_view first, std::string_view second, double value);

  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace mentiond::telemetry
