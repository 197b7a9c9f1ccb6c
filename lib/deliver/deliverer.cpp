#include "deliver/deliverer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/overloaded.h"
#include "elastic/index_template.h"
#include "telemetry/deliver_events.h"

namespace mentiond::deliver {
namespace {

// The server's words, where they cannot quote a document. Of a shard that does not answer Elasticsearch says which
// request waits for it, source and all; a refusal without a type may be a proxy's page that shows what it refused.
std::string_view sayable(elastic::HoldReason why, const elastic::Fault& fault) {
  // 5xx: a group that was put off while it was being released keeps the reason it was held for.
  const bool may_quote =
      why == elastic::HoldReason::drift || why == elastic::HoldReason::overloaded || fault.status >= 500;
  return may_quote ? std::string_view{} : std::string_view{fault.reason};
}
std::string_view sayable(elastic::PauseReason why, const elastic::Fault& fault) {
  const bool may_quote = why == elastic::PauseReason::refused || fault.type.empty();
  return may_quote ? std::string_view{} : std::string_view{fault.reason};
}

std::string_view where(const elastic::HoldKey& key) {
  return key.why == elastic::HoldReason::drift ? key.fault_type : key.index;
}

}  // namespace

Result<std::unique_ptr<Deliverer>> Deliverer::create(const Options& options, Context context) {
  auto pattern = elastic::IndexPattern::parse(options.index);
  if (!pattern) return pattern.error();
  return std::unique_ptr<Deliverer>{new Deliverer{options, std::move(context), std::move(*pattern)}};
}

Deliverer::Deliverer(const Options& options, Context context, elastic::IndexPattern pattern)
    : options_(options),
      context_(std::move(context)),
      sender_({options.batch_bytes, options.batch_docs, options.flush_every}),
      ndjson_(std::move(pattern), elastic::MatchTable{context_.queries}),
      upkeep_(context_.ledger, context_.clock, context_.telemetry, options.retention, Upkeep::Role::beside_delivery) {}

Task<DeliverEnd> Deliverer::run() {
  progress_.since = context_.clock.now().steady;
  while (!end_) {
    co_await keep_up();
    if (end_) break;
    elastic::SendStep step = sender_.next(context_.clock.now());
    tell_notices();
    co_await perform(std::move(step));
    tell_notices();
  }
  progress_.since = {};
  summarise();
  co_return *end_;
}

void Deliverer::drain(Millis grace, Grace kind) {
  sender_.drain(kind, grace, context_.clock.now());
  context_.wakeup.notify();
  abort_.notify();
}

void Deliverer::stop() {
  if (!end_) end_ = DeliverEnd::left_over;
  context_.wakeup.notify();
  abort_.notify();
}

void Deliverer::leave() {
  if (!end_) end_ = DeliverEnd::left_over;
  context_.wakeup.notify();
}

void Deliverer::probe_now() {
  authorization_.reset();
  sender_.probe_now(context_.clock.now());
  context_.wakeup.notify();
}

std::optional<Deliverer::OtherWriter> Deliverer::other_writer() const {
  const auto version = sender_.foreign_version();
  if (!version || !sink_) return std::nullopt;
  return OtherWriter{*sink_, *version};
}

Task<void> Deliverer::keep_up() {
  // On the way out there are better uses of the time.
  if (sender_.deadline() || upkeep_.next() > context_.clock.now().steady) co_return;
  std::optional<ledger::Sink> sink;
  if (sink_ && told_sink_ == sink_->key) sink = sink_;
  const auto kept = co_await upkeep_.turn(std::move(sink));
  if (!kept) ledger_failed(kept.error());
}

// A full disk passes by itself; anything else ends delivery, and with it the process.
bool Deliverer::ledger_failed(const ledger::Failure& failure) {
  const bool fatal = failure.kind != ledger::Failure::Kind::full;
  const SteadyTime now = context_.clock.now().steady;
  if (now - std::exchange(refused_at_, now) > quiet_after) refusals_ = 0;
  context_.telemetry.emit(telemetry::LedgerRefused{failure.message, fatal, ++refusals_});
  ledger_full_ = !fatal;
  if (fatal) {
    end_ = DeliverEnd::ledger_fatal;
  } else {
    sender_.on_ledger_full(context_.clock.now(), context_.random.uniform());
  }
  return fatal;
}

DeliverEnd Deliverer::end_of_draining(bool left_over) const {
  if (!left_over) return DeliverEnd::drained;
  if (ledger_full_) return DeliverEnd::ledger_full;
  const auto& sink = context_.telemetry.board.sink;
  const bool answers = sink && sink->answers;
  return sender_.paused() || !answers ? DeliverEnd::sink_down : DeliverEnd::left_over;
}

void Deliverer::tell_notices() {
  for (const elastic::Notice& notice : sender_.take_notices()) tell(notice);
}

void Deliverer::tell(const elastic::Notice& notice) {
  telemetry::Telemetry& telemetry = context_.telemetry;
  const Time now = context_.clock.now().wall;
  std::visit(
      Overloaded{
          [&](const elastic::notice::Held& held) {
            telemetry.emit(telemetry::GroupHeld{elastic::to_text(held.group.why), where(held.group), held.fault.type,
                                                held.fault.status, sayable(held.group.why, held.fault), now});
          },
          [&](const elastic::notice::Released& released) {
            telemetry.emit(telemetry::GroupReleased{elastic::to_text(released.group.why), where(released.group)});
          },
          [&](const elastic::notice::Paused& paused) {
            std::string json;
            if (paused.why == elastic::PauseReason::template_) json = elastic::template_json(ndjson_.pattern());
            telemetry.emit(telemetry::SinkPaused{elastic::to_text(paused.why), paused.fault.type, paused.fault.status,
                                                 sayable(paused.why, paused.fault), json, now});
          },
          [&](const elastic::notice::Resumed& resumed) {
            telemetry.emit(telemetry::SinkResumed{elastic::to_text(resumed.why)});
          },
          [&](const elastic::notice::Died& died) { tell_death(died); },
      },
      notice);
}

void Deliverer::tell_death(const elastic::notice::Died& died) {
  const bool own_count = deaths_.contains(died.type) || deaths_.size() < told_types;
  const std::int64_t nth = ++deaths_[own_count ? died.type : std::string{}];
  context_.telemetry.emit(telemetry::DeadLettered{died.key.root, died.index, died.type, nth});
}

void Deliverer::tell_bulk(const elastic::BulkVerdict& verdict, const std::vector<std::optional<Time>>& created,
                          std::size_t bytes, Now began) {
  // Nobody has answered, nor can anybody say that it arrived.
  if (std::holds_alternative<elastic::Unconnected>(verdict)) return;
  using Count = std::pair<std::string_view, std::int64_t>;
  std::vector<Count> items;
  std::vector<Millis> freshness;
  const Now now = context_.clock.now();
  if (const auto* judged = std::get_if<elastic::Items>(&verdict)) {
    for (std::size_t i = 0; i < judged->verdicts.size() && i < created.size(); ++i) {
      const auto name = elastic::outcome_name(judged->verdicts[i]);
      const auto at = std::ranges::find(items, name, &Count::first);
      if (at == items.end()) {
        items.emplace_back(name, 1);
      } else {
        ++at->second;
      }
      const auto* delivered = std::get_if<elastic::Delivered>(&judged->verdicts[i]);
      if (delivered == nullptr) continue;
      ++progress_.docs;
      if (delivered->how != elastic::Delivered::How::conflict && created[i])
        freshness.push_back(now.wall - *created[i]);
    }
  }
  ++progress_.bulks;
  telemetry::BulkSent sent;
  sent.outcome = elastic::outcome_name(verdict);
  sent.items = items;
  sent.freshness = freshness;
  sent.docs = static_cast<std::int64_t>(created.size());
  sent.bytes = static_cast<std::int64_t>(bytes);
  sent.took = std::chrono::duration_cast<Millis>(now.steady - began.steady);
  sent.answered =
      !std::holds_alternative<elastic::Unreachable>(verdict) && !std::holds_alternative<elastic::Unknown>(verdict);
  context_.telemetry.emit(sent);
}

void Deliverer::summarise() {
  const SteadyTime now = context_.clock.now().steady;
  if (progress_.docs == 0 || now - progress_.since < summary_every) return;
  const Millis over =
      progress_.since == SteadyTime{} ? Millis{} : std::chrono::duration_cast<Millis>(now - progress_.since);
  context_.telemetry.emit(
      telemetry::DeliveredSummary{progress_.docs, progress_.bulks, over, context_.telemetry.board.ledger.pending});
  progress_ = {.docs = 0, .bulks = 0, .since = now};
}

}  // namespace mentiond::deliver
