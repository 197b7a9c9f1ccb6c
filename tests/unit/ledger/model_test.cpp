// Random histories of pages, receipts, pruning and restarts, played to a ledger and to a model of a few maps: after
// every step both must tell the same.
#include <map>
#include <random>
#include <set>

#include "unit/ledger/fixture.h"

namespace mentiond::ledger {
namespace {

struct ModelRow {
  std::uint64_t version = 0;
  std::uint64_t revision = 0;
  bool pruned = false;
  std::set<std::string> queries;
};

class LedgerModel : public LedgerTest, public testing::WithParamInterface<unsigned> {
 protected:
  LedgerModel() { hurry(); }
  // Nobody cuts the power here.
  void hurry() { ledger_->connection().execute("PRAGMA synchronous=OFF"); }
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  void page() {
    static const std::vector queries{aws, gcp, aws_de};
    const auto& query = queries.at(below(queries.size()));
    PageBuilder builder{query};
    AppendCounts expected;
    const auto posts = below(12);
    for (std::uint64_t i = 0; i < posts; ++i) {
      const auto root = 1'000 + 10 * below(40);
      const auto version = root + below(3);
      builder.post(root, version);
      store(root, version, query.name, expected);
    }
    const auto counts = append(builder);
    EXPECT_EQ(counts.fresh, expected.fresh);
    EXPECT_EQ(counts.changed, expected.changed);
    EXPECT_EQ(counts.duplicates, expected.duplicates);
  }

  void store(std::uint64_t root, std::uint64_t version, const std::string& query, AppendCounts& expected) {
    const auto [at, fresh] = rows_.try_emplace(root);
    auto& row = at->second;
    const bool tagged = row.queries.insert(query).second;
    const bool newer = version > row.version;
    if (newer || row.pruned) row.version = version;
    row.pruned = false;
    if (newer || tagged) row.revision = ++last_;
    ++(fresh ? expected.fresh : newer || tagged ? expected.changed : expected.duplicates);
  }

  void receipt() {
    const auto of = sink();
    const auto rows = must(ledger_->pending(of, settled_, 1 + below(8), 1'000'000));
    Settlement settlement;
    for (const auto& each : rows) {
      aside_.erase(each.root.value());
      if (const auto fate = below(6); fate < 2) {
        settlement.set_aside.push_back(aside(each, fate == 0 ? SetAside::State::held : SetAside::State::dead));
        aside_[each.root.value()] = {each.revision, fate == 0};
      } else {
        settlement.delivered.push_back(each.root);
      }
    }
    // A step may leave the position behind: rows are set aside before it passes them.
    if (!rows.empty() && below(4) != 0) settlement.position = settled_ = rows.back().revision;
    must(ledger_->settle(of, settlement));
  }

  void prune() {
    must(ledger_->prune(sink(), noon + Millis{1}, 1'000));
    for (auto& [root, row] : rows_) {
      if (row.revision <= settled_ && !aside_.contains(root)) row.pruned = true;
    }
  }

  void expect_the_ledger_tells_what_the_model_tells() {
    std::map<std::uint64_t, std::uint64_t> expected;  // revision -> root
    std::int64_t above = 0;
    for (const auto& [root, row] : rows_) {
      if (row.pruned || row.revision <= settled_) continue;
      ++above;
      const auto entry = aside_.find(root);
      if (entry == aside_.end() || entry->second.first != row.revision) expected[row.revision] = root;
    }
    std::map<std::uint64_t, std::uint64_t> found;
    for (const auto& each : pending(sink(), settled_)) {
      found[each.revision] = each.root.value();
      const auto& row = rows_.at(each.root.value());
      EXPECT_EQ(each.payload, PageBuilder::raw_of(each.root.value(), row.version));
      EXPECT_TRUE(std::ranges::equal(each.tags->queries, row.queries));
    }
    EXPECT_EQ(found, expected);
    const auto held = std::ranges::count_if(aside_, [](const auto& entry) { return entry.second.second; });
    const auto counts = must(ledger_->counts(sink()));
    EXPECT_EQ(counts.pending, above + held);
    EXPECT_EQ(counts.held, held);
    EXPECT_EQ(counts.dead, static_cast<std::int64_t>(aside_.size()) - held);
    EXPECT_EQ(ledger_->last_revision(), last_);
  }

  std::mt19937 random_{GetParam()};
  std::map<std::uint64_t, ModelRow> rows_;
  std::map<std::uint64_t, std::pair<std::uint64_t, bool>> aside_;  // root -> revision, held
  std::uint64_t settled_ = 0;
  std::uint64_t last_ = ledger_->last_revision();
};

TEST_P(LedgerModel, TheLedgerTellsWhatTheModelTellsAfterEveryStep) {
  for (int step = 0; step < 250 && !HasFailure(); ++step) {
    switch (below(10)) {
      case 0:
        prune();
        break;
      case 1:
        reopen();
        hurry();
        ++last_;
        break;
      case 2:
      case 3:
      case 4:
        receipt();
        break;
      default:
        page();
        break;
    }
    expect_the_ledger_tells_what_the_model_tells();
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, LedgerModel, testing::Range(1U, 9U));

}  // namespace
}  // namespace mentiond::ledger
