// Everything that can happen while collecting: a struct each, whose record() writes the log line, the counters and the
// status board together. On the event loop's thread. Fields hold no secret and no tweet's text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "mention/tweet_id.h"
#include "telemetry/status_board.h"
#include "telemetry/telemetry.h"

namespace mentiond::telemetry {

// X answered a request, or nothing came. `outcome` as in mentiond_x_requests_total.
struct XAnswered {
  std::string query;
  std::string_view outcome;
  Millis took{};
  std::optional<std::int64_t> remaining;
  std::optional<Time> reset;
  void record(Telemetry& telemetry) const;
};

// A page was committed.
struct PageStored {
  std::string query;
  std::string cloud;
  std::int64_t posts = 0;       // on the page
  std::int64_t new_pairs = 0;   // (tweet, cloud) pairs first seen
  std::int64_t to_deliver = 0;  // rows that wait for the sink now and may not have before
  std::int64_t duplicates = 0;
  std::int64_t unparsed = 0;
  std::string first_unparsed;  // why, for the first of them
  std::int64_t partial_errors = 0;
  std::string first_partial_error;
  std::int64_t billed_posts = 0;
  void record(Telemetry& telemetry) const;
};

struct WalkStarted {
  std::string query;
  bool resumed = false;  // of an older gap
  std::optional<TweetId> since_id;
  std::optional<TweetId> until_id;
  void record(Telemetry& telemetry) const;
};

struct WalkDone {
  std::string query;
  bool resumed = false;
  std::string_view end;  // complete, page_limit, first_walk_dropped, empty_pages
  int pages = 0;
  std::int64_t fresh = 0;
  std::int64_t duplicates = 0;
  Millis took{};
  void record(Telemetry& telemetry) const;
};

// X no longer served the ids in (low, high].
struct GapLost {
  std::string query;
  TweetId low;
  TweetId high;
  std::string_view why;
  void record(Telemetry& telemetry) const;
};

// What a query's very first walk left below `below` is given up, as intended.
struct FirstWalkDropped {
  std::string query;
  TweetId below;
  void record(Telemetry& telemetry) const;
};

// The same page is asked again after `wait`. Of failures in a row only the 1st, 2nd, 4th, 8th, ... are told.
struct XWaiting {
  std::string query;
  std::string_view why;  // retry, rate_limit, too_many_requests
  std::string detail;
  int tries = 1;
  Millis wait{};
  void record(Telemetry& telemetry) const;
};

struct CollectPaused {
  std::string_view reason;  // as in mentiond_paused
  std::string detail;
  Time since;
  std::optional<Time> until;
  void record(Telemetry& telemetry) const;
};
struct CollectResumed {
  std::string_view reason;
  void record(Telemetry& telemetry) const;
};

// X refuses this query (400).
struct QueryParked {
  std::string query;
  std::string detail;
  void record(Telemetry& telemetry) const;
};
struct QueryUnparked {
  std::string query;
  void record(Telemetry& telemetry) const;
};

struct VocabularyChanged {
  std::string_view to;
  std::string why;
  void record(Telemetry& telemetry) const;
};

// Collecting ends: nobody knows any more what is on disk.
struct LedgerFailed {
  std::string message;
  void record(Telemetry& telemetry) const;
};

// How a query stands; no log line.
struct QueryStanding {
  std::string query;
  std::string cloud;
  Millis period{};
  std::optional<TweetId> cursor;
  std::vector<GapStatus> gaps;
  std::optional<Time> last_success;
  std::optional<Time> next_poll;
  std::optional<Time> parked_since;
  void record(Telemetry& telemetry) const;
};

// What was read and what it costs, this budget month; no log line.
struct BudgetStanding {
  BudgetStatus budget;
  void record(Telemetry& telemetry) const;
};

// What the ledger takes on disk; no log line.
struct LedgerSize {
  std::int64_t file = 0;
  std::int64_t wal = 0;
  void record(Telemetry& telemetry) const;
};

}  // namespace mentiond::telemetry
