// StatusBoard: how mentiond stands right now. Collect and deliver write it; /status, /readyz and sd_notify read it. A
// plain value on the event loop's thread; the functions that judge it are pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "mention/tweet_id.h"

namespace mentiond::telemetry {

struct GapStatus {
  TweetId low, high;
  int pages_used = 0;
};

struct QueryStatus {
  std::string cloud;
  Millis period{};  // how often it is polled; daily_at counts as 24 h
  std::optional<TweetId> cursor;
  std::vector<GapStatus> gaps;
  std::optional<Time> last_success;
  std::optional<Time> next_poll;
  std::optional<Time> parked_since;
  std::string parked_why;
  std::int64_t seconds_lost = 0;  // since the process started
};

enum class Half : std::uint8_t { collect, deliver };
std::string_view to_text(Half half);
using mentiond::to_text;  // durations and days keep their names in here

struct PauseStatus {
  Half half = Half::collect;
  std::string reason;  // as in mentiond_paused
  std::string detail;  // what happened, and the remedy; no secret
  std::string index;   // for held indices
  Time since;
  std::optional<Time> until;  // where it ends by itself
};

struct SinkStatus {
  std::string product;  // "elasticsearch", "opensearch", "unknown"
  std::string version;
  std::string cluster_uuid;
  std::string pattern;
  bool answers = false;  // the last request was answered
  std::uint64_t settled_revision = 0;
  std::optional<Time> last_success;
};

struct LedgerStatus {
  std::int64_t rows = 0;
  std::int64_t pending = 0;
  std::int64_t held = 0;
  std::int64_t dead_letters = 0;
  std::int64_t file_bytes = 0;
  std::int64_t wal_bytes = 0;
  std::uint64_t last_revision = 0;
};

struct BudgetStatus {
  std::int64_t posts = 0;  // billed this budget month
  std::int64_t users = 0;
  std::int64_t requests = 0;
  std::int64_t cap_posts = 0;  // 0: no cap
  double usd = 0;
  std::optional<Day> month_began;
  std::optional<Day> resets;
};

struct StatusBoard {
  std::string version;
  std::optional<Time> started;                 // nothing: no daemon runs, this is what its ledger holds
  std::map<std::string, QueryStatus> queries;  // by name
  std::vector<PauseStatus> pauses;
  std::optional<std::int64_t> rate_limit_remaining;
  std::optional<Time> rate_limit_reset;
  std::optional<SinkStatus> sink;  // nothing: the ledger alone is the store
  LedgerStatus ledger;
  BudgetStatus budget;
  std::map<std::string, std::int64_t> new_by_cloud;  // (tweet, cloud) pairs first seen since the process started

  // Adds the pause, or replaces the one of the same half, reason and index.
  void pause(PauseStatus pause);
  // True if there was such a pause.
  bool resume(Half half, std::string_view reason, std::string_view index = {});
};

// Why mentiond is not ready, one text a reason; empty: ready. A query is stale when its last success is older than
// 3 × its period; it counts as fresh until its first period since the start is over. Where nothing runs, that is the
// one reason.
std::vector<std::string> not_ready_reasons(const StatusBoard& board, Time now);
// The board as /status shows it.
std::string to_json(const StatusBoard& board, Time now);

}  // namespace mentiond::telemetry
