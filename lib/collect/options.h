// What an operator may set about collecting; lib/config fills it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mentiond::collect {

// `automatic` starts with tweet and changes over when X says so, at most once an hour.
enum class VocabularyChoice : std::uint8_t { automatic, tweet, post };

// When a query is polled: every so often, or once a day at a time (UTC).
struct Schedule {
  std::chrono::milliseconds every{std::chrono::minutes{15}};
  std::optional<std::chrono::minutes> daily_at;  // since midnight; stands before `every`
};

struct QueryOptions {
  std::string name;
  std::string cloud;
  std::string text;
  Schedule schedule;
};

struct Budget {
  std::int64_t posts_per_month = 20'000;  // hard stop; 0: no cap
  unsigned month_starts = 1;              // the day of the month, 1 to 28
  double usd_per_post = 0.005;
  double usd_per_user = 0.010;
};

struct Options {
  VocabularyChoice vocabulary = VocabularyChoice::automatic;
  bool expand_authors = false;
  std::chrono::milliseconds overlap{std::chrono::minutes{2}};
  int max_pages = 10;
  int page_size = 100;  // 10 to 100
  std::vector<QueryOptions> queries;
  Budget budget;
  std::int64_t max_pending = 1'000'000;
};

}  // namespace mentiond::collect
