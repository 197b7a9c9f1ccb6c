// The shapes that go into and come out of the ledger. Pure values.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "elastic/verdict.h"
#include "mention/tags.h"
#include "mention/tweet.h"
#include "xapi/gap.h"
#include "xapi/page.h"

namespace mentiond::ledger {

// Why a call failed. `full` passes by itself once there is room (or once another program has let go of its lock: the
// message tells); `fatal` (a failed fsync or another I/O error, after which nobody knows what is on disk) and `damaged`
// (the file is no longer what was written) must end the process with 74; the others are answers to opening.
struct Failure {
  enum class Kind : std::uint8_t { locked, newer_schema, not_a_ledger, cannot_open, full, damaged, fatal };
  Kind kind = Kind::fatal;
  std::string message;  // names the file and the remedy; for `locked` the holder's pid
};
template <class T>
using Outcome = Result<T, Failure>;
// Called by outcome.value() on a failure nobody looked at: a mistake of ours, so it throws std::logic_error.
[[noreturn]] void throw_exception_from_error(const Failure& failure, const boost::source_location& where);

// One page on its way into the ledger, or (without posts) a change of a query's state alone. Everything in it commits
// together or not at all.
struct PageCommit {
  xapi::Query query;
  std::vector<Tweet> tweets;  // views: the caller keeps their buffers alive until the call returns
  std::vector<xapi::BadPost> bad;
  std::vector<TweetId> users;   // billed user objects
  bool billed_request = false;  // an answer of X stands behind this: counts as a request in the meter
  xapi::QueryChange change;
  Day billing_day;  // X's Date, as a UTC day
  Time seen_at;     // collected_at of what is new
};

struct AppendCounts {
  std::int64_t fresh = 0;       // roots never seen before
  std::int64_t duplicates = 0;  // posts that changed nothing
  std::int64_t changed = 0;     // known roots that got a cloud, a query or a newer version
  std::int64_t bad = 0;         // unparsable posts newly kept, or beyond what is kept of those without an id
  // (tweet, cloud) pairs first seen, per cloud. One page has one query, hence one cloud: 0 or more of `query.cloud`.
  std::int64_t new_pairs = 0;
  std::int64_t billed_posts = 0;  // not billed before on that UTC day
  std::int64_t billed_users = 0;
};

// What X bills, added up.
struct Meter {
  std::int64_t posts = 0;
  std::int64_t users = 0;
  std::int64_t requests = 0;
};

// The names on a row: shared, since there are few different ones.
struct Tags {
  CloudSet clouds;
  QuerySet queries;
};

enum class RowState : std::uint8_t { live, tombstone };

struct Row {
  TweetId root;
  TweetId tweet_id;  // the newest version stored; of a pruned row, the last that was
  std::uint64_t revision = 0;
  RowState state = RowState::live;
  std::shared_ptr<const Tags> tags;
  Time first_seen;
  std::string payload;   // the post as X sent it; empty for a tombstone, a damaged or a pruned row
  bool damaged = false;  // the payload does not match its checksum
};

// (cluster_uuid, index pattern): where rows are delivered to, and how far that has come.
struct Sink {
  std::int64_t key = 0;
  std::string cluster_uuid;
  std::string pattern;
  std::uint64_t settled_revision = 0;  // every row at or below it is delivered or set aside
  bool is_new = false;                 // never seen before: everything will be sent
};

// One row that did not go through: `held` is retried once its cause is gone, `dead` waits for a person.
struct SetAside {
  enum class State : std::uint8_t { held, dead };
  TweetId root;
  std::uint64_t revision = 0;
  State state = State::held;
  std::string index;
  std::optional<elastic::HoldReason> hold;  // for `held`: what its release depends on
  elastic::Fault fault;                     // for drift the held kind is fault.type
  Time since;
};

// The receipt: how one step of delivery changed things. Commits together.
struct Settlement {
  std::optional<std::uint64_t> position;  // the new settled_revision (never lower than the old)
  std::vector<TweetId> delivered;         // removes their set_aside entries, if any, at or below `revision`
  std::vector<SetAside> set_aside;        // inserts or replaces
  std::optional<TweetId> redelivered;     // the redelivery under way has come so far
  std::optional<Time> delivered_at;       // a bulk succeeded then
};

struct SinkCounts {
  // Above settled_revision, plus held. A row set aside before the position passes it is in both until then.
  std::int64_t pending = 0;
  std::int64_t held = 0;
  std::int64_t dead = 0;          // unparsable posts included
  std::int64_t redeliveries = 0;  // not over yet
};

// One group of held rows: what must be released together.
struct HeldGroup {
  std::string index;  // empty for drift: its rows are of any index
  elastic::HoldReason hold = elastic::HoldReason::not_found;
  std::string fault_type;  // for drift: the kind of fault
  std::int64_t rows = 0;
  Time since;  // of the oldest
};

struct QueryStats {
  xapi::Query query;
  xapi::QueryState state;
};

struct Stats {
  int schema_version = 0;
  std::int64_t rows = 0;  // roots known, pruned and tombstones included
  std::int64_t payloads = 0;
  std::int64_t tombstones = 0;
  std::int64_t unparsed = 0;           // posts kept raw
  std::int64_t unparsed_not_kept = 0;  // without an id, beyond what is kept; repeats count again
  std::uint64_t last_revision = 0;
  std::int64_t file_bytes = 0;
  std::int64_t wal_bytes = 0;
  std::vector<QueryStats> queries;  // as configured last
  std::vector<std::pair<Sink, SinkCounts>> sinks;
};

}  // namespace mentiond::ledger
