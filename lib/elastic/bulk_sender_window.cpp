#include "elastic/bulk_sender_window.h"

#include <algorithm>

namespace mentiond::elastic {

void SendWindow::add(const PendingRow& row, State state) {
  entries_.push_back({.revision = row.key.revision,
                      .root = row.key.root,
                      .index = row.index,
                      .bytes = row.bytes,
                      .state = state,
                      .not_before = {},
                      .retrying_since = {}});
}

SendWindow::Entry* SendWindow::find(std::uint64_t revision) {
  const auto at = std::ranges::lower_bound(entries_, revision, {}, &Entry::revision);
  return at == entries_.end() || at->revision != revision ? nullptr : &*at;
}

void SendWindow::change(Entry& entry, State state) {
  if (entry.state == State::due) --due_;
  if (state == State::due) ++due_;
  entry.state = state;
}

void SendWindow::finish(std::uint64_t revision) {
  if (Entry* entry = find(revision)) {
    change(*entry, State::done);
    entry->index = {};
  }
}

void SendWindow::make_due(std::uint64_t revision, SteadyTime not_before) {
  if (Entry* entry = find(revision); entry != nullptr && entry->state != State::done) {
    change(*entry, State::due);
    entry->not_before = not_before;
  }
}

void SendWindow::take_in_hand(std::uint64_t revision, std::size_t bytes) {
  if (Entry* entry = find(revision)) {
    change(*entry, State::in_hand);
    entry->bytes = bytes;
  }
}

void SendWindow::launch(std::uint64_t revision) {
  if (Entry* entry = find(revision)) change(*entry, State::in_flight);
}

std::vector<const SendWindow::Entry*> SendWindow::due(SteadyTime now, std::size_t max_rows,
                                                      std::size_t max_bytes) const {
  std::vector<const Entry*> rows;
  if (due_ == 0) return rows;
  std::size_t bytes = 0;
  for (const Entry& entry : entries_) {
    if (rows.size() >= max_rows) break;
    if (entry.state != State::due || entry.not_before > now) continue;
    if (!rows.empty() && bytes + entry.bytes > max_bytes) break;
    bytes += entry.bytes;
    rows.push_back(&entry);
  }
  return rows;
}

const SendWindow::Entry* SendWindow::oldest_open(std::optional<std::uint64_t> other_than, std::size_t skip) const {
  const auto at = std::ranges::find_if(entries_, [&](const Entry& entry) {
    return entry.state != State::done && entry.revision != other_than && skip-- == 0;
  });
  return at == entries_.end() ? nullptr : &*at;
}

std::size_t SendWindow::count_open(std::optional<std::uint64_t> other_than) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      entries_, [&](const Entry& entry) { return entry.state != State::done && entry.revision != other_than; }));
}

std::optional<SteadyTime> SendWindow::next_due() const {
  std::optional<SteadyTime> next;
  if (due_ == 0) return next;
  for (const Entry& entry : entries_) {
    if (entry.state == State::due && (!next || entry.not_before < *next)) next = entry.not_before;
  }
  return next;
}

std::optional<std::uint64_t> SendWindow::pass() {
  std::optional<std::uint64_t> position;
  while (!entries_.empty() && entries_.front().state == State::done) {
    position = entries_.front().revision;
    entries_.pop_front();
  }
  return position;
}

void SendWindow::clear() {
  entries_.clear();
  due_ = 0;
}

}  // namespace mentiond::elastic
