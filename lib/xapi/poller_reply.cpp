#include <algorithm>
#include <utility>

#include "xapi/poller.h"

namespace mentiond::xapi {

// The X verdict table, row by row.
struct SearchPoller::Heard {
  SearchPoller& poller;
  const Reply& reply;
  const Now& now;
  double random;

  Poll& poll() const { return *poller.poll_; }
  void tell(Sleep::Why why, std::string detail, int tries, Millis wait) const {
    poller.events_.push_back(Waiting{poll().query, why, std::move(detail), tries, wait});
  }
  // Once-mode retries for so long and no longer.
  void check_patience(Millis wait) const {
    const auto since = poller.throttle_.trouble_since().value_or(now.steady);
    if (now.steady + wait - since > once_patience) poller.give_up_once(Exit::unavailable);
  }

  void operator()(const GotPage& page) const { poller.on_page(page, now); }

  void operator()(const Retry& retry) const {
    const Millis wait = poller.throttle_.on_retry(now, random);
    const int tries = poller.throttle_.retries();
    tell(Sleep::Why::retry, retry.why, tries, wait);
    check_patience(wait);
    // A query that alone makes X fail must not keep the others waiting; its gap stays.
    if (!poller.options_.once && tries >= retries_before_turn && poller.another_is_due(now)) {
      poller.fail_poll(now.steady + wait);
    }
  }

  void operator()(const RateLimited&) const {
    const Millis wait = poller.throttle_.on_rate_limit(reply, now, random);
    tell(Sleep::Why::rate_limit, "429", 1, wait);
  }

  void operator()(const Capped& capped) const { poller.on_capped(capped, now, random); }

  void operator()(const TooManyRequests&) const {
    const auto wait = poller.throttle_.on_too_many_requests(now, random);
    if (!wait) return poller.on_capped(Capped{}, now, random);
    tell(Sleep::Why::too_many_requests, "429 that is no rate limit", 1, *wait);
    check_patience(*wait);
  }

  void operator()(const StaleSinceId& stale) const {
    if (poll().walk->on_stale_since(stale.bound, poller.throttle_.x_time(now))) return;
    poller.park("X calls a since_id too old that was not sent", now);
  }

  void operator()(const StaleUntilId&) const {
    const auto turn = poll().walk->on_stale_until(now.wall);
    if (!turn) return poller.park("X calls an until_id too old that was not sent", now);
    poller.pending_ = Pending{*poll().walk, turn->end};
    poller.outbox_.emplace_back(Change{poll().query, turn->change, poller.billing_day(now)});
  }

  void operator()(const BadNextToken&) const {
    if (!poll().walk->on_bad_token()) poller.park("X refuses its own next_token", now);
  }

  void operator()(const WrongVocabulary& wrong) const {
    const std::string why = "X refuses the parameter " + wrong.parameter;
    if (!poller.switch_vocabulary(why, now)) return poller.park(why, now);
    poll().walk->ask_anew();  // a token holds only for the parameters it came with
  }

  void operator()(const BadQuery& bad) const { poller.park(bad.detail, now); }

