#include "xapi/poller.h"

#include <algorithm>
#include <utility>

namespace mentiond::xapi {
namespace {

std::int64_t greatest_key(const QueryState& state) {
  std::int64_t key = 0;
  for (const Gap& gap : state.gaps) key = std::max(key, gap.key);
  return key;
}

}  // namespace

void apply(QueryState& state, const QueryChange& change) {
  const auto drop = [&state](std::int64_t key) {
    std::erase_if(state.gaps, [key](const Gap& gap) { return gap.key == key; });
  };
  if (change.put) {
    drop(change.put->key);
    state.gaps.push_back(*change.put);
  }
  if (change.close) drop(*change.close);
  std::ranges::sort(state.gaps, std::greater{}, &Gap::high);
  if (change.cursor && (!state.cursor || *change.cursor > *state.cursor)) state.cursor = change.cursor;
  if (change.succeeded) state.last_success = change.succeeded;
}

SearchPoller::SearchPoller(PollerOptions options, const PollerMemory& memory, const Now& now)
    : options_(std::move(options)), budget_(options_.budget, day_of(now.wall), memory.posts, memory.users) {
  for (std::size_t i = 0; i < options_.queries.size(); ++i) {
    const auto& [query, schedule] = options_.queries[i];
    QueryState state = i < memory.states.size() ? memory.states[i] : QueryState{};
    const std::int64_t last_key = greatest_key(state);
    // Once-mode polls at once, whatever the schedule.
    const DueTime due =
        options_.once ? DueTime{PollSchedule{}, std::nullopt, now} : DueTime{schedule, state.last_success, now};
    plans_.push_back(Plan{.query = query, .state = std::move(state), .due = due, .last_key = last_key});
  }
  vocabulary_ = first_vocabulary(options_.vocabulary, memory.vocabulary);
  recall_pause(memory.pause, now);
}

void SearchPoller::set_space(std::int64_t free, std::int64_t total) {
  constexpr std::int64_t mebi = 1024 * 1024;
  room_ = free >= std::max(4 * mebi, std::min(total / 20, 1024 * mebi));
}

std::vector<PollEvent> SearchPoller::take_events() { return std::exchange(events_, {}); }

Time SearchPoller::next_poll(std::size_t query, const Now& now) const {
  return now.wall + std::max(Millis{0}, std::chrono::ceil<Millis>(plans_[query].due.at(now) - now.steady));
}

Step SearchPoller::sleep(SteadyTime until, Sleep::Why why, const Now& now) const {
  return Sleep{.until = std::min(until, now.steady + longest_sleep), .why = why};
}

Step SearchPoller::next(const Now& now) {
  if (full_until_ && now.steady < *full_until_) {
    if (giving_up_) return Finished{exit_};
    if (!stopping_) return sleep(*full_until_, Sleep::Why::paused, now);
    // Once more before what X has billed is given up.
    if (std::exchange(tried_before_end_, true)) return Finished{Exit::done};
  }
  if (!outbox_.empty()) return outbox_.front();
  for (;;) {
    // A request that is under way already is the page in flight: X has billed it, so it is stored whatever else waits.
    if (stopping_ && !ahead_) return Finished{Exit::done};
    refresh_pauses(now);
    if (!outbox_.empty()) return outbox_.front();
    if (!budget_.covers(budget_day(now))) {
      return LoadMeter{.since = month_begin(budget_day(now), options_.budget.month_starts)};
    }
    if (giving_up_ && !ahead_) return Finished{exit_};
    if (!poll_) {
      const auto query = due_query(now);
      if (!query) return idle(now);
      poll_ = Poll{};
      poll_->query = *query;
    }
    if (!poll_->walk && poll_->part != Walk::Kind::newest && !older_gaps_left()) {
      finish_poll();  // nothing to ask for: no reason to wait until asking is allowed
      continue;
    }
    if (!ahead_) {
      if (auto wait = rest(now)) return *std::move(wait);
      if (giving_up_) continue;
    }
    if (!poll_->walk) {
      switch (begin_walk(now)) {
        case Begun::walk:
          break;
        case Begun::commit_first:
          return outbox_.front();
        case Begun::nothing_left:
          finish_poll();
          continue;
      }
    }
    if (auto fetch = make_fetch(now)) return *std::move(fetch);
  }
}

std::optional<std::size_t> SearchPoller::due_query(const Now& now) const {
  std::optional<std::size_t> first;
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    if (plans_[i].polled || plans_[i].due.at(now) > now.steady) continue;
    if (!first || plans_[i].due.at(now) < plans_[*first].due.at(now)) first = i;
  }
  return first;
}

bool SearchPoller::another_is_due(const Now& now) const {
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    if (poll_ && i != poll_->query && !plans_[i].polled && plans_[i].due.at(now) <= now.steady) return true;
  }
  return false;
}

// No query is due.
Step SearchPoller::idle(const Now& now) {
  SteadyTime until = SteadyTime::max();
  for (const Plan& plan : plans_) {
    if (!plan.polled) until = std::min(until, plan.due.at(now));
  }
  if (options_.once && until == SteadyTime::max()) return Finished{exit_};
  return sleep(until, Sleep::Why::schedule, now);
}

