// SendWindow: the stretch of the ledger's feed between the sink's position and the last row loaded, in revision order.
// Rows that are done beyond one that is not wait here, so that the position passes no row too early. Pure; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "elastic/bulk_sender_step.h"

namespace mentiond::elastic {

class SendWindow {
 public:
  enum class State : std::uint8_t {
    in_hand,    // the shell holds its lines
    in_flight,  // part of the bulk under way
    due,        // to be built anew, not before `not_before`
    done,       // delivered or set aside
  };
  struct Entry {
    std::uint64_t revision = 0;  // as loaded; the row may have changed since, which only makes its document newer
    TweetId root;
    std::string index;
    std::size_t bytes = 0;
    State state = State::in_hand;
    SteadyTime not_before{};
    std::optional<SteadyTime> retrying_since;  // set by its first item retry
  };

  void add(const PendingRow& row, State state);
  [[nodiscard]] Entry* find(std::uint64_t revision);
  // Delivered or set aside.
  void finish(std::uint64_t revision);
  // To be built anew and sent, again or for the first time.
  void make_due(std::uint64_t revision, SteadyTime not_before);
  // Built anew: as many bytes as that now.
  void take_in_hand(std::uint64_t revision, std::size_t bytes);
  void launch(std::uint64_t revision);

  // The oldest rows that are due now, within both limits (one at least, if there is any).
  [[nodiscard]] std::vector<const Entry*> due(SteadyTime now, std::size_t max_rows, std::size_t max_bytes) const;
  // Of the rows still to be sent, other than that one, the oldest but `skip`; nullptr if there are not so many.
  [[nodiscard]] const Entry* oldest_open(std::optional<std::uint64_t> other_than, std::size_t skip = 0) const;
  [[nodiscard]] std::size_t count_open(std::optional<std::uint64_t> other_than) const;
  [[nodiscard]] std::optional<SteadyTime> next_due() const;

  // Drops the done rows at the front; the revision of the last one, if there was any: the new position.
  std::optional<std::uint64_t> pass();

  void clear();
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] bool empty() const { return entries_.empty(); }

 private:
  void change(Entry& entry, State state);

  std::deque<Entry> entries_;
  std::size_t due_ = 0;  // entries in state due: mostly none, and then nothing need be searched
};

}  // namespace mentiond::elastic
