// What happens on the way from the ledger to Elasticsearch. record() writes log line, counters and status board
// together. On the event loop's thread. The server's words about a document may quote it: they are never part of an
// event.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "mention/tweet_id.h"
#include "telemetry/telemetry.h"

namespace mentiond::telemetry {

// One answer to a bulk request, or the lack of one.
struct BulkSent {
  std::string_view outcome;                                          // of the request
  std::span<const std::pair<std::string_view, std::int64_t>> items;  // outcome of each, counted
  std::span<const Millis> freshness;  // tweet made -> indexed, for each document newly there
  std::int64_t docs = 0;
  std::int64_t bytes = 0;  // uncompressed
  Millis took{};
  bool answered = false;
  void record(Telemetry& to) const;
};

// How delivery went since the last such line; while it is busy one every ten seconds.
struct DeliveredSummary {
  std::int64_t docs = 0;
  std::int64_t bulks = 0;
  Millis over{};
  std::int64_t pending = 0;
  void record(Telemetry& to) const;
};

// What the ledger says after a step of delivery.
struct PositionMoved {
  std::uint64_t settled_revision = 0;
  std::uint64_t last_revision = 0;
  std::int64_t pending = 0;
  std::int64_t held = 0;
  std::int64_t dead = 0;
  std::optional<Time> delivered_at;
  void record(Telemetry& to) const;
};

struct SinkOpened {
  std::string_view product;
  std::string_view version;
  std::string_view cluster_uuid;
  std::string_view pattern;
  std::uint64_t settled_revision = 0;
  bool is_new = false;
  void record(Telemetry& to) const;
};

// A new sink cannot get what retention has removed before it came.
struct PrunedPassed {
  std::int64_t rows = 0;
  void record(Telemetry& to) const;
};

struct TemplateInstalled {
  std::string_view name;
  bool replaced = false;  // an older one of ours
  void record(Telemetry& to) const;
};

// The whole sink rests. `said`: the server's words, where they cannot hold a document.
struct SinkPaused {
  std::string_view reason;
  std::string_view type;
  int status = 0;
  std::string_view said;
  std::string_view template_json;  // what to install by hand, where that is the remedy
  Time now;
  void record(Telemetry& to) const;
};
struct SinkResumed {
  std::string_view reason;
  void record(Telemetry& to) const;
};

// An index, or (drift) one kind of fault, waits for an operator.
struct GroupHeld {
  std::string_view reason;
  std::string_view index;  // for drift the type of the fault
  std::string_view type;
  int status = 0;
  std::string_view said;
  Time now;
  void record(Telemetry& to) const;
};
struct GroupReleased {
  std::string_view reason;
  std::string_view index;
  void record(Telemetry& to) const;
};

// Whole batches may die: the first of a type has a line, then the 2nd, 4th, 8th ...; how many there are the gauge
// tells.
struct DeadLettered {
  TweetId root;
  std::string_view index;
  std::string_view type;
  std::int64_t nth = 1;  // of that type
  void record(Telemetry& to) const;
};

struct RetentionPruned {
  std::int64_t rows = 0;
  Time before;
  void record(Telemetry& to) const;
};
struct WalTruncated {
  void record(Telemetry& to) const;
};
struct LedgerMeasured {
  std::int64_t file_bytes = 0;
  std::int64_t wal_bytes = 0;
  std::int64_t rows = 0;
  // Without a sink, which says so with every step: what it would.
  std::optional<std::int64_t> dead_letters;
  std::uint64_t last_revision = 0;
  void record(Telemetry& to) const;
};
// The ledger could not write. `fatal` ends the process; a full disk has a line the 1st, 2nd, 4th, 8th ... time.
struct LedgerRefused {
  std::string_view message;
  bool fatal = false;
  std::int64_t nth = 1;
  void record(Telemetry& to) const;
};

}  // namespace mentiond::telemetry
