#include "collect/poller_options.h"

namespace mentiond::collect {

xapi::PollerOptions poller_options(const Options& options, bool once) {
  xapi::PollerOptions out;
  for (const QueryOptions& query : options.queries) {
    out.queries.push_back({xapi::Query{query.name, query.text, query.cloud},
                           xapi::PollSchedule{query.schedule.every, query.schedule.daily_at}});
  }
  out.vocabulary = fixed(options.vocabulary);
  out.expand_authors = options.expand_authors;
  out.overlap = options.overlap;
  out.max_pages = options.max_pages;
  out.page_size = options.page_size;
  out.budget = limits(options.budget);
  out.max_pending = options.max_pending;
  out.once = once;
  return out;
}

std::optional<xapi::Vocabulary> fixed(VocabularyChoice choice) {
  switch (choice) {
    case VocabularyChoice::automatic:
      return std::nullopt;
    case VocabularyChoice::tweet:
      return xapi::Vocabulary::tweet;
    case VocabularyChoice::post:
      return xapi::Vocabulary::post;
  }
  return std::nullopt;
}

xapi::BudgetLimits limits(const Budget& budget) {
  return {budget.posts_per_month, budget.month_starts, budget.usd_per_post, budget.usd_per_user};
}

}  // namespace mentiond::collect
