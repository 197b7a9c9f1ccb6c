// MemoryLedger: a ledger without a disk, whose commits fail on demand. Keeps what collect needs; the other half is
// mute.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ledger/ledger.h"
#include "xapi/poller.h"

namespace mentiond::collect::testing {

using ledger::Failure;
using ledger::Outcome;

class MemoryLedger final : public ledger::Ledger {
 public:
  MemoryLedger() = default;

  std::map<std::string, xapi::QueryState> states;
  std::vector<std::pair<std::string, xapi::Loss>> unconfigured;
  std::set<TweetId> stored;
  std::vector<xapi::Loss> losses;
  std::map<std::string, std::string, std::less<>> small;
  std::set<std::pair<Day, TweetId>> billed;
  std::vector<std::size_t> pages;  // posts of each page committed
  std::vector<Day> request_days;
  ledger::Ledger::Space disk{1'000'000'000, 2'000'000'000, 4096, 0};
  // Stands before every write; the page if it is one.
  using Fault = std::function<std::optional<Failure>(const ledger::PageCommit*)>;
  Fault fault;
  static Fault nothing_at_all(Failure::Kind kind, const char* words) {
    return [=](const ledger::PageCommit*) { return Failure{kind, words}; };
  }
  static Fault no_page(Failure::Kind kind, const char* words) {
    return [=](const ledger::PageCommit* page) { return page ? std::optional{Failure{kind, words}} : std::nullopt; };
  }
  std::function<std::optional<Failure>()> meter_fault;

  Outcome<Loaded> load_queries(std::span<const xapi::Query> queries) override {
    if (auto failure = refuse()) return *failure;
    Loaded loaded;
    for (const auto& query : queries) loaded.states.push_back(states[query.name]);
    loaded.losses = std::exchange(unconfigured, {});
    return loaded;
  }
  Outcome<ledger::AppendCounts> append(const ledger::PageCommit& page) override {
    if (auto failure = refuse(&page)) return *failure;
    ledger::AppendCounts counts;
    for (const Tweet& tweet : page.tweets) {
      stored.insert(tweet.root).second ? ++counts.fresh : ++counts.duplicates;
      counts.billed_posts += billed.emplace(page.billing_day, tweet.id).second ? 1 : 0;
    }
    counts.new_pairs = counts.fresh;
    counts.bad = static_cast<std::int64_t>(page.bad.size());
    if (page.billed_request) pages.push_back(page.tweets.size());
    if (page.billed_request) request_days.push_back(page.billing_day);
    if (page.change.loss) losses.push_back(*page.change.loss);
    xapi::apply(states[page.query.name], page.change);
    return counts;
  }
  Outcome<void> set_parked(const xapi::Query& query, std::optional<Time> since) override {
    if (auto failure = refuse()) return *failure;
    states[query.name].parked_since = since;
    return {};
  }
  Outcome<ledger::Meter> metered_since(Day first) override {
    if (auto failure = meter_fault ? meter_fault() : std::nullopt) return *failure;
    const auto posts = std::ranges::count_if(billed, [first](const auto& one) { return one.first >= first; });
    const auto requests = std::ranges::count_if(request_days, [first](Day day) { return day >= first; });
    return ledger::Meter{posts, 0, requests};
  }
  Outcome<void> remember(std::string_view key, std::string_view value) override {
    if (auto failure = refuse()) return *failure;
    small[std::string{key}] = value;
    return {};
  }
  Outcome<std::optional<std::string>> recall(std::string_view key) override {
    const auto found = small.find(key);
    return found == small.end() ? std::nullopt : std::optional{found->second};
  }
  Outcome<Space> space() override { return disk; }

  Outcome<ledger::Sink> open_sink(const std::optional<std::string>&, std::string_view) override { return mute(); }
  Outcome<std::vector<ledger::Row>> pending(const ledger::Sink&, std::uint64_t, std::size_t, std::size_t) override {
    return mute();
  }
  Outcome<std::vector<ledger::Row>> rows(std::span<const TweetId>) override { return mute(); }
  Outcome<std::vector<ledger::Row>> held(const ledger::Sink&, const ledger::HeldGroup&, std::size_t,
                                         std::size_t) override {
    return mute();
  }
  Outcome<std::vector<ledger::HeldGroup>> held_groups(const ledger::Sink&) override { return mute(); }
  Outcome<std::optional<ledger::Row>> canary(const ledger::Sink&) override { return mute(); }
  Outcome<void> settle(const ledger::Sink&, const ledger::Settlement&) override { return mute(); }
  Outcome<ledger::SinkCounts> counts(const ledger::Sink&) override { return mute(); }
  std::uint64_t last_revision() const override { return 0; }
  Totals totals() const override { return {}; }
  Outcome<std::int64_t> prune(const ledger::Sink&, Time, std::size_t) override { return mute(); }
  Outcome<bool> truncate_wal() override { return mute(); }
  Outcome<std::vector<ledger::Row>> redelivery(const ledger::Sink&, std::size_t, std::size_t) override {
    return mute();
  }
  Outcome<std::int64_t> draw_anew(const ledger::Sink&, std::uint64_t) override { return mute(); }
  Outcome<std::vector<ledger::DeadLetter>> dead_letters(const ledger::DeadLetterPage&) override { return mute(); }
  Outcome<Handled> retry_dead(std::span<const std::string>, Unknown) override { return mute(); }
  Outcome<Handled> drop_dead(std::span<const std::string>, Unknown) override { return mute(); }
  Outcome<Forgotten> forget(std::span<const TweetId>, Time) override { return mute(); }
  Outcome<std::int64_t> redeliver(TweetId, TweetId) override { return mute(); }

 private:
  static Failure mute() { return {Failure::Kind::fatal, "this ledger delivers nothing"}; }
  std::optional<Failure> refuse(const ledger::PageCommit* page = nullptr) { return fault ? fault(page) : std::nullopt; }
};

}  // namespace mentiond::collect::testing