  void operator()(const AuthFailed& failed) const { poller.on_auth_failed(failed, now); }
};

void SearchPoller::on_reply(const Reply& reply, const Now& now, double random) {
  throttle_.note_date(reply.date, now);
  std::visit(Heard{*this, reply, now, random}, reply.answer);
  // The last request of this window: what comes next waits for the reset, after the page is stored.
  const bool page = std::holds_alternative<GotPage>(reply.answer);
  if (page && reply.remaining && *reply.remaining <= 0) {
    throttle_.on_rate_limit(reply, now, random);
    ahead_.reset();
    if (!outbox_.empty()) std::get<Keep>(outbox_.front()).ahead.reset();
  }
}

void SearchPoller::on_page(const GotPage& page, const Now& now) {
  throttle_.on_page();
  Plan& plan = plans_[poll_->query];
  token_refused_ = false;
  reread_secret_ = false;
  end_refusal(plan);
  Walk after = *poll_->walk;
  Walk::Clocks clocks{.ours = now.wall, .xs = std::nullopt, .xs_latest = throttle_.latest_x_time(now)};
  if (throttle_.knows_x_time()) clocks.xs = throttle_.x_time(now);
  const Walk::Turn turn = after.on_page(page, clocks, plan.state.cursor);
  outbox_.emplace_back(Keep{poll_->query, turn.change, billing_day(now), std::nullopt});
  if (plan.state.parked_since) {
    outbox_.emplace_back(SetParked{poll_->query, std::nullopt});
    events_.push_back(Unparked{poll_->query});
  }
  if (page.posts > 0) fieldless_ = page.bears_asked_field ? 0 : fieldless_ + 1;
  if (fieldless_ >= fieldless_pages && switch_vocabulary("no post bears any field that was asked for", now)) {
    poll_->walk->ask_anew();
    after.ask_anew();
  }
  pending_ = Pending{std::move(after), turn.end};
  look_ahead(page, now);
}

// The next request may be under way while this page is committed, if nothing can come between them.
void SearchPoller::look_ahead(const GotPage& page, const Now& now) {
  ahead_.reset();
  const bool alone = outbox_.size() == 1;
  const bool free_to_go = !stopping_ && room_ && backlog_ <= options_.max_pending && !full_until_;
  const bool month_known = budget_.covers(budget_day(now));
  const bool affordable =
      month_known && budget_.page_size(options_.page_size, static_cast<std::int64_t>(page.posts)) >= poll_->max_results;
  if (pending_->end != Walk::End::goes_on || !alone || !free_to_go || !affordable) return;
  Fetch fetch = fetch_for(pending_->after.asked(), poll_->max_results);
  fetch.ticket = ++tickets_;
  ahead_ = Ahead{.request = fetch.request, .ticket = fetch.ticket};
  std::get<Keep>(outbox_.front()).ahead = std::move(fetch);
}

bool SearchPoller::switch_vocabulary(const std::string& why, const Now& now) {
  if (options_.vocabulary) return false;
  if (switched_at_ && now.steady - *switched_at_ < vocabulary_every) return false;
  switched_at_ = now.steady;
  fieldless_ = 0;
  vocabulary_ = other(vocabulary_);
  outbox_.emplace_back(Remember{std::string{vocabulary_key}, std::string{to_text(vocabulary_)}});
  events_.push_back(VocabularyChanged{vocabulary_, why});
  return true;
}

void SearchPoller::park(const std::string& detail, const Now& now) {
  Plan& plan = plans_[poll_->query];
  if (!plan.state.parked_since) outbox_.emplace_back(SetParked{poll_->query, now.wall});
  events_.push_back(Parked{poll_->query, detail});
  token_refused_ = false;  // X has looked at the query
  reread_secret_ = false;
  end_refusal(plan);
  give_up_query(Exit::our_fault);
  fail_poll(now.steady + parked_every);
}

void SearchPoller::give_up_query(Exit exit) {
  if (!options_.once) return;
  plans_[poll_->query].polled = true;
  exit_ = std::max(exit_, exit);
}

// 401, or no token to send: no query can be asked. Anything else may be about this query alone.
void SearchPoller::on_auth_failed(const AuthFailed& failed, const Now& now) {
  const bool about_token = failed.status == 401 || failed.status == 0;
  const std::string answer = failed.status == 0 ? "" : "X answers " + std::to_string(failed.status) + ": ";
  begin_pause(PauseReason::auth, answer + failed.detail);
  reread_secret_ = true;
  if (about_token) {
    token_refused_ = true;
    throttle_.on_auth_failed(now);
    give_up_once(Exit::our_fault);
  } else {
    plans_[poll_->query].refused = true;
    give_up_query(Exit::our_fault);
  }
  fail_poll(now.steady + Throttle::auth_wait);
}

// X has taken this query: the pause ends once nothing is refused any more.
void SearchPoller::end_refusal(Plan& plan) {
  plan.refused = false;
  const bool any = token_refused_ || std::ranges::any_of(plans_, &Plan::refused);
  if (!any) end_pause(PauseReason::auth);
}

void SearchPoller::on_capped(const Capped& capped, const Now& now, double random) {
  PauseReason reason = PauseReason::cap;
  switch (capped.by) {
    case Capped::By::cap:
      break;
    case Capped::By::credits:
      reason = PauseReason::credits;
      break;
    case Capped::By::spend_cap:
      reason = PauseReason::spend_cap;
      break;
  }
  begin_long_pause(reason, throttle_.cap_wait(capped.until, now, random), "X serves nothing more for now", now);
  fail_poll(now.steady);
}

void SearchPoller::on_stored(const Stored& stored, const Now& now) {
  if (outbox_.empty()) return;
  const Step done = std::move(outbox_.front());
  outbox_.pop_front();
  full_until_.reset();
  if (const auto* parked = std::get_if<SetParked>(&done)) plans_[parked->query].state.parked_since = parked->since;
  if (const auto* change = std::get_if<Change>(&done)) apply(plans_[change->query].state, change->change);
  if (const auto* keep = std::get_if<Keep>(&done)) {
    apply(plans_[keep->query].state, keep->change);
    budget_.spend(stored.billed_posts, stored.billed_users);
    poll_->fresh += stored.fresh;
    poll_->duplicates += stored.duplicates;
  }
  const bool walked = std::holds_alternative<Keep>(done) || std::holds_alternative<Change>(done);
  if (!walked || !pending_) return;
  const Pending pending = *std::exchange(pending_, std::nullopt);
  poll_->walk = pending.after;
  if (pending.end != Walk::End::goes_on) end_walk(pending.end, now);
}

void SearchPoller::end_walk(Walk::End end, const Now& now) {
  const Walk& walk = *poll_->walk;
  const auto took = std::chrono::floor<Millis>(now.steady - poll_->walk_began);
  const int pages = walk.pages();
  if (end == Walk::End::first_walk_dropped) events_.push_back(FirstWalkDropped{poll_->query, walk.gap().high});
  events_.push_back(WalkEnded{poll_->query, walk.kind(), end, pages, poll_->fresh, poll_->duplicates, took});
  poll_->walk.reset();
  if (end == Walk::End::empty_pages) {
    // Without jitter: nobody else is in step with one query of ours.
    const Millis wait = plans_[poll_->query].again.next(0);
    events_.push_back(Waiting{poll_->query, Sleep::Why::retry, "too many pages without posts",
                              plans_[poll_->query].again.tries(), wait});
    give_up_query(Exit::unavailable);
    return fail_poll(now.steady + wait);
  }
  if (poll_->part == Walk::Kind::newest) {
    poll_->part = Walk::Kind::resumed;
    poll_->older_pages_left = options_.max_pages;
  } else {
    poll_->older_pages_left -= pages;
  }
}

}  // namespace mentiond::xapi
