#include "telemetry/status_board.h"

namespace mentiond::telemetry {

namespace {

constexpr int stale_periods = 3;

std::optional<std::string> why_stale(const std::string& name, const QueryStatus& query, Time started, Time now) {
  // The first period belongs to the start: a success of before it, however old, does not make a new process
  // unready.
  if (now - started <= query.period) return std::nullopt;
  if (!query.last_success) return "query " + name + " has not succeeded since the start";
  const Millis age = now - *query.last_success;
  if (age <= query.period * stale_periods) return std::nullopt;
  return "query " + name + " last succeeded " + to_text(age) + " ago, though its period is " + to_text(query.period);
}

std::string describe(const PauseStatus& pause) {
  std::string text{to_text(pause.half)};
  text += " is paused: " + pause.reason;
  if (!pause.index.empty()) text += " (index " + pause.index + ")";
  if (!pause.detail.empty()) text += ": " + pause.detail;
  if (pause.until) text += "; until " + to_iso8601(*pause.until);
  return text;
}

}  // namespace

std::vector<std::string> not_ready_reasons(const StatusBoard& board, Time now) {
  if (!board.started) return {"no daemon runs"};
  std::vector<std::string> reasons;
  for (const auto& [name, query] : board.queries) {
    if (query.parked_since) {
      reasons.push_back("query " + name + " is parked since " + to_iso8601(*query.parked_since) +
                        (query.parked_why.empty() ? "; the log of that time says why" : ": " + query.parked_why));
    } else if (auto why = why_stale(name, query, *board.started, now)) {
      reasons.push_back(std::move(*why));
    }
  }
  for (const PauseStatus& pause : board.pauses) reasons.push_back(describe(pause));
  if (board.sink && !board.sink->answers) reasons.emplace_back("the sink (elasticsearch) does not answer");
  return reasons;
}

}  // namespace mentiond::telemetry
