// The words in which BulkSender and its shell talk: rows as far as delivery cares, the next steps, and what is worth
// telling an operator. Pure values.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.h"
#include "elastic/verdict.h"
#include "mention/tweet_id.h"

namespace mentiond::elastic {

// One version of one row: names a document that the shell has built and holds.
struct RowKey {
  TweetId root;
  std::uint64_t revision = 0;
  auto operator<=>(const RowKey&) const = default;
};

// A row of the ledger, built into the lines of a bulk body that the shell keeps in hand.
struct PendingRow {
  RowKey key;
  std::string index;
  std::size_t bytes = 0;            // of its lines, uncompressed
  std::optional<Fault> unsendable;  // `damaged` or `unparsable`: there is nothing to send; a dead letter
};

// What waits and is released together: an index for one reason, or (drift) one kind of fault over all indices.
struct HoldKey {
  std::string index;  // empty for drift
  HoldReason why = HoldReason::not_found;
  std::string fault_type;  // for drift alone
  auto operator<=>(const HoldKey&) const = default;
};
// A group of the ledger's held rows, as a sink is opened with it.
struct HeldRows {
  HoldKey key;
  Time since;
};

// A row that did not go through. With `hold` it waits for the release of that group; without, it is a dead letter.
struct AsideRow {
  RowKey key;
  std::string index;
  std::optional<HoldReason> hold;
  Fault fault;  // for drift, fault.type names the group
  Time since;
};

// What the ledger has to write down, in one transaction.
struct Receipt {
  std::optional<std::uint64_t> position;  // every row at or below it is delivered or set aside
  std::vector<TweetId> delivered;
  std::vector<AsideRow> set_aside;
  std::optional<TweetId> redelivered;  // the redelivery under way has come so far, by root id
  std::optional<Time> delivered_at;
};

namespace step {
// Ask who answers (GET /) and see to the template. At start, and before the first bulk after a pause or a failed
// connection. `reread_secret`: our credentials were refused; the file may hold better ones by now.
struct Check {
  bool reread_secret = false;
};
// Build the next rows of the ledger's feed and keep them in hand.
struct Load {
  std::uint64_t after = 0;
  std::size_t max_rows = 0;
  std::size_t max_bytes = 0;
};
// Build these rows anew, as the ledger has them now: every retry begins here.
struct Reload {
  std::vector<TweetId> roots;
};
// Build the oldest held rows of a group.
struct LoadHeld {
  HoldKey group;
  std::size_t max_rows = 0;
  std::size_t max_bytes = 0;
};
// Build the newest row already settled and not set aside.
struct LoadCanary {};
// Build the next rows of the redelivery that the ledger keeps, by root id, to be written again where the sink has the
// same version.
struct LoadRedelivery {
  std::size_t max_rows = 0;
  std::size_t max_bytes = 0;
};
// One bulk of these rows out of the hand, in this order (which is that of loading); afterwards the hand is empty, and
// so is the body.
struct Send {
  std::vector<RowKey> rows;
  // Only over the connection that was used last: the cluster behind a new one has to be looked at first.
  bool same_connection = false;
};
struct Settle {
  Receipt receipt;
};
// Until then, or until collect has stored something or the operator wants something. Nothing: as long as that takes.
struct Wait {
  std::optional<SteadyTime> until;
  std::string_view why;
};
// Draining came to its end.
struct Finish {
  bool left_over = false;
};
}  // namespace step
using SendStep = std::variant<step::Check, step::Load, step::Reload, step::LoadHeld, step::LoadCanary,
                              step::LoadRedelivery, step::Send, step::Settle, step::Wait, step::Finish>;

// Outcomes of step::Check.
namespace checked {
// `sink` is the ledger's key of the sink that answered. One that differs from the last is another sink: nothing known
// of the old one counts, and its feed begins at `settled`.
struct Ready {
  std::int64_t sink = 0;
  std::uint64_t settled = 0;
  std::vector<HeldRows> held;
};
struct Failed {
  std::string why;
};  // no connection, 5xx, 429: ask again
struct Denied {
  Fault fault;
};  // 401, or no secret to be had
struct BadTemplate {
  Fault fault;
};  // foreign, absent, or no right to install it
}  // namespace checked
using CheckOutcome = std::variant<checked::Ready, checked::Failed, checked::Denied, checked::BadTemplate>;

// What happened that an operator should hear of, once each.
namespace notice {
struct Held {
  HoldKey group;
  Fault fault;
};
struct Released {
  HoldKey group;
};
struct Paused {
  PauseReason why = PauseReason::refused;
  Fault fault;
};
struct Resumed {
  PauseReason why = PauseReason::refused;
};
struct Died {
  RowKey key;
  std::string index;
  std::string type;
};
}  // namespace notice
using Notice = std::variant<notice::Held, notice::Released, notice::Paused, notice::Resumed, notice::Died>;

}  // namespace mentiond::elastic
