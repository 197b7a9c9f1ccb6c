// Upkeep of the ledger beside delivery: prunes what retention no longer wants (at start, then hourly, a small chunk a
// turn), gives back a WAL that has outgrown its limit, and measures: rows, dead letters, bytes. Deliverer has one;
// where there is no sink, whoever runs the ledger calls turn(std::nullopt) whenever next() has come. On the event
// loop's thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "ledger/ledger_thread.h"
#include "loop/clock.h"
#include "telemetry/telemetry.h"

namespace mentiond::deliver {

class Upkeep {
 public:
  // Whoever delivers counts the dead letters himself: the rows refused are among them.
  enum class Role : std::uint8_t { alone, beside_delivery };

  Upkeep(ledger::LedgerThread& ledger, Clock& clock, telemetry::Telemetry& telemetry, std::chrono::days retention,
         Role role)
      : ledger_(ledger), clock_(clock), telemetry_(telemetry), retention_(retention), role_(role) {}

  // When turn() wants to be called next.
  [[nodiscard]] SteadyTime next() const;
  // The sink is known from now on: what waited for that is due, so that a run of a few seconds prunes as well.
  void sink_opened() { prune_at_ = {}; }
  // Does what is due, and no more than one chunk. `sink`: the one that has answered. Until then nothing is pruned: it
  // may be another than the last known, and have got none of it. Nor where there is none: the ledger is the store then.
  Task<ledger::Outcome<void>> turn(std::optional<ledger::Sink> sink);

  // A chunk keeps the ledger's thread from a page or a batch for a few milliseconds at most.
  static constexpr std::size_t chunk_rows = 500;
  static constexpr std::chrono::minutes measure_every{1};
  static constexpr std::chrono::hours prune_every{1};

 private:
  Task<ledger::Outcome<void>> measure();
  Task<ledger::Outcome<void>> prune(ledger::Sink sink);

  ledger::LedgerThread& ledger_;
  Clock& clock_;
  telemetry::Telemetry& telemetry_;
  std::chrono::days retention_;
  Role role_;
  SteadyTime measure_at_{};
  SteadyTime prune_at_{};
  std::int64_t pruned_ = 0;  // in this round
};

}  // namespace mentiond::deliver
