// How each step of BulkSender is performed.
#include <algorithm>
#include <limits>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "base/failpoint.h"
#include "deliver/deliverer.h"
#include "deliver/receipt.h"
#include "elastic/bulk_reply.h"
#include "telemetry/deliver_events.h"

namespace mentiond::deliver {

namespace step = elastic::step;
using ledger::Ledger;

namespace {

// Only then does it matter which revision the ledger drew last.
bool names_a_version(const elastic::BulkVerdict& verdict) {
  const auto* items = std::get_if<elastic::Items>(&verdict);
  return items != nullptr && std::ranges::any_of(items->verdicts, [](const elastic::ItemVerdict& item) {
           const auto* delivered = std::get_if<elastic::Delivered>(&item);
           return delivered != nullptr && delivered->current_version.has_value();
         });
}

}  // namespace

Task<void> Deliverer::perform(elastic::SendStep step) {
  if (const auto* look = std::get_if<step::Check>(&step)) {
    co_await check(look->reread_secret);
  } else if (const auto* load = std::get_if<step::Load>(&step)) {
    auto rows = co_await context_.ledger.run(
        [&](Ledger& ledger) { return ledger.pending(*sink_, load->after, load->max_rows, load->max_bytes); });
    co_await take_rows(std::move(rows));
  } else if (const auto* again = std::get_if<step::Reload>(&step)) {
    auto rows = co_await context_.ledger.run([&](Ledger& ledger) { return ledger.rows(again->roots); });
    co_await take_rows(std::move(rows));
  } else if (const auto* held = std::get_if<step::LoadHeld>(&step)) {
    const ledger::HeldGroup group = to_group(held->group);
    auto rows = co_await context_.ledger.run(
        [&](Ledger& ledger) { return ledger.held(*sink_, group, held->max_rows, held->max_bytes); });
    // One of a redelivery may have come to be held: then the sink may have this version, and it is to be written again.
    co_await take_rows(std::move(rows), elastic::VersionType::external_gte);
  } else if (const auto* again_all = std::get_if<step::LoadRedelivery>(&step)) {
    auto rows = co_await context_.ledger.run(
        [&](Ledger& ledger) { return ledger.redelivery(*sink_, again_all->max_rows, again_all->max_bytes); });
    co_await take_rows(std::move(rows), elastic::VersionType::external_gte);
  } else if (std::holds_alternative<step::LoadCanary>(step)) {
    auto row = co_await context_.ledger.run([&](Ledger& ledger) { return ledger.canary(*sink_); });
    std::vector<ledger::Row> rows;
    if (row && *row) rows.push_back(std::move(**row));
    auto found = row ? ledger::Outcome<std::vector<ledger::Row>>{std::move(rows)} : row.error();
    co_await take_rows(std::move(found));
  } else if (const auto* bulk = std::get_if<step::Send>(&step)) {
    co_await send_bulk(*bulk);
  } else if (const auto* receipt = std::get_if<step::Settle>(&step)) {
    co_await settle(receipt->receipt);
  } else if (const auto* pause = std::get_if<step::Wait>(&step)) {
    co_await wait(*pause);
  } else if (const auto* finish = std::get_if<step::Finish>(&step)) {
    if (!end_) end_ = end_of_draining(finish->left_over);
  }
}

Task<void> Deliverer::check(bool reread_secret) {
  // Known before the sink is, and it may take long to answer: how much waits for it, so that collect sees when it is
  // too much.
  if (!sink_) {
    const elastic::ClusterInfo unknown;
    const bool open = co_await open_sink(unknown);
    if (!open) co_return;
  }
  if (reread_secret) authorization_.reset();
  if (!authorization_) {
    auto secret = context_.authorization();
    if (!secret) {
      const elastic::Fault fault{0, "no_secret", secret.error().message};
      sender_.on_checked(elastic::checked::Denied{fault}, context_.clock.now(), context_.random.uniform());
      co_return;
    }
    authorization_ = std::move(*secret);
  }
  SinkCheck::Send ask = [this](HttpRequest request) { return send(std::move(request)); };
  const SinkCheck::Outcome outcome =
      co_await SinkCheck::run(ask, ndjson_.pattern(), options_.index_template, *authorization_);
  if (outcome.trouble) {
    auto& board = context_.telemetry.board;
    if (board.sink) board.sink->answers = !std::holds_alternative<elastic::checked::Failed>(*outcome.trouble);
    sender_.on_checked(*outcome.trouble, context_.clock.now(), context_.random.uniform());
    co_return;
  }
  if (outcome.index_template != SinkCheck::Outcome::Template::untouched) {
    const bool replaced = outcome.index_template == SinkCheck::Outcome::Template::replaced;
    context_.telemetry.emit(telemetry::TemplateInstalled{ndjson_.pattern().alias(), replaced});
  }
  const bool open = co_await open_sink(outcome.info);
  if (!open) co_return;

  const auto groups = co_await context_.ledger.run([&](Ledger& ledger) { return ledger.held_groups(*sink_); });
  if (!groups) {
    ledger_failed(groups.error());
    co_return;
  }
  if (told_sink_ != sink_->key || !context_.telemetry.board.sink) {
    told_sink_ = sink_->key;
    hand_.clear();
    upkeep_.sink_opened();
    context_.telemetry.emit(telemetry::SinkOpened{elastic::to_text(outcome.info.product), outcome.info.version,
                                                  sink_->cluster_uuid, sink_->pattern, sink_->settled_revision,
                                                  sink_->is_new});
    if (sink_->is_new) co_await tell_pruned();
  }
  context_.telemetry.board.sink->answers = true;
  elastic::checked::Ready ready{sink_->key, sink_->settled_revision, to_held(*groups)};
  sender_.on_checked(std::move(ready), context_.clock.now(), context_.random.uniform());
  co_await refresh_counts();
}

// The ledger's sink of that cluster. Without a uuid the last one known of this pattern. False: the ledger could not
// tell, and the sink known so far may be another one than what has answered.
Task<bool> Deliverer::open_sink(const elastic::ClusterInfo& info) {
  std::optional<std::string> uuid;
  if (!info.cluster_uuid.empty()) uuid = info.cluster_uuid;
  auto opened =
      co_await context_.ledger.run([&](Ledger& ledger) { return ledger.open_sink(uuid, ndjson_.pattern().text()); });
  if (!opened) {
    ledger_failed(opened.error());
    co_return false;
  }
  ledger_full_ = false;
  const bool first = !sink_;
  // New until the first word about it: it may be opened before it answers.
  if (sink_ && sink_->key == opened->key) opened->is_new = opened->is_new || sink_->is_new;
  sink_ = std::move(*opened);
  if (first) co_await refresh_counts();
  co_return !end_;
}

// What is gone from the ledger cannot be sent there any more.
Task<void> Deliverer::tell_pruned() {
  const auto totals = co_await context_.ledger.run([](Ledger& ledger) { return ledger.totals(); });
  if (totals.pruned > 0) context_.telemetry.emit(telemetry::PrunedPassed{totals.pruned});
}

Task<void> Deliverer::take_rows(ledger::Outcome<std::vector<ledger::Row>> rows, elastic::VersionType version_type) {
  if (!rows) {
    ledger_failed(rows.error());
    co_return;
  }
  std::vector<elastic::PendingRow> built;
  built.reserve(rows->size());
  for (ledger::Row& row : *rows) {
    Ndjson::Built lines = ndjson_.build(row, version_type);
    row.payload = {};
    built.push_back(lines.row);
    if (!lines.row.unsendable) hand_.push_back(std::move(lines));
  }
  sender_.on_rows(std::move(built), context_.clock.now());
  // What the sender has set aside unsent, as the rows of a held index, must not pile up here. Both are in one order.
  const auto kept = sender_.in_hand();
  auto next = kept.begin();
  std::erase_if(hand_, [&](const Ndjson::Built& one) {
    const bool wanted = next != kept.end() && *next == one.row.key;
    if (wanted) ++next;
    return !wanted;
  });
}

Task<void> Deliverer::send_bulk(const step::Send& wanted) {
  std::vector<elastic::Op> ops;
  std::vector<std::optional<Time>> created;
  std::string body;
  std::size_t bytes = 0;
  ops.reserve(wanted.rows.size());
  created.reserve(wanted.rows.size());
  const auto is = [](const elastic::RowKey& key) {
    return [&key](const Ndjson::Built& built) { return built.row.key == key; };
  };
  for (auto [key, at] = std::pair{wanted.rows.begin(), hand_.begin()}; key != wanted.rows.end() && at != hand_.end();
       ++at) {
    if (is(*key)(*at)) {
      bytes += at->lines.size();
      ++key;
    }
  }
  body.reserve(bytes);
  auto next = hand_.begin();
  for (const elastic::RowKey& key : wanted.rows) {
    next = std::find_if(next, hand_.end(), is(key));
    if (next == hand_.end()) break;
    body += next->lines;
    next->lines = {};
    ops.push_back(std::move(next->op));
    created.push_back(next->created);
    ++next;
  }
  hand_.clear();

  const Now began = context_.clock.now();
  HttpRequest request = elastic::bulk_request(std::move(body), options_.gzip, *authorization_);
  request.same_connection = wanted.same_connection;
  MENTIOND_FAILPOINT("before_bulk");
  const auto outcome = co_await send(std::move(request));
  MENTIOND_FAILPOINT("after_bulk_before_settle");
  const elastic::BulkVerdict verdict = elastic::read_bulk_reply(outcome, ops);
  tell_bulk(verdict, created, bytes, began);
  std::uint64_t last_revision = std::numeric_limits<std::uint64_t>::max();
  if (names_a_version(verdict)) {
    last_revision = co_await context_.ledger.run([](Ledger& ledger) { return ledger.last_revision(); });
  }
  sender_.on_reply(verdict, last_revision, context_.clock.now(), context_.random.uniform());
}

Task<void> Deliverer::settle(const elastic::Receipt& receipt) {
  const ledger::Settlement settlement = to_settlement(receipt);
  std::optional<Counted> counted;
  const auto settled = co_await context_.ledger.run([&](Ledger& ledger) {
    auto outcome = ledger.settle(*sink_, settlement);
    if (outcome) counted = count(ledger, *sink_);
    return outcome;
  });
  if (!settled) {
    ledger_failed(settled.error());
    co_return;
  }
  ledger_full_ = false;
  sender_.on_settled();
  if (receipt.position) sink_->settled_revision = std::max(sink_->settled_revision, *receipt.position);
  tell_counts(*counted, receipt.delivered_at);
  summarise();
}

Task<void> Deliverer::refresh_counts() {
  if (!sink_) co_return;
  const Counted counted = co_await context_.ledger.run([&](Ledger& ledger) { return count(ledger, *sink_); });
  tell_counts(counted, std::nullopt);
}

Deliverer::Counted Deliverer::count(Ledger& ledger, const ledger::Sink& sink) {
  return {ledger.counts(sink), ledger.last_revision()};
}

void Deliverer::tell_counts(const Counted& counted, std::optional<Time> delivered_at) {
  if (!counted.counts) {
    ledger_failed(counted.counts.error());
    return;
  }
  if (counted.counts->redeliveries > 0) sender_.redeliver();
  telemetry::PositionMoved moved;
  moved.settled_revision = sink_->settled_revision;
  moved.last_revision = counted.last_revision;
  moved.pending = counted.counts->pending;
  moved.held = counted.counts->held;
  moved.dead = counted.counts->dead;
  moved.delivered_at = delivered_at;
  context_.telemetry.emit(moved);
}

Task<void> Deliverer::wait(const step::Wait& wanted) {
  summarise();
  // While draining nobody keeps up the ledger, and what is overdue there would end every wait at once.
  SteadyTime until = sender_.deadline().value_or(upkeep_.next());
  if (wanted.until) until = std::min(until, *wanted.until);
  if (progress_.docs > 0) until = std::min(until, progress_.since + summary_every);
  if (end_) co_return;
  const auto woke = co_await context_.clock.sleep_until(until, context_.wakeup);
  if (woke == Clock::Woke::elapsed) co_return;
  sender_.wake();
  co_await refresh_counts();
}

// A request that ends early when draining has to.
Task<Result<HttpReply, HttpFailure>> Deliverer::send(HttpRequest request) {
  using namespace boost::asio::experimental::awaitable_operators;
  auto first = co_await (context_.sink.send(std::move(request)) || give_up());
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  co_return HttpFailure{HttpFailure::Kind::cancelled, "given up: there is no time left to wait for the answer"};
}

Task<void> Deliverer::give_up() {
  constexpr std::chrono::hours far{24};  // longer than any request
  for (;;) {
    const SteadyTime now = context_.clock.now().steady;
    const auto deadline = sender_.deadline();
    if (end_ || (deadline && *deadline <= now)) co_return;
    co_await context_.clock.sleep_until(deadline.value_or(now + far), abort_);
  }
}

}  // namespace mentiond::deliver
