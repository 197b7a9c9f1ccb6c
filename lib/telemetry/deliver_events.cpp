#include "telemetry/deliver_events.h"

#include <algorithm>
#include <bit>

namespace mentiond::telemetry {
namespace {

constexpr std::string_view half = "deliver";

// What an operator can do about it. One line a name of mentiond_paused{half="deliver"}.
std::string_view remedy(std::string_view reason) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 12> remedies{{
      {"auth", "check elasticsearch.api_key or password; a secret file is read again at every try"},
      {"template", "install the template below by hand, grant the right to do so, or set elasticsearch.template: none"},
      {"flood_stage", "free disk space on the cluster"},
      {"refused", "look at elasticsearch.urls and at what stands between: the sink takes no request of ours"},
      {"other_writer", "find who else writes to these indices; reload once this ledger is the only writer"},
      {"unreachable", "see whether the cluster runs and elasticsearch.urls are right"},
      {"shard_limit", "delete old indices or raise cluster.max_shards_per_node"},
      {"read_only", "remove the index block, or let lifecycle rules begin later"},
      {"closed", "open the index"},
      {"not_found", "allow auto-creation of these indices (action.auto_create_index)"},
      {"overloaded", "see why its shards are not available"},
      {"drift", "compare the index template with the documents; what was refused is kept"},
  }};
  const auto* at = std::ranges::find(remedies, reason, &std::pair<std::string_view, std::string_view>::first);
  return at == remedies.end() ? std::string_view{} : at->second;
}

// What may come by the thousand is written ever more rarely: at powers of two.
bool worth_a_line(std::int64_t nth) { return std::has_single_bit(static_cast<std::uint64_t>(nth)); }

std::string detail(std::string_view type, std::string_view said, std::string_view reason) {
  std::string text{type};
  if (!said.empty()) (text += ": ") += said;
  return (text += text.empty() ? "" : "; ") += remedy(reason);
}

void set_paused(Telemetry& to, std::string_view reason) {
  const bool any = std::ranges::any_of(
      to.board.pauses, [&](const PauseStatus& pause) { return pause.half == Half::deliver && pause.reason == reason; });
  to.metrics.set(Gauge::paused, half, reason, any ? 1 : 0);
}

}  // namespace

void BulkSent::record(Telemetry& to) const {
  to.metrics.count(Counter::bulk_requests, outcome);
  for (const auto& [name, count] : items) to.metrics.count(Counter::bulk_items, name, static_cast<double>(count));
  to.metrics.observe(Histogram::bulk_seconds, to_seconds(took));
  for (const Millis age : freshness) to.metrics.observe(Histogram::freshness_seconds, to_seconds(age));
  if (to.board.sink) to.board.sink->answers = answered;
  if (!to.log.wants(Level::debug)) return;
  to.log.write(Level::debug, "bulk_sent",
               {{"outcome", outcome}, {"docs", docs}, {"bytes", bytes}, {"took", to_text(took)}});
}

void DeliveredSummary::record(Telemetry& to) const {
  to.log.write(Level::info, "delivered",
               {{"docs", docs}, {"bulks", bulks}, {"over", to_text(over)}, {"pending", pending}});
}

void PositionMoved::record(Telemetry& to) const {
  to.board.ledger.pending = pending;
  to.board.ledger.held = held;
  to.board.ledger.dead_letters = dead;
  to.board.ledger.last_revision = last_revision;
  to.metrics.set(Gauge::ledger_pending, static_cast<double>(pending));
  to.metrics.set(Gauge::held, static_cast<double>(held));
  to.metrics.set(Gauge::dead_letters, static_cast<double>(dead));
  if (to.board.sink) to.board.sink->settled_revision = std::max(to.board.sink->settled_revision, settled_revision);
  if (!delivered_at) return;
  if (to.board.sink) to.board.sink->last_success = delivered_at;
  to.metrics.set(Gauge::last_delivery_success_timestamp_seconds, to_unix_seconds(*delivered_at));
}

