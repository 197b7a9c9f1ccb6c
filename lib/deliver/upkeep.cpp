#include "deliver/upkeep.h"

#include <algorithm>
#include <utility>

#include "telemetry/deliver_events.h"

namespace mentiond::deliver {

SteadyTime Upkeep::next() const { return std::min(measure_at_, prune_at_); }

Task<ledger::Outcome<void>> Upkeep::turn(std::optional<ledger::Sink> sink) {
  const SteadyTime now = clock_.now().steady;
  if (measure_at_ <= now) {
    measure_at_ = now + measure_every;
    if (auto measured = co_await measure(); !measured) co_return measured;
  }
  if (prune_at_ > now) co_return ledger::Outcome<void>{};
  if (!sink) {
    prune_at_ = now + measure_every;
    co_return ledger::Outcome<void>{};
  }
  co_return co_await prune(std::move(*sink));
}

Task<ledger::Outcome<void>> Upkeep::measure() {
  telemetry::LedgerMeasured measured;
  const auto space = co_await ledger_.run([&](ledger::Ledger& ledger) {
    const auto totals = ledger.totals();
    measured.rows = totals.rows;
    if (role_ == Role::alone) measured.dead_letters = totals.unparsed;
    measured.last_revision = ledger.last_revision();
    return ledger.space();
  });
  if (!space) co_return space.error();
  measured.file_bytes = space->file;
  measured.wal_bytes = space->wal;
  telemetry_.emit(measured);
  const auto truncated = co_await ledger_.run([](ledger::Ledger& ledger) { return ledger.truncate_wal(); });
  if (!truncated) co_return truncated.error();
  if (*truncated) telemetry_.emit(telemetry::WalTruncated{});
  co_return ledger::Outcome<void>{};
}

Task<ledger::Outcome<void>> Upkeep::prune(ledger::Sink sink) {
  const Now now = clock_.now();
  const Time before = now.wall - retention_;
  const auto rows =
      co_await ledger_.run([&](ledger::Ledger& ledger) { return ledger.prune(sink, before, chunk_rows); });
  prune_at_ = now.steady + prune_every;
  if (!rows) co_return rows.error();
  pruned_ += *rows;
  if (*rows == static_cast<std::int64_t>(chunk_rows)) {
    prune_at_ = now.steady;  // there is more; whatever else waits comes in between
    co_return ledger::Outcome<void>{};
  }
  if (pruned_ > 0) telemetry_.emit(telemetry::RetentionPruned{std::exchange(pruned_, 0), before});
  co_return ledger::Outcome<void>{};
}

}  // namespace mentiond::deliver