// A poll wants to go on: may it?
std::optional<Step> SearchPoller::rest(const Now& now) {
  if (long_pause_) {
    const auto left = std::max(Millis{0}, long_pause_->until_wall - now.wall);
    const SteadyTime until = std::min(long_pause_->until_steady, now.steady + left);
    return sleep(until, Sleep::Why::paused, now);
  }
  if (!room_ || backlog_ > options_.max_pending) {
    return sleep(now.steady + room_check, Sleep::Why::paused, now);
  }
  if (now.steady >= throttle_.not_before()) return std::nullopt;
  Sleep::Why why = Sleep::Why::retry;
  switch (throttle_.why()) {
    case Throttle::Why::none:
    case Throttle::Why::retry:
      break;
    case Throttle::Why::rate_limit:
      why = Sleep::Why::rate_limit;
      break;
    case Throttle::Why::too_many_requests:
      why = Sleep::Why::too_many_requests;
      break;
    case Throttle::Why::auth:
      why = Sleep::Why::paused;
      break;
  }
  if (options_.once && why == Sleep::Why::rate_limit && counted_reset_ != throttle_.not_before()) {
    counted_reset_ = throttle_.not_before();
    if (++reset_waits_ > 1) {  // once-mode waits for one reset
      give_up_once(Exit::unavailable);
      return std::nullopt;
    }
  }
  return sleep(throttle_.not_before(), why, now);
}

SearchPoller::Begun SearchPoller::begin_walk(const Now& now) {
  Plan& plan = plans_[poll_->query];
  if (poll_->part == Walk::Kind::newest) {
    poll_->began = now;
    poll_->own_gap = ++plan.last_key;
    poll_->walk = Walk::newest(plan.state.cursor, options_.overlap, poll_->own_gap, options_.max_pages);
  } else {
    close_lost_gaps(now);
    if (!outbox_.empty()) return Begun::commit_first;
    if (!begin_older_walk(now)) return outbox_.empty() ? Begun::nothing_left : Begun::commit_first;
  }
  poll_->walk_began = now.steady;
  poll_->fresh = 0;
  poll_->duplicates = 0;
  poll_->max_results = options_.page_size;
  events_.push_back(WalkStarted{poll_->query, poll_->walk->kind(), poll_->walk->asked()});
  return Begun::walk;
}

// X serves nothing older than its window: a gap that lies wholly outside is closed and counted before pages are spent.
void SearchPoller::close_lost_gaps(const Now& now) {
  if (!throttle_.knows_x_time()) return;
  const TweetId horizon = TweetId::at(throttle_.x_time(now) - Walk::window);
  for (const Gap& gap : plans_[poll_->query].state.gaps) {
    if (gap.high > horizon) continue;
    Change lost{.query = poll_->query, .change = {}, .billing_day = billing_day(now)};
    lost.change.close = gap.key;
    if (gap.low > TweetId{}) {
      lost.change.loss = Loss{gap.low, gap.high};
    } else {
      events_.push_back(FirstWalkDropped{poll_->query, gap.high});
    }
    outbox_.emplace_back(std::move(lost));
  }
}

bool SearchPoller::older_gaps_left() const {
  if (poll_->older_pages_left <= 0) return false;
  const auto& gaps = plans_[poll_->query].state.gaps;
  return std::ranges::any_of(gaps, [this](const Gap& gap) { return gap.key != poll_->own_gap; });
}

// Older gaps, newest first; what this poll's own new gap left over is not old. False if none is left or may be walked,
// or if the rest of a very first walk has first to be given up.
bool SearchPoller::begin_older_walk(const Now& now) {
  if (poll_->older_pages_left <= 0) return false;
  for (const Gap& gap : plans_[poll_->query].state.gaps) {
    if (gap.key == poll_->own_gap) continue;
    int pages = poll_->older_pages_left;
    if (gap.low == TweetId{}) {
      pages = std::min(pages, options_.max_pages - gap.pages_used);
      if (pages <= 0) {
        Change dropped{.query = poll_->query, .change = {}, .billing_day = billing_day(now)};
        dropped.change.close = gap.key;
        events_.push_back(FirstWalkDropped{poll_->query, gap.high});
        outbox_.emplace_back(std::move(dropped));
        return false;
      }
    }
    poll_->walk = Walk::resumed(gap, pages, options_.max_pages);
    return true;
  }
  return false;
}

Fetch SearchPoller::fetch_for(const Asked& asked, int max_results) const {
  Fetch fetch;
  fetch.query = poll_->query;
  fetch.request.query = plans_[poll_->query].query.text;
  fetch.request.since_id = asked.since_id;
  fetch.request.until_id = asked.until_id;
  fetch.request.next_token = asked.next_token;
  fetch.request.max_results = max_results;
  fetch.request.vocabulary = vocabulary_;
  fetch.request.expand_authors = options_.expand_authors;
  return fetch;
}

// Nothing if the budget is used up.
std::optional<Fetch> SearchPoller::make_fetch(const Now& now) {
  const int size = budget_.page_size(options_.page_size);
  if (size == 0) {
    const Millis wait = Time{budget_.resets()} - throttle_.x_time_for_days(now);
    begin_long_pause(PauseReason::budget, wait, "posts_per_month is used up; raise it to go on before then", now);
    ahead_.reset();
    fail_poll(now.steady);
    return std::nullopt;
  }
  Walk& walk = *poll_->walk;
  if (size < poll_->max_results) {
    // A token holds only for the parameters it came with.
    walk.ask_anew();
    poll_->max_results = size;
  }
  Fetch fetch = fetch_for(walk.asked(), poll_->max_results);
  const bool under_way = ahead_ && ahead_->request == fetch.request;
  fetch.ticket = under_way ? ahead_->ticket : ++tickets_;
  fetch.reread_secret = reread_secret_;
  ahead_.reset();
  return fetch;
}

void SearchPoller::finish_poll() {
  Plan& plan = plans_[poll_->query];
  plan.due.on_success(poll_->began, plan.state.last_success);
  plan.again.reset();
  plan.polled = options_.once;
  poll_.reset();
}

void SearchPoller::fail_poll(SteadyTime again) {
  plans_[poll_->query].due.on_failure(again);
  poll_.reset();
}

}  // namespace mentiond::xapi
