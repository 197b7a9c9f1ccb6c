#include "collect/poll_report.h"

#include <string>

#include "telemetry/collect_events.h"

namespace mentiond::collect {
namespace {

std::string_view name_of(xapi::Walk::End end) {
  switch (end) {
    case xapi::Walk::End::goes_on:
      return "goes_on";
    case xapi::Walk::End::complete:
      return "complete";
    case xapi::Walk::End::page_limit:
      return "page_limit";
    case xapi::Walk::End::first_walk_dropped:
      return "first_walk_dropped";
    case xapi::Walk::End::empty_pages:
      return "empty_pages";
  }
  return "";
}

std::string_view name_of(xapi::Sleep::Why why) {
  switch (why) {
    case xapi::Sleep::Why::schedule:
      return "schedule";
    case xapi::Sleep::Why::retry:
      return "retry";
    case xapi::Sleep::Why::rate_limit:
      return "rate_limit";
    case xapi::Sleep::Why::too_many_requests:
      return "too_many_requests";
    case xapi::Sleep::Why::paused:
      return "paused";
  }
  return "";
}

// The poller's event, told as telemetry's: indices become names, enums words.
struct Teller {
  const xapi::PollerOptions& options;
  telemetry::Telemetry& telemetry;
  Time now;

  [[nodiscard]] const std::string& name(std::size_t query) const { return options.queries[query].query.name; }

  void operator()(const xapi::WalkStarted& e) const {
    const bool resumed = e.kind == xapi::Walk::Kind::resumed;
    telemetry.emit(telemetry::WalkStarted{name(e.query), resumed, e.asked.since_id, e.asked.until_id});
  }
  void operator()(const xapi::WalkEnded& e) const {
    const bool resumed = e.kind == xapi::Walk::Kind::resumed;
    telemetry.emit(telemetry::WalkDone{name(e.query), resumed, name_of(e.end), e.pages, e.fresh, e.duplicates, e.took});
  }
  void operator()(const xapi::FirstWalkDropped& e) const {
    telemetry.emit(telemetry::FirstWalkDropped{name(e.query), e.below});
  }
  void operator()(const xapi::Waiting& e) const {
    telemetry.emit(telemetry::XWaiting{name(e.query), name_of(e.why), e.detail, e.tries, e.wait});
  }
  void operator()(const xapi::PauseBegan& e) const {
    telemetry.emit(telemetry::CollectPaused{xapi::to_text(e.reason), e.detail, now, e.until});
  }
  void operator()(const xapi::PauseEnded& e) const {
    telemetry.emit(telemetry::CollectResumed{xapi::to_text(e.reason)});
  }
  void operator()(const xapi::Parked& e) const { telemetry.emit(telemetry::QueryParked{name(e.query), e.detail}); }
  void operator()(const xapi::Unparked& e) const { telemetry.emit(telemetry::QueryUnparked{name(e.query)}); }
  void operator()(const xapi::VocabularyChanged& e) const {
    telemetry.emit(telemetry::VocabularyChanged{e.to == xapi::Vocabulary::tweet ? "tweet" : "post", e.why});
  }
};

}  // namespace

void PollReport::tell(const std::vector<xapi::PollEvent>& events, Time now) {
  for (const auto& event : events) std::visit(Teller{options_, telemetry_, now}, event);
}

void PollReport::lost(std::string_view query, const xapi::Loss& loss, std::string_view why) {
  telemetry_.emit(telemetry::GapLost{std::string{query}, loss.low, loss.high, why});
}

void PollReport::standing(const xapi::SearchPoller& poller, std::size_t query, const Now& now) {
  const auto& [asked, schedule] = options_.queries[query];
  const xapi::QueryState& state = poller.state(query);
  telemetry::QueryStanding standing;
  standing.query = asked.name;
  standing.cloud = asked.cloud;
  standing.period = period_of(schedule.every, schedule.daily_at);
  standing.cursor = state.cursor;
  for (const xapi::Gap& gap : state.gaps) standing.gaps.push_back({gap.low, gap.high, gap.pages_used});
  standing.last_success = state.last_success;
  standing.next_poll = poller.next_poll(query, now);
  standing.parked_since = state.parked_since;
  telemetry_.emit(standing);
}

void PollReport::budget(const xapi::Budget& budget, std::int64_t requests) {
  telemetry_.emit(telemetry::BudgetStanding{status_of(budget, requests)});
}

telemetry::BudgetStatus status_of(const xapi::Budget& budget, std::int64_t requests) {
  telemetry::BudgetStatus status;
  status.posts = budget.posts();
  status.users = budget.users();
  status.requests = requests;
  status.cap_posts = budget.limits().posts_per_month;
  status.usd = budget.usd();
  status.month_began = budget.began();
  status.resets = budget.resets();
  return status;
}

Millis period_of(Millis every, std::optional<std::chrono::minutes> daily_at) {
  return daily_at ? Millis{std::chrono::hours{24}} : every;
}

}  // namespace mentiond::collect
