#include "xapi/walk.h"

#include <algorithm>
#include <utility>

namespace mentiond::xapi {

Walk Walk::newest(const std::optional<TweetId>& cursor, Millis overlap, std::int64_t key, int max_pages) {
  const TweetId low = cursor ? TweetId::at(cursor->time() - overlap) : TweetId{};
  Walk walk{Kind::newest, Gap{key, low, TweetId{}, 0}, max_pages, max_pages};
  if (low > TweetId{}) walk.since_ = low;
  return walk;
}

Walk Walk::resumed(const Gap& gap, int page_limit, int max_pages) {
  Walk walk{Kind::resumed, gap, page_limit, max_pages};
  walk.has_high_ = true;
  walk.entered_ = true;
  if (gap.low > TweetId{}) walk.since_ = gap.low;
  walk.until_ = gap.high;
  return walk;
}

Asked Walk::asked() const { return {since_, until_, token_}; }

void Walk::count(const GotPage& page, const Clocks& clocks) {
  token_ = page.next_token;
  if (page.posts == 0) {
    ++empty_run_;
    return;
  }
  empty_run_ = 0;
  bad_tokens_ = 0;
  ++pages_;
  ++gap_.pages_used;
  count_ids(page.ids, clocks);
}

// Asked without since_id, X ends where its window begins, and tells nothing of what has left it since the walk was told
// so: while it waited for a rate limit, say. Where no date tells when the window begins, what was read is all there is.
void Walk::count_window(const GotPage& page, const Clocks& clocks) {
  if (since_ || gap_.low == TweetId{} || !page.next_token.empty()) return;
  if (!clocks.xs_latest && !has_high_) return;
  const TweetId horizon = clocks.xs_latest ? TweetId::at(*clocks.xs_latest + window_slack - window) : gap_.high;
  if (horizon > gap_.low) loss_bound_ = std::max(loss_bound_.value_or(TweetId{}), horizon);
}

// One wrong id could close a gap nobody has read, or send the cursor into the future.
void Walk::count_ids(const std::vector<TweetId>& ids, const Clocks& clocks) {
  TweetId above;
  if (since_) {
    above = *since_;
  } else if (clocks.xs) {
    above = TweetId::at(*clocks.xs - window);
  }
  const TweetId latest = TweetId::at(clocks.xs.value_or(clocks.ours) + clock_slack);
  for (const TweetId id : ids) {
    if (!id.has_time() || id <= above || id > latest || (until_ && id >= *until_)) continue;
    newest_ = newest_ ? std::max(*newest_, id) : id;
    gap_.high = has_high_ ? std::min(gap_.high, id) : id;
    has_high_ = true;
  }
}

std::optional<Loss> Walk::take_loss() {
  const auto bound = std::exchange(loss_bound_, std::nullopt);
  if (!bound || *bound <= gap_.low) return std::nullopt;
  Loss loss{std::exchange(gap_.low, *bound), *bound};
  if (has_high_) loss.high = std::min(loss.high, TweetId{gap_.high.value() - 1});
  return loss.high > loss.low ? std::optional{loss} : std::nullopt;
}

Walk::End Walk::end_after(const GotPage& page) const {
  if (page.next_token.empty()) return End::complete;
  // Asked without since_id, X goes on below the gap's low end: that is for us to notice.
  const TweetId low = loss_bound_ ? std::max(gap_.low, *loss_bound_) : gap_.low;
  if (!since_ && has_high_ && gap_.high.value() <= low.value() + 1) return End::complete;
  if (page.posts == 0) return empty_run_ >= longest_empty_run ? End::empty_pages : End::goes_on;
  const bool first_walk = gap_.low == TweetId{};
  if (first_walk && gap_.pages_used >= max_pages_) return End::first_walk_dropped;
  return pages_ >= page_limit_ ? End::page_limit : End::goes_on;
}

std::optional<TweetId> Walk::raised(std::optional<TweetId> cursor, bool complete,
                                    const std::optional<TweetId>& bound) const {
  const auto before = cursor;
  const auto raise = [&cursor](const std::optional<TweetId>& id) {
    if (id && *id > TweetId{} && (!cursor || *id > *cursor)) cursor = id;
  };
  raise(newest_);
  if (complete && kind_ == Kind::newest) {
    if (first_date_) raise(TweetId::at(*first_date_ - quiet_margin));
    // Without it, the same loss would be found, and counted, again by the next poll.
    raise(bound);
  }
  return cursor == before ? std::nullopt : cursor;
}

Walk::Turn Walk::on_page(const GotPage& page, const Clocks& clocks, const std::optional<TweetId>& cursor) {
  if (!std::exchange(answered_, true)) first_date_ = clocks.xs;
  count(page, clocks);
  count_window(page, clocks);
  Turn turn{.change = {}, .end = end_after(page)};
  const bool closing = turn.end == End::complete || turn.end == End::first_walk_dropped;
  const bool put = !closing && has_high_ && (page.posts > 0 || loss_bound_);
  const auto bound = loss_bound_;
  if (closing || put) {
    turn.change.loss = take_loss();
  }
  if (put) {
    turn.change.put = gap_;
    entered_ = true;
  }
  if (closing && entered_) turn.change.close = gap_.key;
  turn.change.cursor = raised(cursor, turn.end == End::complete, bound);
  const bool ended_well = closing || turn.end == End::page_limit;
  if (ended_well && kind_ == Kind::newest) turn.change.succeeded = clocks.ours;
  return turn;
}

bool Walk::on_stale_since(const std::optional<TweetId>& bound, Time x_now) {
  if (!since_) return false;
  since_.reset();
  ask_anew();
  loss_bound_ = bound.value_or(TweetId::at(x_now - window));
  return true;
}

std::optional<Walk::Turn> Walk::on_stale_until(Time now) const {
  if (!until_) return std::nullopt;
  Turn turn{.change = {}, .end = End::first_walk_dropped};
  turn.change.close = gap_.key;
  if (gap_.low > TweetId{}) {
    turn.change.loss = Loss{gap_.low, gap_.high};
    turn.end = End::complete;
  }
  if (kind_ == Kind::newest) turn.change.succeeded = now;
  return turn;
}

bool Walk::on_bad_token() {
  if (token_.empty() || ++bad_tokens_ >= 2) return false;
  ask_anew();
  return true;
}

void Walk::ask_anew() {
  token_.clear();
  until_ = has_high_ ? std::optional{gap_.high} : std::nullopt;
}

}  // namespace mentiond::xapi
