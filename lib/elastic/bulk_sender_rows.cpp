// What becomes of rows that come from the ledger: into the hand, or aside; and how the sink's position follows.
#include <algorithm>
#include <utility>

#include "elastic/bulk_sender.h"

namespace mentiond::elastic {

void BulkSender::on_rows(std::vector<PendingRow> rows, const Now& now) {
  switch (asked_.what) {
    case Asked::What::again:
      on_again(rows, now);
      break;
    case Asked::What::feed:
      if (!rows.empty()) more_ = true;
      if (hand_.empty()) flush_at_ = now.steady + config_.flush_every;
      for (PendingRow& row : rows) {
        loaded_ = std::max(loaded_, row.key.revision);
        window_.add(row, SendWindow::State::in_hand);
        const std::uint64_t revision = row.key.revision;
        take({.row = std::move(row), .origin = Origin::feed, .revision = revision, .group = {}}, now);
      }
      break;
    case Asked::What::held:
      if (rows.empty()) {
        const Holds::Group* gone = holds_.find(asked_.group);
        if (gone != nullptr && gone->state == Holds::State::waiting) {
          notices_.emplace_back(notice::Released{asked_.group});
        }
        holds_.drop(asked_.group);
      }
      if (asked_.probe && rows.size() > 1) rows.erase(rows.begin(), rows.end() - 1);
      flush_at_ = now.steady;
      for (PendingRow& row : rows) {
        take({.row = std::move(row), .origin = Origin::held, .revision = 0, .group = asked_.group}, now);
      }
      break;
    case Asked::What::redelivery:
      redelivery_.more = !rows.empty();
      flush_at_ = now.steady;
      for (const PendingRow& row : rows) redelivery_.batch.push_back({row.key.root, false});
      for (PendingRow& row : rows) {
        take({.row = std::move(row), .origin = Origin::redelivery, .revision = 0, .group = {}}, now);
      }
      break;
    case Asked::What::canary:
      std::erase_if(rows, [](const PendingRow& row) { return row.unsendable.has_value(); });
      if (rows.empty()) canary_ = Canary::delivered_row;
      for (PendingRow& row : rows) {
        take({.row = std::move(row), .origin = Origin::canary, .revision = 0, .group = {}}, now);
      }
      break;
  }
  pass_position();
}

void BulkSender::on_again(std::vector<PendingRow>& rows, const Now& now) {
  flush_at_ = now.steady;
  auto row = rows.begin();
  for (InHand& item : asked_.again) {
    if (row != rows.end() && row->key.root == item.row.key.root) {
      item.row = std::move(*row++);
      if (item.origin == Origin::feed) window_.take_in_hand(item.revision, item.row.bytes);
      take(std::move(item), now);
      continue;
    }
    // Pruned: there is nothing left to send.
    resolve(item);
    acquit(item.row.key.root);
    if (item.origin == Origin::canary) last_delivered_.reset();
  }
}

void BulkSender::take(InHand item, const Now& now) {
  if (item.row.unsendable && item.origin == Origin::canary) {
    last_delivered_.reset();
    acquit(item.row.key.root);
    return;
  }
  if (item.row.unsendable) {
    const Fault fault = *item.row.unsendable;
    set_aside(item, std::nullopt, fault, now);
    return;
  }
  const bool is_probe = item.origin == Origin::held && asked_.probe;
  if (item.origin != Origin::canary && !is_probe) {
    if (const Holds::Group* group = holds_.waiting_index(item.row.index)) {
      set_aside(item, group->key, group->fault, now);
      return;
    }
  }
  hand_bytes_ += item.row.bytes;
  hand_.push_back(std::move(item));
}

std::vector<RowKey> BulkSender::in_hand() const {
  std::vector<RowKey> keys;
  keys.reserve(hand_.size());
  for (const InHand& item : hand_) keys.push_back(item.row.key);
  return keys;
}

void BulkSender::let_go() {
  for (const InHand& item : hand_) {
    if (item.origin == Origin::feed) window_.make_due(item.revision, SteadyTime{});
  }
  hand_.clear();
  hand_bytes_ = 0;
}

void BulkSender::set_aside(const InHand& item, std::optional<HoldKey> group, const Fault& fault, const Now& now) {
  AsideRow row{.key = item.row.key, .index = item.row.index, .hold = {}, .fault = fault, .since = now.wall};
  if (group) {
    row.hold = group->why;
    if (const Holds::Group* known = holds_.find(*group)) row.since = known->since;
  } else {
    notices_.emplace_back(notice::Died{row.key, row.index, fault.type});
  }
  receipt_.set_aside.push_back(std::move(row));
  receipt_urgent_ = true;
  resolve(item);
  acquit(item.row.key.root);
}

// That row is gone, or waits elsewhere: the pause has to be probed with another, and nothing is left to suspect.
void BulkSender::acquit(TweetId root) {
  if (suspect_ && suspect_->item.row.key.root == root) suspect_.reset();
  if (pause_ && pause_->offender && pause_->offender->row.key.root == root) pause_->offender.reset();
}

void BulkSender::resolve(const InHand& item) {
  if (item.origin == Origin::feed) window_.finish(item.revision);
  if (item.origin != Origin::redelivery) return;
  const auto at = std::ranges::find(redelivery_.batch, item.row.key.root, &Redelivery::Entry::root);
  if (at != redelivery_.batch.end()) at->done = true;
}

void BulkSender::pass_position() {
  if (const auto position = window_.pass()) {
    receipt_.position = position;
    receipt_urgent_ = true;
  }
  for (auto& batch = redelivery_.batch; !batch.empty() && batch.front().done; batch.pop_front()) {
    receipt_.redelivered = batch.front().root;
    receipt_urgent_ = true;
    redelivery_.retrying_since.reset();
  }
}

void BulkSender::on_settled() {
  receipt_ = {};
  receipt_urgent_ = false;
  ledger_backoff_.reset();
}

void BulkSender::on_ledger_full(const Now& now, double random) {
  ledger_until_ = now.steady + ledger_backoff_.next(random);
  more_ = true;  // it may have been the feed that could not be read
}

}  // namespace mentiond::elastic
