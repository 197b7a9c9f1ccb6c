#include "telemetry/collect_events.h"

#include <bit>
#include <chrono>

namespace mentiond::telemetry {
namespace {

double seconds(Millis duration) { return std::chrono::duration<double>(duration).count(); }
double unix_seconds(Time time) { return seconds(time.time_since_epoch()); }

std::string id_text(const std::optional<TweetId>& id) { return id ? id->to_string() : "none"; }

}  // namespace

void XAnswered::record(Telemetry& telemetry) const {
  telemetry.metrics.count(Counter::x_requests, query, outcome, 1);
  telemetry.metrics.observe(Histogram::x_request_seconds, seconds(took));
  if (!remaining) return;
  telemetry.metrics.set(Gauge::x_rate_limit_remaining, static_cast<double>(*remaining));
  telemetry.board.rate_limit_remaining = remaining;
  if (reset) telemetry.board.rate_limit_reset = reset;
}

void PageStored::record(Telemetry& telemetry) const {
  Metrics& metrics = telemetry.metrics;
  metrics.count(Counter::tweets_received, query, static_cast<double>(posts));
  metrics.count(Counter::tweets_new, cloud, static_cast<double>(new_pairs));
  metrics.count(Counter::tweets_duplicate, query, static_cast<double>(duplicates));
  metrics.count(Counter::posts_billed, static_cast<double>(billed_posts));
  telemetry.board.new_by_cloud[cloud] += new_pairs;
  if (telemetry.log.wants(Level::debug)) {
    telemetry.log.write(Level::debug, "page",
                        {{"query", query}, {"posts", posts}, {"new", new_pairs}, {"dup", duplicates}});
  }
  if (partial_errors > 0) {
    metrics.count(Counter::partial_errors, query, static_cast<double>(partial_errors));
    telemetry.log.write(Level::warn, "partial_errors",
                        {{"query", query}, {"count", partial_errors}, {"first", first_partial_error}});
  }
  if (unparsed > 0) {
    metrics.count(Counter::unparsed_posts, query, static_cast<double>(unparsed));
    telemetry.log.write(Level::warn, "unparsed_post",
                        {{"query", query}, {"count", unparsed}, {"first", first_unparsed}});
  }
}

void WalkStarted::record(Telemetry& telemetry) const {
  if (!telemetry.log.wants(Level::debug)) return;
  telemetry.log.write(
      Level::debug, "walk_started",
      {{"query", query}, {"resumed", resumed}, {"since_id", id_text(since_id)}, {"until_id", id_text(until_id)}});
}

void WalkDone::record(Telemetry& telemetry) const {
  telemetry.log.write(Level::info, "walk_done",
                      {{"query", query},
                       {"pages", pages},
                       {"new", fresh},
                       {"dup", duplicates},
                       {"took", to_text(took)},
                       {"resumed", resumed},
                       {"end", end}});
}

void GapLost::record(Telemetry& telemetry) const {
  const Millis length = high > low ? high.time() - low.time() : Millis{0};
  telemetry.metrics.count(Counter::gap_seconds, query, seconds(length));
  // A query that was removed has no row on the board, and must not get one: it would never succeed again.
  const auto row = telemetry.board.queries.find(query);
  if (row != telemetry.board.queries.end()) {
    row->second.seconds_lost += std::chrono::floor<std::chrono::seconds>(length).count();
  }
  telemetry.log.write(Level::warn, "gap_lost",
                      {{"query", query},
                       {"from", to_iso8601(low.time())},
                       {"to", to_iso8601(high.time())},
                       {"length", to_text(length)},
                       {"why", why}});
}

void FirstWalkDropped::record(Telemetry& telemetry) const {
  telemetry.log.write(Level::info, "first_walk_dropped",
                      {{"query", query}, {"before", to_iso8601(below.time())}, {"below_id", below.to_string()}});
}

void XWaiting::record(Telemetry& telemetry) const {
  if (!std::has_single_bit(static_cast<unsigned>(tries))) return;
  telemetry.log.write(Level::warn, why,
                      {{"query", query}, {"tries", tries}, {"wait", to_text(wait)}, {"detail", detail}});
}

void CollectPaused::record(Telemetry& telemetry) const {
  telemetry.metrics.set(Gauge::paused, to_text(Half::collect), reason, 1);
  telemetry.board.pause({.half = Half::collect,
                         .reason = std::string{reason},
                         .detail = detail,
                         .index = {},
                         .since = since,
                         .until = until});
  telemetry.log.write(Level::error, "paused",
                      {{"half", to_text(Half::collect)},
                       {"reason", reason},
                       {"until", until ? to_iso8601(*until) : "solved"},
                       {"detail", detail}});
}

void CollectResumed::record(Telemetry& telemetry) const {
  telemetry.metrics.set(Gauge::paused, to_text(Half::collect), reason, 0);
  telemetry.board.resume(Half::collect, reason);
  telemetry.log.write(Level::info, "resumed", {{"half", to_text(Half::collect)}, {"reason", reason}});
}

void QueryParked::record(Telemetry& telemetry) const {
  telemetry.metrics.set(Gauge::parked, query, 1);
  telemetry.board.queries[query].parked_why = detail;
  telemetry.log.write(Level::error, "parked", {{"query", query}, {"detail", detail}, {"retry", "hourly"}});
}

void QueryUnparked::record(Telemetry& telemetry) const {
  telemetry.metrics.set(Gauge::parked, query, 0);
  telemetry.board.queries[query].parked_why.clear();
  telemetry.board.queries[query].parked_since.reset();
  telemetry.log.write(Level::info, "unparked", {{"query", query}});
}

void VocabularyChanged::record(Telemetry& telemetry) const {
  telemetry.log.write(Level::warn, "vocabulary_changed", {{"to", to}, {"why", why}});
}

void LedgerFailed::record(Telemetry& telemetry) const {
  telemetry.log.write(Level::error, "ledger_failed", {{"half", to_text(Half::collect)}, {"detail", message}});
}

void QueryStanding::record(Telemetry& telemetry) const {
  QueryStatus& status = telemetry.board.queries[query];
  status.cloud = cloud;
  status.period = period;
  status.cursor = cursor;
  status.gaps = gaps;
  status.last_success = last_success;
  status.next_poll = next_poll;
  status.parked_since = parked_since;
  // A counter whose first sample is no 0 hides its first increase from Prometheus.
  for (const auto family : {Counter::tweets_received, Counter::tweets_duplicate, Counter::gap_seconds,
                            Counter::partial_errors, Counter::unparsed_posts}) {
    telemetry.metrics.count(family, query, 0);
  }
  telemetry.metrics.count(Counter::tweets_new, cloud, 0);
  telemetry.metrics.set(Gauge::open_gaps, query, static_cast<double>(gaps.size()));
  telemetry.metrics.set(Gauge::parked, query, parked_since ? 1 : 0);
  if (last_success)
    telemetry.metrics.set(Gauge::last_poll_success_timestamp_seconds, query, unix_seconds(*last_success));
}

void BudgetStanding::record(Telemetry& telemetry) const {
  telemetry.board.budget = budget;
  telemetry.metrics.set(Gauge::spend_usd, budget.usd);
}

void LedgerSize::record(Telemetry& telemetry) const {
  telemetry.board.ledger.file_bytes = file;
  telemetry.board.ledger.wal_bytes = wal;
  telemetry.metrics.set(Gauge::ledger_bytes, static_cast<double>(file + wal));
}

}  // namespace mentiond::telemetry
