// What SearchPoller wants done next, and what it has to say: the steps that the shell performs, and the events that it
// turns into telemetry. Pure values. `query` is an index into PollerOptions::queries everywhere.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/time.h"
#include "mention/tweet_id.h"
#include "xapi/gap.h"
#include "xapi/request.h"
#include "xapi/walk.h"

namespace mentiond::xapi {

// Why collecting stands still; the names are those of mentiond_paused{half="collect"}.
enum class PauseReason : std::uint8_t { cap, credits, spend_cap, auth, budget, disk, backpressure };
inline constexpr std::array pause_reasons{PauseReason::cap,         PauseReason::credits, PauseReason::spend_cap,
                                          PauseReason::auth,        PauseReason::budget,  PauseReason::disk,
                                          PauseReason::backpressure};
std::string_view to_text(PauseReason reason);

// Ask X for a page; answer with on_reply(). `ticket` names the request: a Fetch with the ticket of Keep::ahead is that
// very request.
struct Fetch {
  std::size_t query = 0;
  SearchRequest request;
  bool reread_secret = false;  // X refused the last one: read the bearer token anew before
  std::uint64_t ticket = 0;
};
// Store the page just fetched together with this change, in one transaction; answer with on_stored() or on_full(). The
// page stays in hand until on_stored(): after on_full() the very same Keep comes again.
struct Keep {
  std::size_t query = 0;
  QueryChange change;
  Day billing_day;
  // What will be asked next if this commits: may be under way meanwhile, but nothing of it may be stored before.
  std::optional<Fetch> ahead;
};
// Commit a change without a page; answer as for Keep.
struct Change {
  std::size_t query = 0;
  QueryChange change;
  Day billing_day;
};
// Note in the ledger that X refuses a query, or (without `since`) that it does no more; answer as for Keep.
struct SetParked {
  std::size_t query = 0;
  std::optional<Time> since;
};
// Keep a small thing across restarts; answer as for Keep.
struct Remember {
  std::string key;
  std::string value;
};
// The budget month by X's clock is another than the one whose meter is known: read from the ledger what was billed on
// the days from `since` on; answer with on_metered(), or with on_full().
struct LoadMeter {
  Day since;
};
// Nothing to do before `until`; call next() then, or earlier when something changed. Never longer than 16 min, so that
// a wall clock that was set is looked at again.
struct Sleep {
  enum class Why : std::uint8_t { schedule, retry, rate_limit, too_many_requests, paused };
  SteadyTime until;
  Why why = Why::schedule;
};
// Collecting is over: after stop(), or in once-mode. The greater the value, the more it outweighs.
enum class Exit : std::uint8_t {
  done,
  unavailable,  // X is down or capped, or the budget is used up
  ledger,       // the disk is full
  our_fault,    // X refuses our token or one of our queries
};
struct Finished {
  Exit exit = Exit::done;
};

using Step = std::variant<Fetch, Keep, Change, SetParked, Remember, LoadMeter, Sleep, Finished>;

struct WalkStarted {
  std::size_t query = 0;
  Walk::Kind kind = Walk::Kind::newest;
  Asked asked;
};
struct WalkEnded {
  std::size_t query = 0;
  Walk::Kind kind = Walk::Kind::newest;
  Walk::End end = Walk::End::complete;
  int pages = 0;
  std::int64_t fresh = 0;
  std::int64_t duplicates = 0;
  Millis took{};
};
// What a very first walk left below `below` is given up.
struct FirstWalkDropped {
  std::size_t query = 0;
  TweetId below;
};
// The same page is asked again after `wait`; `tries` counts failures in a row.
struct Waiting {
  std::size_t query = 0;
  Sleep::Why why = Sleep::Why::retry;
  std::string detail;
  int tries = 1;
  Millis wait{};
};
struct PauseBegan {
  PauseReason reason = PauseReason::cap;
  std::string detail;         // what happened and what would help
  std::optional<Time> until;  // where it ends by itself
};
struct PauseEnded {
  PauseReason reason = PauseReason::cap;
};
struct Parked {
  std::size_t query = 0;
  std::string detail;
};
struct Unparked {
  std::size_t query = 0;
};
struct VocabularyChanged {
  Vocabulary to = Vocabulary::tweet;
  std::string why;
};

using PollEvent = std::variant<WalkStarted, WalkEnded, FirstWalkDropped, Waiting, PauseBegan, PauseEnded, Parked,
                               Unparked, VocabularyChanged>;

}  // namespace mentiond::xapi
