// What is known of how far a query has been read: its cursor and its open gaps. The poller decides how they change; the
// ledger stores them. Pure values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "mention/tweet_id.h"

namespace mentiond::xapi {

// A query is its name and its exact text: new text under an old name is another query, which starts anew.
struct Query {
  std::string name;
  std::string text;
  std::string cloud;
  auto operator<=>(const Query&) const = default;
};

// Ids strictly between `low` and `high` that X may hold and nobody has read: ask since_id = low, until_id = high.
struct Gap {
  std::int64_t key = 0;  // the poller's name for it, unique within its query
  TweetId low;           // 0: the very first walk, which has no lower end
  TweetId high;
  int pages_used = 0;  // pages with posts read on it so far
  auto operator<=>(const Gap&) const = default;
};

// Ids in (low, high] that X would no longer serve when it was asked for them: gone, and counted.
struct Loss {
  TweetId low;
  TweetId high;
  // What the loss adds to mentiond_gap_seconds_total.
  [[nodiscard]] Millis length() const { return high > low ? high.time() - low.time() : Millis{0}; }
  auto operator<=>(const Loss&) const = default;
};

// All that the ledger remembers of one query between polls.
struct QueryState {
  std::optional<TweetId> cursor;     // nothing: never walked
  std::vector<Gap> gaps;             // open ones, newest (highest) first
  std::optional<Time> last_success;  // when a walk of its newest gap last ended well
  std::optional<Time> parked_since;  // X refuses this query (400); tried hourly
  bool operator==(const QueryState&) const = default;
};

// How one step of a walk changes a query's state; committed together with the page that brought it about.
struct QueryChange {
  std::optional<Gap> put;             // insert this gap, or replace the one with its key
  std::optional<std::int64_t> close;  // this gap is done
  std::optional<TweetId> cursor;      // the new cursor (never lower than the old)
  std::optional<Loss> loss;
  std::optional<Time> succeeded;  // the walk ended well at this time
};

}  // namespace mentiond::xapi
