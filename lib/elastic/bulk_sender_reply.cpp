// What follows from the answers of the sink, row by row and for the whole request.
#include <algorithm>
#include <utility>

#include "base/overloaded.h"
#include "elastic/bulk_sender.h"

namespace mentiond::elastic {

// One answer on its way through the rules.
struct BulkSender::Reply {
  Flight flight;
  std::uint64_t last_revision;
  Now now;
  double random;
  SteadyTime retry_at{};     // set by the first item retry
  bool retried = false;      // some item has to wait
  bool overloaded = false;   // and that was the node's word (429), not one shard's
  bool had_retries = false;  // the flight bore rows that had been put off before
};

void BulkSender::on_reply(const BulkVerdict& verdict, std::uint64_t last_revision, const Now& now, double random) {
  Reply reply{.flight = std::exchange(flight_, {}), .last_revision = last_revision, .now = now, .random = random};
  const auto put_back_and_pause = [&](PauseReason why, const Fault& fault) {
    put_back(reply.flight, now.steady);
    pause(why, fault, std::nullopt, now, random);
  };
  std::visit(Overloaded{
                 [&](const Items& items) { on_items(reply, items.verdicts); },
                 [&](const Unknown& unknown) {
                   put_back(reply.flight, now.steady);
                   limits_.halve(reply.flight.rows.size());
                   on_failed(unknown.why, now, random);
                 },
                 [&](const Unreachable& unreachable) {
                   put_back(reply.flight, now.steady);
                   on_failed(unreachable.why, now, random);
                 },
                 [&](const Unconnected&) {
                   put_back(reply.flight, now.steady);
                   checked_ = false;
                 },
                 [&](const Throttled& throttled) {
                   put_back(reply.flight, now.steady);
                   limits_.halve(reply.flight.rows.size());
                   const Millis after =
                       std::max(request_backoff_.next(random), throttled.retry_after.value_or(Millis{}));
                   blocked_until_ = now.steady + after;
                   if (pause_) pause_->next = now.steady + std::max(pause_->backoff.next(random), after);
                 },
                 [&](const TooLarge&) {
                   const Fault fault{413, "request_too_large", "the sink refuses a request of this one document"};
                   on_refused(reply, fault, true);
                 },
                 [&](const Malformed& malformed) { on_refused(reply, malformed.fault, false); },
                 [&](const Denied& denied) { put_back_and_pause(PauseReason::auth, denied.fault); },
                 [&](const WrongEndpoint& wrong) { put_back_and_pause(PauseReason::refused, wrong.fault); },
             },
             verdict);
  pass_position();
}

void BulkSender::put_back(const Flight& flight, SteadyTime not_before) {
  for (const InHand& item : flight.rows) {
    if (item.origin == Origin::feed) window_.make_due(item.revision, not_before);
  }
}

void BulkSender::on_failed(const std::string& why, const Now& now, double random) {
  checked_ = false;
  blocked_until_ = now.steady + request_backoff_.next(random);
  ++failures_;
  if (pause_) {
    pause(pause_->why, {}, std::nullopt, now, random);
  } else if (failures_ >= tries_before_pause) {
    pause(PauseReason::unreachable, {.status = 0, .type = "unreachable", .reason = why}, std::nullopt, now, random);
  }
}

// 413, or 400 for the whole request: halve until one document is left, and then ask a canary whose fault it is.
void BulkSender::on_refused(Reply& reply, const Fault& fault, bool too_large) {
  const Flight& flight = reply.flight;
  put_back(flight, reply.now.steady);
  failures_ = 0;
  if (flight.rows.size() > 1) {
    if (too_large) {
      limits_.refuse(flight.rows.size(), flight.bytes);
    } else {
      limits_.halve(flight.rows.size());
    }
    return;
  }
  const InHand& item = flight.rows.front();
  const bool refused_again = pause_ && pause_->why == PauseReason::refused;
  if (flight.purpose == Purpose::canary || item.origin == Origin::canary || refused_again) {
    const Fault first = suspect_ ? suspect_->fault : fault;
    pause(PauseReason::refused, first, std::nullopt, reply.now, reply.random);
    if (item.origin == Origin::feed) ++pause_->refusals;
    return;
  }
  if (pause_) resume();
  Holds::Group* probed = flight.purpose == Purpose::hold_probe ? holds_.find(item.group) : nullptr;
  if (probed != nullptr) holds_.probe_failed(*probed, reply.now, reply.random);
  suspect_ = Suspect{.item = item, .fault = fault, .retrying_since = {}};
  canary_ = Canary::settled_row;
}

void BulkSender::on_items(Reply& reply, const std::vector<ItemVerdict>& verdicts) {
  const auto& rows = reply.flight.rows;
  if (verdicts.size() != rows.size()) {
    put_back(reply.flight, reply.now.steady);
    on_failed("not one item for each row", reply.now, reply.random);
    return;
  }
  failures_ = 0;
  request_backoff_.reset();
  if (reply.flight.purpose != Purpose::batch && !probe_goes_on(reply, verdicts.front())) return;
  for (const InHand& item : rows) {
    if (item.origin != Origin::feed) continue;
    const auto* entry = window_.find(item.revision);
    if (entry != nullptr && entry->retrying_since) reply.had_retries = true;
  }
  for (std::size_t i = 0; i < rows.size(); ++i) on_item(reply, rows[i], verdicts[i]);

  if (reply.retried) {
    if (reply.flight.purpose == Purpose::batch) limits_.halve(rows.size());
    // 429 speaks for the whole node, so everything waits; 5xx for one shard, and the other rows go on.
    if (reply.overloaded) blocked_until_ = std::max(blocked_until_, reply.retry_at);
  } else if (!pause_) {
    limits_.accept();
    if (reply.had_retries) item_backoff_.reset();
  }
  if (reply.flight.purpose == Purpose::batch && !rows.empty() && rows.front().origin == Origin::held) {
    if (Holds::Group* group = holds_.find(rows.front().group); group != nullptr && !reply.retried) {
      group->retrying_since.reset();
    }
  }
}

// False: the row stays where it is, and there is nothing more to do.
bool BulkSender::probe_goes_on(Reply& reply, const ItemVerdict& verdict) {
  switch (reply.flight.purpose) {
    case Purpose::batch:
      return true;
    case Purpose::pause_probe:
      return judge_pause_probe(reply, verdict);
    case Purpose::canary:
      return judge_canary(reply, verdict);
    case Purpose::hold_probe:
      judge_hold_probe(reply, verdict);
      return true;
  }
  return true;
}

bool BulkSender::judge_pause_probe(Reply& reply, const ItemVerdict& verdict) {
  const auto* delivered = std::get_if<Delivered>(&verdict);
  const auto* same = std::get_if<PauseSink>(&verdict);
  const bool foreign = delivered != nullptr && delivered->current_version.value_or(0) > reply.last_revision;
  const bool own_fault =
      (same != nullptr && same->why == pause_->why) || (foreign && pause_->why == PauseReason::other_writer);
  if (own_fault || std::holds_alternative<RetryItem>(verdict)) {
    put_back(reply.flight, reply.now.steady);
    const bool next = reply.flight.rows.front().origin == Origin::canary && std::holds_alternative<RetryItem>(verdict);
    const Canary canary = next ? after(canary_) : Canary::settled_row;
    pause(pause_->why, {}, pause_->offender, reply.now, reply.random);
    if (foreign) pause_->foreign_version = std::max(pause_->foreign_version, *delivered->current_version);
    canary_ = canary;
    return false;
  }
  resume();
  return true;
}

BulkSender::Canary BulkSender::after(Canary kind) {
  switch (kind) {
    case Canary::settled_row:
      return Canary::delivered_row;
    case Canary::delivered_row:
      return Canary::pending_row;
    case Canary::pending_row:
    case Canary::none:
      break;
  }
  return Canary::none;
}

bool BulkSender::judge_canary(Reply& reply, const ItemVerdict& verdict) {
  const InHand& item = reply.flight.rows.front();
  const auto* delivered = std::get_if<Delivered>(&verdict);
  if (delivered != nullptr && delivered->current_version.value_or(0) > reply.last_revision) return true;
  if (delivered != nullptr && suspect_) {
    const Suspect guilty = *std::exchange(suspect_, std::nullopt);
    set_aside(guilty.item, std::nullopt, guilty.fault, reply.now);
  }
  // A canary that was judged for reasons of its own says nothing about the request: the next one is a pending row.
  if (std::holds_alternative<HoldIndex>(verdict) || std::holds_alternative<CannotIndex>(verdict)) {
    canary_ = Canary::pending_row;
  }
  // Nor does one that is put off, and that may last.
  if (std::holds_alternative<RetryItem>(verdict) && item.origin == Origin::canary && suspect_) {
    if (!suspect_->retrying_since) suspect_->retrying_since = reply.now.steady;
    suspect_->put_off = true;
    canary_ = after(canary_);
  }
  return item.origin != Origin::canary || std::holds_alternative<RetryItem>(verdict) ||
         std::holds_alternative<PauseSink>(verdict);
}

void BulkSender::judge_hold_probe(Reply& reply, const ItemVerdict& verdict) {
  const HoldKey key = reply.flight.rows.front().group;
  Holds::Group* group = holds_.find(key);
  if (group == nullptr) return;
  const auto* held = std::get_if<HoldIndex>(&verdict);
  const auto* cannot = std::get_if<CannotIndex>(&verdict);
  const bool own_fault = (held != nullptr && held->why == key.why) ||
                         (cannot != nullptr && key.why == HoldReason::drift && cannot->fault.type == key.fault_type);
  // What pauses the whole sink says nothing about this group.
  if (own_fault || std::holds_alternative<RetryItem>(verdict) || std::holds_alternative<PauseSink>(verdict)) {
    holds_.probe_failed(*group, reply.now, reply.random);
    return;
  }
  holds_.release(*group, reply.now);
  drift_.forget(key.fault_type);
  notices_.emplace_back(notice::Released{key});
}

void BulkSender::on_item(Reply& reply, const InHand& item, const ItemVerdict& verdict) {
  std::visit(Overloaded{
                 [&](const Delivered& how) { on_delivered(reply, item, how); },
                 [&](const RetryItem& retry) { on_retry(reply, item, retry.fault); },
                 [&](const HoldIndex& refused) {
                   if (item.origin == Origin::canary) return;  // nothing would wait there
                   const HoldKey key{.index = item.row.index, .why = refused.why, .fault_type = {}};
                   hold(key, refused.fault, reply.now, reply.random);
                   set_aside(item, key, refused.fault, reply.now);
                 },
                 [&](const PauseSink& refused) {
                   put_back({.purpose = {}, .rows = {item}, .bytes = 0}, reply.now.steady);
                   pause(refused.why, refused.fault, item, reply.now, reply.random);
                 },
                 [&](const CannotIndex& refused) { on_cannot_index(reply, item, refused.fault); },
             },
             verdict);
}

void BulkSender::on_delivered(Reply& reply, const InHand& item, const Delivered& how) {
  if (how.current_version.value_or(0) > reply.last_revision) {
    const Fault fault{409, "version_conflict_engine_exception",
                      "version " + std::to_string(*how.current_version) +
                          " is beyond every revision this ledger drew: somebody else writes to this index"};
    put_back({.purpose = {}, .rows = {item}, .bytes = 0}, reply.now.steady);
    pause(PauseReason::other_writer, fault, item, reply.now, reply.random);
    pause_->foreign_version = std::max(pause_->foreign_version, *how.current_version);
    return;
  }
  drift_.accepted(item.row.key.root);
  receipt_.delivered_at = reply.now.wall;
  if (drain_ && drain_->kind == Grace::while_progressing) drain_->deadline = reply.now.steady + drain_->grace;
  if (item.origin == Origin::canary) return;
  last_delivered_ = item.row.key;
  receipt_.delivered.push_back(item.row.key.root);
  // Others wait for a position; one that was held has nothing else to be remembered by.
  if (item.origin == Origin::held) receipt_urgent_ = true;
  resolve(item);
}

void BulkSender::on_retry(Reply& reply, const InHand& item, const Fault& fault) {
  if (!reply.retried) {
    reply.retried = true;
    reply.retry_at = reply.now.steady + item_backoff_.next(reply.random);
  }
  // Of a canary everything else depends.
  const bool canary = item.origin == Origin::canary || reply.flight.purpose == Purpose::canary;
  reply.overloaded = reply.overloaded || fault.status == 429 || canary;
  const auto lasted = [&](std::optional<SteadyTime>& since) {
    if (!since) since = reply.now.steady;
    return reply.now.steady - *since >= longest_item_retry;
  };
  if (item.origin == Origin::held) {
    Holds::Group* group = holds_.find(item.group);
    if (group == nullptr || group->state == Holds::State::waiting) return;
    group->next = reply.retry_at;
    if (lasted(group->retrying_since)) hold(item.group, fault, reply.now, reply.random);
    return;
  }
  if (item.origin == Origin::canary) return;
  const bool again = item.origin == Origin::redelivery;
  SendWindow::Entry* entry = again ? nullptr : window_.find(item.revision);
  if (entry == nullptr && !again) return;
  if (lasted(again ? redelivery_.retrying_since : entry->retrying_since)) {
    const HoldKey key{.index = item.row.index, .why = HoldReason::overloaded, .fault_type = {}};
    hold(key, fault, reply.now, reply.random);
    set_aside(item, key, fault, reply.now);
    return;
  }
  if (again) {
    redelivery_.not_before = reply.retry_at;
  } else {
    window_.make_due(item.revision, reply.retry_at);
  }
}

void BulkSender::on_cannot_index(Reply& reply, const InHand& item, const Fault& fault) {
  if (item.origin == Origin::canary) return;
  const HoldKey drift{.index = {}, .why = HoldReason::drift, .fault_type = fault.type};
  if (holds_.waiting_type(fault.type) != nullptr) {
    set_aside(item, drift, fault, reply.now);
    return;
  }
  set_aside(item, std::nullopt, fault, reply.now);
  const auto same = drift_.refused(receipt_.set_aside.back());
  if (same.empty()) return;
  hold(drift, fault, reply.now, reply.random);
  for (AsideRow row : same) {
    // It was no dead letter after all; nobody need hear of it as one.
    std::erase_if(notices_, [&](const Notice& notice) {
      const auto* died = std::get_if<notice::Died>(&notice);
      return died != nullptr && died->key.root == row.key.root;
    });
    std::erase_if(receipt_.set_aside, [&](const AsideRow& old) { return old.key.root == row.key.root; });
    row.hold = HoldReason::drift;
    receipt_.set_aside.push_back(std::move(row));
  }
}

}  // namespace mentiond::elastic
