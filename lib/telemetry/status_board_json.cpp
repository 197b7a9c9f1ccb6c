#include "base/json_writer.h"
#include "telemetry/status_board.h"

namespace mentiond::telemetry {

namespace {

// Writes the board piece by piece. Ids are strings: readers in JavaScript would round 64-bit numbers.
class BoardWriter {
 public:
  BoardWriter(std::string& out, Time now) : json_(out), now_(now) {}

  void write(const StatusBoard& board) {
    json_.begin_object().key("version").text(board.version);
    time("started", board.started);
    json_.key("uptime_seconds");
    if (board.started) {
      json_.number(seconds(now_ - *board.started));
    } else {
      json_.null();
    }
    const auto reasons = not_ready_reasons(board, now_);
    json_.key("ready").boolean(reasons.empty()).key("reasons").begin_array();
    for (const auto& reason : reasons) json_.text(reason);
    json_.end_array().key("queries").begin_object();
    for (const auto& [name, status] : board.queries) query(name, status);
    json_.end_object().key("pauses").begin_array();
    for (const auto& status : board.pauses) pause(status);
    json_.end_array();
    rate_limit(board);
    ledger(board.ledger);
    sink(board);
    budget(board.budget);
    json_.key("new_by_cloud").begin_object();
    for (const auto& [cloud, count] : board.new_by_cloud) json_.key(cloud).number(count);
    json_.end_object().end_object();
  }

 private:
  static std::int64_t seconds(Millis span) { return std::chrono::floor<std::chrono::seconds>(span).count(); }

  void time(std::string_view name, std::optional<Time> value) {
    json_.key(name);
    if (value) {
      json_.text(to_iso8601(*value));
    } else {
      json_.null();
    }
  }
  void day(std::string_view name, std::optional<Day> value) {
    json_.key(name);
    if (value) {
      json_.text(to_text(*value));
    } else {
      json_.null();
    }
  }
  // The time itself, and how long ago that was.
  void success(std::optional<Time> value) {
    time("last_success", value);
    json_.key("last_success_age_seconds");
    if (value) {
      json_.number(seconds(now_ - *value));
    } else {
      json_.null();
    }
  }

  void query(const std::string& name, const QueryStatus& status) {
    json_.key(name).begin_object().key("cloud").text(status.cloud);
    json_.key("period_seconds").number(seconds(status.period)).key("cursor");
    if (status.cursor) {
      json_.text(status.cursor->to_string());
    } else {
      json_.null();
    }
    json_.key("gaps").begin_array();
    for (const GapStatus& gap : status.gaps) {
      json_.begin_object().key("low").text(gap.low.to_string()).key("high").text(gap.high.to_string());
      json_.key("pages_used").number(gap.pages_used).end_object();
    }
    json_.end_array();
    success(status.last_success);
    time("next_poll", status.next_poll);
    time("parked_since", status.parked_since);
    if (status.parked_since) json_.key("parked_why").text(status.parked_why);
    json_.key("seconds_lost").number(status.seconds_lost).end_object();
  }

  void pause(const PauseStatus& status) {
    json_.begin_object().key("half").text(to_text(status.half)).key("reason").text(status.reason);
    if (!status.index.empty()) json_.key("index").text(status.index);
    json_.key("detail").text(status.detail);
    time("since", status.since);
    time("until", status.until);
    json_.end_object();
  }

  void rate_limit(const StatusBoard& board) {
    json_.key("rate_limit").begin_object().key("remaining");
    if (board.rate_limit_remaining) {
      json_.number(*board.rate_limit_remaining);
    } else {
      json_.null();
    }
    time("reset", board.rate_limit_reset);
    json_.end_object();
  }

  void ledger(const LedgerStatus& status) {
    json_.key("ledger").begin_object().key("rows").number(status.rows).key("pending").number(status.pending);
    json_.key("held").number(status.held).key("dead_letters").number(status.dead_letters);
    json_.key("file_bytes").number(status.file_bytes).key("wal_bytes").number(status.wal_bytes);
    json_.key("last_revision").number(status.last_revision).end_object();
  }

  // The lag is in rows: revisions jump at each start, so that their difference counts nothing.
  void sink(const StatusBoard& board) {
    json_.key("sink");
    if (!board.sink) {
      json_.null();
      return;
    }
    const SinkStatus& status = *board.sink;
    json_.begin_object().key("product").text(status.product).key("version").text(status.version);
    json_.key("cluster_uuid").text(status.cluster_uuid).key("index").text(status.pattern);
    json_.key("answers").boolean(status.answers).key("settled_revision").number(status.settled_revision);
    json_.key("lag_rows").number(board.ledger.pending);
    success(status.last_success);
    json_.end_object();
  }

  void budget(const BudgetStatus& status) {
    json_.key("budget").begin_object().key("posts").number(status.posts).key("users").number(status.users);
    json_.key("requests").number(status.requests).key("cap_posts").number(status.cap_posts);
    json_.key("usd").number(status.usd);
    day("month_began", status.month_began);
    day("resets", status.resets);
    json_.end_object();
  }

  JsonWriter json_;
  Time now_;
};

}  // namespace

std::string to_json(const StatusBoard& board, Time now) {
  std::string out;
  BoardWriter{out, now}.write(board);
  return out;
}

}  // namespace mentiond::telemetry
