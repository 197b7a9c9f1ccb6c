#include <algorithm>
#include <array>
#include <utility>

#include "xapi/poller.h"

namespace mentiond::xapi {
namespace {

constexpr std::array<std::string_view, 7> reason_names{"cap",    "credits", "spend_cap",   "auth",
                                                       "budget", "disk",    "backpressure"};
constexpr std::chrono::days longest_kept_pause{32};  // no billing cycle is longer

}  // namespace

std::string_view to_text(PauseReason reason) { return reason_names.at(static_cast<std::size_t>(reason)); }

bool SearchPoller::is_paused(PauseReason reason) const { return std::ranges::find(paused_, reason) != paused_.end(); }

void SearchPoller::begin_pause(PauseReason reason, std::string detail, std::optional<Time> until) {
  if (is_paused(reason)) return;
  paused_.push_back(reason);
  events_.push_back(PauseBegan{reason, std::move(detail), until});
}

void SearchPoller::end_pause(PauseReason reason) {
  if (std::erase(paused_, reason) > 0) events_.push_back(PauseEnded{reason});
}

// Once-mode does not sit out a pause.
void SearchPoller::give_up_once(Exit exit) {
  if (!options_.once) return;
  giving_up_ = true;
  exit_ = std::max(exit_, exit);
}

void SearchPoller::begin_long_pause(PauseReason reason, Millis wait, std::string detail, const Now& now) {
  const Time until = now.wall + wait;
  long_pause_ = LongPause{.reason = reason, .until_wall = until, .until_steady = now.steady + wait};
  begin_pause(reason, std::move(detail), until);
  // A used-up budget is known from the meter: only X's word has to be kept.
  // By a clock of ours that is ahead, it would outlast its end once that clock is right again.
  if (reason != PauseReason::budget) {
    const Time kept = throttle_.knows_x_time() ? std::min(until, throttle_.x_time(now) + wait) : until;
    keep_pause(reason, kept, wait);
  }
  give_up_once(Exit::unavailable);
}

// "cap 2026-09-18T00:00:42.000Z 2026-09-17T03:55:12.000Z": why, until when, since when.
void SearchPoller::keep_pause(PauseReason reason, Time until, Millis wait) {
  const std::string text = std::string{to_text(reason)} + ' ' + to_iso8601(until) + ' ' + to_iso8601(until - wait);
  outbox_.emplace_back(Remember{std::string{pause_key}, text});
}

void SearchPoller::recall_pause(const std::optional<std::string>& text, const Now& now) {
  if (!text) return;
  std::array<std::string_view, 3> words;
  std::string_view rest = *text;
  for (auto& word : words) {
    word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
  }
  const auto name = std::ranges::find(reason_names, words[0]);
  const auto until = parse_iso8601(words[1]);
  if (name == reason_names.end() || !until) return;
  const auto reason = static_cast<PauseReason>(name - reason_names.begin());
  // Earlier versions did not say since when.
  const auto since = parse_iso8601(words[2]).value_or(*until - longest_kept_pause);
  const Millis whole = std::clamp<Millis>(*until - since, Millis{0}, longest_kept_pause);
  const Millis left = std::clamp<Millis>(*until - now.wall, Millis{0}, whole);
  // The clock was set back since: nothing is waited for longer than it was meant to be, whatever it is set to.
  if (now.wall < since) keep_pause(reason, now.wall + left, left);
  long_pause_ = LongPause{.reason = reason, .until_wall = now.wall + left, .until_steady = now.steady + left};
  if (left == Millis{0}) return;  // refresh_pauses() clears it
  begin_pause(reason, "still in force from before the restart", now.wall + left);
  give_up_once(Exit::unavailable);
}

void SearchPoller::refresh_pauses(const Now& now) {
  // Whichever clock gets there first: the steady one stands still while a machine sleeps, the wall may be set.
  if (long_pause_ && (now.steady >= long_pause_->until_steady || now.wall >= long_pause_->until_wall)) {
    end_pause(long_pause_->reason);
    if (long_pause_->reason != PauseReason::budget) outbox_.emplace_back(Remember{std::string{pause_key}, ""});
    long_pause_.reset();
  }
  if (!room_) {
    begin_pause(PauseReason::disk, "too little free disk beside the ledger; make room");
    give_up_once(Exit::ledger);
  } else if (!full_until_) {
    end_pause(PauseReason::disk);
  }
  if (backlog_ > options_.max_pending) {
    begin_pause(PauseReason::backpressure, "more than max_pending tweets wait for the sink");
    give_up_once(Exit::unavailable);
  } else {
    end_pause(PauseReason::backpressure);
  }
}

void SearchPoller::on_metered(std::int64_t posts, std::int64_t users, const Now& now) {
  full_until_.reset();
  budget_ = Budget{options_.budget, billing_day(now), posts, users};
}

void SearchPoller::on_full(const Now& now, const std::string& detail) {
  full_until_ = now.steady + room_check;
  begin_pause(PauseReason::disk, detail);
  give_up_once(Exit::ledger);
}

}  // namespace mentiond::xapi
