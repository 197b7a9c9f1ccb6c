// How the sink or an index comes to rest, and how it goes on again; and what a look at the sink (GET /) tells.
#include <utility>

#include "elastic/bulk_sender.h"

namespace mentiond::elastic {

void BulkSender::hold(const HoldKey& key, const Fault& fault, const Now& now, double random) {
  if (holds_.hold(key, fault, now, random)) notices_.emplace_back(notice::Held{key, fault});
}

// Paused for that reason already: its probe did not get through, and the next one comes later.
void BulkSender::pause(PauseReason why, const Fault& fault, std::optional<InHand> offender, const Now& now,
                       double random) {
  checked_ = false;
  // Both may be the credentials' fault.
  if (why == PauseReason::auth || why == PauseReason::template_) reread_secret_ = true;
  canary_ = Canary::settled_row;
  if (!pause_ || pause_->why != why) {
    if (pause_) notices_.emplace_back(notice::Resumed{pause_->why});
    pause_ = Pause{.why = why, .offender = std::move(offender)};
    if (why == PauseReason::unreachable) pause_->backoff = probe_backoff(rarest_look);
    notices_.emplace_back(notice::Paused{why, fault});
  } else if (pause_->next > now.steady) {
    return;  // another row of the answer that began it
  }
  pause_->next = now.steady + pause_->backoff.next(random);
}

void BulkSender::resume() {
  notices_.emplace_back(notice::Resumed{pause_->why});
  pause_.reset();
  // The document that was under suspicion goes out again, like any other.
  suspect_.reset();
  canary_ = Canary::settled_row;
  failures_ = 0;
  blocked_until_ = {};
  request_backoff_.reset();
  limits_.restart();
}

void BulkSender::on_checked(CheckOutcome outcome, const Now& now, double random) {
  if (auto* ready = std::get_if<checked::Ready>(&outcome)) {
    checked_ = true;
    looked_at_ = now.steady;
    reread_secret_ = false;
    if (sink_ != ready->sink) begin_sink(*ready, now);
  } else if (const auto* failed = std::get_if<checked::Failed>(&outcome)) {
    on_failed(failed->why, now, random);
  } else if (const auto* denied = std::get_if<checked::Denied>(&outcome)) {
    pause(PauseReason::auth, denied->fault, std::nullopt, now, random);
  } else if (const auto* bad = std::get_if<checked::BadTemplate>(&outcome)) {
    pause(PauseReason::template_, bad->fault, std::nullopt, now, random);
  }
}

// Another cluster, or the first: what was known of the last one's rows says nothing about this one.
void BulkSender::begin_sink(checked::Ready& ready, const Now& now) {
  sink_ = ready.sink;
  loaded_ = ready.settled;
  more_ = true;
  window_.clear();
  redelivery_ = {};
  drift_.clear();
  hand_.clear();
  hand_bytes_ = 0;
  probing_.reset();
  suspect_.reset();
  last_delivered_.reset();
  canary_ = Canary::settled_row;
  if (pause_) pause_->offender.reset();
  receipt_ = {};
  receipt_urgent_ = false;
  for (const HoldKey& key : holds_.waiting()) notices_.emplace_back(notice::Released{key});
  holds_.clear();
  for (const HeldRows& held : ready.held) {
    const Fault fault{.status = 0, .type = held.key.fault_type, .reason = "held since before"};
    holds_.restore(held.key, fault, held.since, now);
    notices_.emplace_back(notice::Held{held.key, fault});
  }
}

}  // namespace mentiond::elastic
