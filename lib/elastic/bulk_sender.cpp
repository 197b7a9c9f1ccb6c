#include "elastic/bulk_sender.h"

#include <algorithm>
#include <utility>

namespace mentiond::elastic {
namespace {

// A drift group is probed with another of its rows each time: one of them may be bad for a reason of its own.
constexpr std::size_t drift_probe_rows = 20;

std::optional<SteadyTime> earlier(std::optional<SteadyTime> a, std::optional<SteadyTime> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

}  // namespace

std::optional<PauseReason> BulkSender::paused() const {
  if (!pause_) return std::nullopt;
  return pause_->why;
}

std::optional<std::uint64_t> BulkSender::foreign_version() const {
  if (!pause_ || pause_->why != PauseReason::other_writer) return std::nullopt;
  return pause_->foreign_version;
}

std::optional<SteadyTime> BulkSender::deadline() const {
  if (!drain_) return std::nullopt;
  return drain_->deadline;
}

void BulkSender::drain(Grace kind, Millis grace, const Now& now) {
  drain_ = Drain{kind, grace, now.steady + grace};
  // A word of new rows may have come while a bulk was under way, and nobody has listened.
  more_ = true;
  if (kind == Grace::while_progressing) holds_.owe_probes(now);
}

// On the way out no group is probed, but whoever runs now and then has no other time for it.
Holds::Probing BulkSender::probing() const {
  if (!drain_) return Holds::Probing::all;
  return drain_->kind == Grace::while_progressing ? Holds::Probing::owed : Holds::Probing::none;
}

void BulkSender::probe_now(const Now& now) {
  if (pause_) pause_->next = now.steady;
  reread_secret_ = true;
  checked_ = false;
  blocked_until_ = now.steady;
  holds_.probe_now(now);
}

SendStep BulkSender::next(const Now& now) {
  const bool ledger_waits = ledger_until_ > now.steady;
  if (receipt_urgent_ && !ledger_waits) return step::Settle{receipt_};
  if (auto finish = finish_step(now)) return *finish;
  if (ledger_waits) return wait(ledger_until_, "ledger_full");
  if (pause_) return paused_step(now);
  if (blocked_until_ > now.steady) return wait(blocked_until_, "backoff");
  if (!checked_) return step::Check{reread_secret_};
  if (suspect_) return canary_step(now);
  if (auto held = held_step(now)) return *held;
  return feed_step(now);
}

std::optional<SendStep> BulkSender::finish_step(const Now& now) {
  if (!drain_) return std::nullopt;
  const bool drained = sink_ && !pause_ && !suspect_ && !more_ && window_.empty() && hand_.empty() && !probing_ &&
                       !holds_.any_releasing() && !receipt_urgent_ && !redelivers() &&
                       !(probing() == Holds::Probing::owed && holds_.any_owed());
  if (drained) return step::Finish{false};
  const bool hopeless = pause_ && drain_->kind == Grace::in_all;
  if (hopeless || drain_->deadline <= now.steady) return step::Finish{true};
  return std::nullopt;
}

SendStep BulkSender::wait(std::optional<SteadyTime> until, std::string_view why) const {
  return step::Wait{earlier(until, deadline()), why};
}

SendStep BulkSender::paused_step(const Now& now) {
  if (pause_->next > now.steady) return wait(pause_->next, to_text(pause_->why));
  if (!checked_) return step::Check{reread_secret_};
  if (!hand_.empty()) return send(Purpose::pause_probe, now);
  if (pause_->why == PauseReason::refused) return canary_step(now);

  const SendWindow::Entry* row = nullptr;
  if (pause_->offender && pause_->offender->origin == Origin::feed) {
    row = window_.find(pause_->offender->revision);
  } else if (pause_->offender) {
    SendStep again = reload({*pause_->offender});
    asked_.probe = true;
    return again;
  }
  if (row == nullptr || row->state == SendWindow::State::done) row = window_.oldest_open(std::nullopt);
  if (row != nullptr) return reload({to_build(*row)});
  if (more_) return load(1, limits_.bytes());
  if (canary_ == Canary::settled_row) {
    return load_canary();
  }
  // Nothing at all to send: that the sink answers and its template stands has to do.
  resume();
  return next(now);
}

SendStep BulkSender::canary_step(const Now& now) {
  if (!hand_.empty()) return send(pause_ ? Purpose::pause_probe : Purpose::canary, now);
  if (canary_ == Canary::settled_row) {
    return load_canary();
  }
  if (canary_ == Canary::delivered_row) {
    if (last_delivered_ && !(suspect_ && suspect_->item.row.key.root == last_delivered_->root)) {
      InHand item;
      item.row.key = *last_delivered_;
      item.origin = Origin::canary;
      return reload({std::move(item)});
    }
    canary_ = Canary::pending_row;
  }
  if (canary_ == Canary::pending_row) {
    const auto suspect =
        suspect_ && suspect_->item.origin == Origin::feed ? std::optional{suspect_->item.revision} : std::nullopt;
    const std::size_t tried = pause_ ? pause_->refusals : 0;
    if (const auto* row = window_.oldest_open(suspect, tried)) {
      return reload({to_build(*row)});
    }
    if (more_ && window_.size() < window_rows) return load(1, limits_.bytes());
    if (const std::size_t open = window_.count_open(suspect); open > 0) {
      return reload({to_build(*window_.oldest_open(suspect, tried % open))});
    }
    canary_ = Canary::none;
  }
  if (!pause_ && suspect_->put_off && now.steady - *suspect_->retrying_since < longest_item_retry) {
    suspect_->put_off = false;
    canary_ = Canary::settled_row;
    return load_canary();
  }
  if (!pause_) {
    // Nobody can tell whose fault it is: the document is kept, and tried again as its own canary.
    pause(PauseReason::refused, suspect_->fault, suspect_->item, now, 0);
    return next(now);
  }
  if (suspect_) return reload({suspect_->item});
  resume();
  return next(now);
}

std::optional<SendStep> BulkSender::held_step(const Now& now) {
  if (probing_) {
    if (!hand_.empty()) return send(Purpose::hold_probe, now);
    probing_.reset();
  }
  if (Holds::Group* group = holds_.due_probe(now, probing())) {
    let_go();
    probing_ = group->key;
    const std::size_t rows = group->key.why == HoldReason::drift ? 1 + group->probes % drift_probe_rows : 1;
    ++group->probes;
    asked_ = {.what = Asked::What::held, .again = {}, .group = group->key, .probe = true};
    return step::LoadHeld{group->key, rows, limits_.bytes()};
  }
  if (!hand_.empty()) return std::nullopt;
  if (Holds::Group* group = holds_.releasing(now)) {
    asked_ = {.what = Asked::What::held, .again = {}, .group = group->key, .probe = false};
    return step::LoadHeld{group->key, limits_.docs(), limits_.bytes()};
  }
  return std::nullopt;
}

bool BulkSender::hand_full() const {
  if (hand_.empty()) return false;
  // Full as soon as another row of average size would not fit: one that does not has to be built again for the next
  // bulk.
  return hand_.size() >= limits_.docs() || hand_bytes_ + hand_bytes_ / hand_.size() > limits_.bytes();
}

SendStep BulkSender::feed_step(const Now& now) {
  if (hand_full()) return send(Purpose::batch, now);
  const std::size_t rows = limits_.docs() - hand_.size();
  const std::size_t bytes = limits_.bytes() > hand_bytes_ ? limits_.bytes() - hand_bytes_ : 1;
  if (const auto due = window_.due(now.steady, rows, bytes); !due.empty()) {
    std::vector<InHand> again;
    for (const auto* row : due) {
      again.push_back(to_build(*row));
    }
    return reload(std::move(again));
  }
  if (!hand_.empty() && flush_at_ <= now.steady) return send(Purpose::batch, now);
  if (more_ && window_.size() < window_rows) return load(std::min(rows, window_rows - window_.size()), bytes);
  if (!hand_.empty() && drain_) return send(Purpose::batch, now);
  const bool nothing_waits = hand_.empty() && window_.empty() && !more_;
  if (nothing_waits && redelivers() && redelivery_.not_before <= now.steady) return load_redelivery();

  std::optional<SteadyTime> until = window_.next_due();
  if (nothing_waits && redelivers()) until = redelivery_.not_before;
  // What is released is loaded into an empty hand: to wait for its time with a full one would be no wait at all.
  until = earlier(until, hand_.empty() ? holds_.next_release() : flush_at_);
  until = earlier(until, holds_.next_probe(probing()));
  return wait(until, hand_.empty() ? "idle" : "flush");
}

// Not on the way out of a daemon, which goes on with it at its next start; whoever runs now and then has no other time.
bool BulkSender::redelivers() const {
  return redelivery_.more && (!drain_ || drain_->kind == Grace::while_progressing);
}

SendStep BulkSender::load_redelivery() {
  asked_ = {.what = Asked::What::redelivery, .again = {}, .group = {}};
  redelivery_.batch.clear();
  return step::LoadRedelivery{limits_.docs(), limits_.bytes()};
}

SendStep BulkSender::load_canary() {
  asked_ = {.what = Asked::What::canary, .again = {}, .group = {}};
  return step::LoadCanary{};
}

BulkSender::InHand BulkSender::to_build(const SendWindow::Entry& entry) {
  InHand item;
  item.row.key = {entry.root, entry.revision};
  item.revision = entry.revision;
  return item;
}

SendStep BulkSender::load(std::size_t max_rows, std::size_t max_bytes) {
  asked_ = {.what = Asked::What::feed, .again = {}, .group = {}};
  // Said again by what it finds, and by whoever stores something meanwhile.
  more_ = false;
  return step::Load{loaded_, max_rows, max_bytes};
}

SendStep BulkSender::reload(std::vector<InHand> rows) {
  asked_ = {.what = Asked::What::again, .again = std::move(rows), .group = {}};
  step::Reload step;
  for (const InHand& item : asked_.again) step.roots.push_back(item.row.key.root);
  return step;
}

SendStep BulkSender::send(Purpose purpose, const Now& now) {
  const std::size_t most = purpose == Purpose::batch ? limits_.docs() : 1;
  flight_ = {.purpose = purpose, .rows = {}, .bytes = 0};
  const auto looked_at = std::exchange(looked_at_, std::nullopt);
  step::Send step{.rows = {}, .same_connection = !looked_at || now.steady - *looked_at > fresh_check};
  std::size_t taken = 0;
  for (; taken < hand_.size() && taken < most; ++taken) {
    InHand& item = hand_[taken];
    if (taken > 0 && flight_.bytes + item.row.bytes > limits_.bytes()) break;
    if (item.origin == Origin::feed) window_.launch(item.revision);
    flight_.bytes += item.row.bytes;
    step.rows.push_back(item.row.key);
    flight_.rows.push_back(std::move(item));
  }
  hand_.erase(hand_.begin(), hand_.begin() + static_cast<std::ptrdiff_t>(taken));
  let_go();
  probing_.reset();
  return step;
}

}  // namespace mentiond::elastic