void SinkOpened::record(Telemetry& to) const {
  SinkStatus status;
  status.product = product;
  status.version = version;
  status.cluster_uuid = cluster_uuid;
  status.pattern = pattern;
  status.answers = true;
  status.settled_revision = settled_revision;
  if (to.board.sink) status.last_success = to.board.sink->last_success;
  to.board.sink = std::move(status);
  to.log.write(
      Level::info, "sink_opened",
      {{"product", product}, {"version", version}, {"uuid", cluster_uuid}, {"pattern", pattern}, {"new", is_new}});
}

void PrunedPassed::record(Telemetry& to) const {
  to.metrics.count(Counter::pruned_passed, static_cast<double>(rows));
  to.log.write(Level::warn, "pruned_passed",
               {{"rows", rows}, {"remedy", "this sink never gets them: copy them from an older one, if there is one"}});
}

void TemplateInstalled::record(Telemetry& to) const {
  to.log.write(Level::info, "template_installed", {{"name", name}, {"replaced", replaced}});
}

void SinkPaused::record(Telemetry& to) const {
  PauseStatus pause;
  pause.reason = reason;
  pause.detail = detail(type, said, reason);
  pause.since = now;
  if (to.board.sink) to.board.sink->answers = to.board.sink->answers && reason != "unreachable";
  if (!template_json.empty()) {
    to.log.write(Level::error, "paused",
                 {{"half", half},
                  {"reason", reason},
                  {"status", status},
                  {"detail", pause.detail},
                  {"template", template_json}});
  } else {
    to.log.write(Level::error, "paused",
                 {{"half", half}, {"reason", reason}, {"status", status}, {"detail", pause.detail}});
  }
  pause.half = Half::deliver;
  to.board.pause(std::move(pause));
  set_paused(to, reason);
}

void SinkResumed::record(Telemetry& to) const {
  to.board.resume(Half::deliver, reason);
  set_paused(to, reason);
  to.log.write(Level::info, "resumed", {{"half", half}, {"reason", reason}});
}

void GroupHeld::record(Telemetry& to) const {
  PauseStatus pause;
  pause.half = Half::deliver;
  pause.reason = reason;
  pause.index = index;
  pause.detail = detail(type, said, reason);
  pause.since = now;
  to.log.write(Level::error, "held",
               {{"reason", reason}, {"index", index}, {"status", status}, {"detail", pause.detail}});
  to.board.pause(std::move(pause));
  set_paused(to, reason);
}

void GroupReleased::record(Telemetry& to) const {
  to.board.resume(Half::deliver, reason, index);
  set_paused(to, reason);
  to.log.write(Level::info, "released", {{"reason", reason}, {"index", index}});
}

void DeadLettered::record(Telemetry& to) const {
  if (!worth_a_line(nth)) return;
  to.log.write(Level::warn, "dead_letter",
               {{"id", root.to_string()}, {"index", index}, {"type", type}, {"of_this_type", nth}});
}

void RetentionPruned::record(Telemetry& to) const {
  to.log.write(Level::info, "retention_pruned", {{"rows", rows}, {"before", to_iso8601(before)}});
}

void WalTruncated::record(Telemetry& to) const {
  to.log.write(Level::warn, "wal_truncated", {{"remedy", "look for a reader that keeps the ledger's WAL from ending"}});
}

void LedgerMeasured::record(Telemetry& to) const {
  to.board.ledger.file_bytes = file_bytes;
  to.board.ledger.wal_bytes = wal_bytes;
  to.board.ledger.rows = rows;
  to.metrics.set(Gauge::ledger_bytes, static_cast<double>(file_bytes + wal_bytes));
  if (!dead_letters) return;
  to.board.ledger.dead_letters = *dead_letters;
  to.board.ledger.last_revision = last_revision;
  to.metrics.set(Gauge::dead_letters, static_cast<double>(*dead_letters));
}

void LedgerRefused::record(Telemetry& to) const {
  if (!fatal && !worth_a_line(nth)) return;
  to.log.write(Level::error, fatal ? "ledger_failed" : "ledger_full",
               {{"half", half}, {"detail", message}, {"nth", nth}});
}

}  // namespace mentiond::telemetry
