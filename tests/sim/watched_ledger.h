// WatchedLedger: the real ledger with the simulation around each of its calls: the process may die before it, in the
// middle of it or after it, and the oracle hears what is committed and looks at what a settlement claims.
#pragma once

#include <functional>
#include <memory>

#include "ledger/sqlite_ledger.h"
#include "sim/memory_disk.h"
#include "sim/oracle.h"
#include "sim/world.h"

namespace mentiond::sim {

class WatchedLedger final : public ledger::Ledger {
 public:
  // Has the sink of that cluster taken a document of this root at that revision or a later one?
  using Applied = std::function<bool(const std::string& cluster, TweetId root, std::uint64_t revision)>;
  struct Surroundings {
    World& world;
    MemoryDisk& disk;
    Oracle& oracle;
    Applied applied;
    std::int64_t max_pending = 0;
  };

  WatchedLedger(std::unique_ptr<ledger::SqliteLedger> ledger, Surroundings around)
      : ledger_(std::move(ledger)), around_(std::move(around)) {}

  template <class T>
  using Outcome = ledger::Outcome<T>;

  Outcome<Loaded> load_queries(std::span<const xapi::Query> queries) override;
  Outcome<ledger::AppendCounts> append(const ledger::PageCommit& page) override;
  Outcome<void> set_parked(const xapi::Query& query, std::optional<Time> since) override;
  Outcome<ledger::Meter> metered_since(Day first) override;
  Outcome<void> remember(std::string_view key, std::string_view value) override;
  Outcome<std::optional<std::string>> recall(std::string_view key) override;
  Outcome<ledger::Sink> open_sink(const std::optional<std::string>& cluster_uuid, std::string_view pattern) override;
  Outcome<std::vector<ledger::Row>> pending(const ledger::Sink& sink, std::uint64_t after, std::size_t max_rows,
                                            std::size_t max_bytes) override;
  Outcome<std::vector<ledger::Row>> rows(std::span<const TweetId> roots) override;
  Outcome<std::vector<ledger::Row>> held(const ledger::Sink& sink, const ledger::HeldGroup& group, std::size_t max_rows,
                                         std::size_t max_bytes) override;
  Outcome<std::vector<ledger::HeldGroup>> held_groups(const ledger::Sink& sink) override;
  Outcome<std::optional<ledger::Row>> canary(const ledger::Sink& sink) override;
  Outcome<void> settle(const ledger::Sink& sink, const ledger::Settlement& settlement) override;
  Outcome<std::vector<ledger::Row>> redelivery(const ledger::Sink& sink, std::size_t max_rows,
                                               std::size_t max_bytes) override;
  Outcome<std::int64_t> draw_anew(const ledger::Sink& sink, std::uint64_t version) override;
  Outcome<ledger::SinkCounts> counts(const ledger::Sink& sink) override;
  [[nodiscard]] Totals totals() const override { return ledger_->totals(); }
  [[nodiscard]] std::uint64_t last_revision() const override { return ledger_->last_revision(); }
  Outcome<std::int64_t> prune(const ledger::Sink& sink, Time before, std::size_t max_rows) override;
  Outcome<Space> space() override;
  Outcome<bool> truncate_wal() override { return ledger_->truncate_wal(); }

  // What a person may ask for.
  Outcome<std::vector<ledger::DeadLetter>> dead_letters(const ledger::DeadLetterPage& page) override;
  Outcome<Handled> retry_dead(std::span<const std::string> ids, Unknown unknown) override;
  Outcome<Handled> drop_dead(std::span<const std::string> ids, Unknown unknown) override;
  Outcome<Forgotten> forget(std::span<const TweetId> ids, Time now) override;
  Outcome<std::int64_t> redeliver(TweetId from, TweetId to) override;

  [[nodiscard]] LedgerFacts facts() { return LedgerFacts{ledger_->connection().handle()}; }
  // What an operator sees of the disk.
  bool room = true;

 private:
  template <class Call>
  auto watch(std::string_view name, Call call);
  void check_settlement(const ledger::Sink& sink, const ledger::Settlement& settlement, std::uint64_t before);

  std::unique_ptr<ledger::SqliteLedger> ledger_;
  Surroundings around_;
  // A transaction was rolled back: what the ledger keeps in memory must be what its file says, now and after the next.
  void recount_after(bool failed);
  bool recount_ = false;
  std::optional<Time> over_since_;  // more than max_pending rows wait, and the deliverer has told so
};

}  // namespace mentiond::sim
