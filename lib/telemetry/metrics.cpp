#include "telemetry/metrics.h"

#include <array>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace mentiond::telemetry {

namespace {

struct Description {
  const char* name;
  const char* help;
  std::array<const char*, 2> labels = {nullptr, nullptr};
};

// In the order of the enumerations.
constexpr std::array counter_table = {
    Description{"mentiond_x_requests_total", "Search requests to X, by what the answer meant.", {"query", "outcome"}},
    Description{"mentiond_tweets_received_total", "Tweets read from X, repeats included.", {"query"}},
    Description{"mentiond_tweets_new_total", "Pairs of tweet and cloud seen for the first time.", {"cloud"}},
    Description{"mentiond_tweets_duplicate_total", "Tweets read that changed nothing.", {"query"}},
    Description{"mentiond_posts_billed_total", "Posts that X bills: once per post and UTC day."},
    Description{"mentiond_gap_seconds_total", "Length of time whose tweets X no longer served when asked.", {"query"}},
    Description{"mentiond_partial_errors_total", "Entries of 'errors' in pages of X.", {"query"}},
    Description{"mentiond_unparsed_posts_total", "Posts that could not be read, kept raw as dead letters.", {"query"}},
    Description{"mentiond_bulk_requests_total", "Bulk requests, by what the answer meant.", {"outcome"}},
    Description{"mentiond_bulk_items_total", "Documents in bulk replies, by what became of them.", {"outcome"}},
    Description{"mentiond_pruned_passed_total", "Rows a new sink cannot get: their payload was pruned before."},
    Description{"mentiond_log_lines_total", "Log lines written.", {"level"}},
};
static_assert(counter_table.size() == static_cast<std::size_t>(Counter::log_lines) + 1);

constexpr std::array gauge_table = {
    Description{"mentiond_x_rate_limit_remaining", "Requests left in X's present rate window."},
    Description{"mentiond_spend_usd", "What X bills for the present budget month, at the configured prices."},
    Description{"mentiond_open_gaps", "Stretches of ids still to be read.", {"query"}},
    Description{"mentiond_last_poll_success_timestamp_seconds", "When a walk last ended well.", {"query"}},
    Description{"mentiond_ledger_pending", "Rows that wait for the sink, held ones included."},
    Description{"mentiond_ledger_bytes", "Size of the ledger's file and its write-ahead log."},
    Description{"mentiond_held", "Rows that wait for an operator."},
    Description{"mentiond_dead_letters", "Rows that were refused for good, unreadable posts included."},
    Description{"mentiond_last_delivery_success_timestamp_seconds", "When a bulk request last ended well."},
    Description{
        "mentiond_paused", "1 while this half, or a part of it, waits for the reason named.", {"half", "reason"}},
    Description{"mentiond_parked", "1 while X refuses this query.", {"query"}},
};
static_assert(gauge_table.size() == static_cast<std::size_t>(Gauge::parked) + 1);

using Buckets = prometheus::Histogram::BucketBoundaries;

// Seconds. A request may last up to its 60 s deadline.
const Buckets request_buckets = {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
// Seconds from the tweet to its document: from 1 s (a live poll) by the usual intervals (15 min, 1 h, a day)
// to the 7 days that X's search reaches back.
const Buckets freshness_buckets = {1,    5,    15,   30,    60,    120,   300,    600,    900,
                                   1800, 3600, 7200, 21600, 43200, 86400, 172800, 345600, 604800};

constexpr std::array histogram_table = {
    Description{"mentiond_x_request_seconds", "How long X took to answer."},
    Description{"mentiond_bulk_seconds", "How long a bulk request took."},
    Description{"mentiond_freshness_seconds", "From the tweet's creation to its document."},
};
static_assert(histogram_table.size() == static_cast<std::size_t>(Histogram::freshness_seconds) + 1);

struct LabelsHash {
  using is_transparent = void;
  template <class Pair>
  std::size_t operator()(const Pair& labels) const {
    const std::hash<std::string_view> hash;
    return hash(labels.first) * 31 + hash(labels.second);
  }
};
struct LabelsEqual {
  using is_transparent = void;
  template <class Left, class Right>
  bool operator()(const Left& left, const Right& right) const {
    return left.first == right.first && left.second == right.second;
  }
};

// One family with its series by label values: prometheus-cpp's own Add() builds and hashes a map of strings
// at each call.
template <class Series>
class SeriesCache {
 public:
  SeriesCache(const Description& description, prometheus::Family<Series>& family)
      : description_(description), family_(family) {}

  Series& series(std::string_view first, std::string_view second) {
    const std::scoped_lock guard{mutex_};
    if (const auto found = known_.find(std::pair{first, second}); found != known_.end()) return *found->second;
    prometheus::Labels labels;
    if (description_.labels[0] != nullptr) labels[description_.labels[0]] = first;
    if (description_.labels[1] != nullptr) labels[description_.labels[1]] = second;
    Series& added = family_.Add(labels);
    known_.emplace(std::pair{std::string{first}, std::string{second}}, &added);
    return added;
  }
  void forget(std::string_view first) {
    const std::scoped_lock guard{mutex_};
    const auto found = known_.find(std::pair{first, std::string_view{}});
    if (found == known_.end()) return;
    family_.Remove(found->second);
    known_.erase(found);
  }
  [[nodiscard]] bool has_labels() const { return description_.labels[0] != nullptr; }

 private:
  const Description& description_;
  prometheus::Family<Series>& family_;
  std::mutex mutex_;
  std::unordered_map<std::pair<std::string, std::string>, Series*, LabelsHash, LabelsEqual> known_;
};

}  // namespace

struct Metrics::Families {
  prometheus::Registry registry;
  std::vector<std::unique_ptr<SeriesCache<prometheus::Counter>>> counters;
  std::vector<std::unique_ptr<SeriesCache<prometheus::Gauge>>> gauges;
  std::vector<prometheus::Histogram*> histograms;
};

Metrics::Metrics(std::string_view version) : families_(std::make_unique<Families>()) {
  auto& registry = families_->registry;
  prometheus::BuildGauge()
      .Name("mentiond_build_info")
      .Help("The running version; always 1.")
      .Register(registry)
      .Add({{"version", std::string{version}}})
      .Set(1);
  for (const auto& counter : counter_table) {
    auto& family = prometheus::BuildCounter().Name(counter.name).Help(counter.help).Register(registry);
    auto& cache =
        *families_->counters.emplace_back(std::make_unique<SeriesCache<prometheus::Counter>>(counter, family));
    if (!cache.has_labels()) cache.series({}, {});
  }
  for (const auto& gauge : gauge_table) {
    auto& family = prometheus::BuildGauge().Name(gauge.name).Help(gauge.help).Register(registry);
    families_->gauges.push_back(std::make_unique<SeriesCache<prometheus::Gauge>>(gauge, family));
  }
  for (std::size_t i = 0; i < histogram_table.size(); ++i) {
    const bool freshness = i == static_cast<std::size_t>(Histogram::freshness_seconds);
    families_->histograms.push_back(&prometheus::BuildHistogram()
                                         .Name(histogram_table[i].name)
                                         .Help(histogram_table[i].help)
                                         .Register(registry)
                                         .Add({}, freshness ? freshness_buckets : request_buckets));
  }
}

Metrics::~Metrics() = default;

void Metrics::add(Counter family, std::string_view first, std::string_view second, double by) {
  families_->counters[static_cast<std::size_t>(family)]->series(first, second).Increment(by);
}

void Metrics::assign(Gauge family, std::string_view first, std::string_view second, double value) {
  families_->gauges[static_cast<std::size_t>(family)]->series(first, second).Set(value);
}

void Metrics::forget_query(std::string_view query) {
  for (const auto family : {Gauge::open_gaps, Gauge::last_poll_success_timestamp_seconds, Gauge::parked}) {
    families_->gauges[static_cast<std::size_t>(family)]->forget(query);
  }
}

void Metrics::observe(Histogram family, double seconds) {
  families_->histograms[static_cast<std::size_t>(family)]->Observe(seconds);
}

std::string Metrics::expose() const { return prometheus::TextSerializer{}.Serialize(families_->registry.Collect()); }

}  // namespace mentiond::telemetry
