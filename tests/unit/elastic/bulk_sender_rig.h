// A BulkSender with a world around it: a small ledger, a small sink with scriptable faults, and a clock that moves only
// where the sender waits. Every settlement is checked against the promise: the position passes a row only when that row
// was delivered or set aside.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "elastic/bulk_sender.h"

namespace mentiond::elastic::testing {

using namespace std::chrono_literals;

inline Fault fault(int status, std::string type) { return {status, std::move(type), "as the server says"}; }
inline ItemVerdict shard_limit() { return HoldIndex{HoldReason::shard_limit, fault(400, "validation_exception")}; }
inline ItemVerdict read_only() { return HoldIndex{HoldReason::read_only, fault(403, "cluster_block_exception")}; }
inline ItemVerdict busy() { return RetryItem{fault(429, "es_rejected_execution_exception")}; }
inline ItemVerdict no_shard() { return RetryItem{fault(503, "unavailable_shards_exception")}; }
inline ItemVerdict bad(std::string type = "document_parsing_exception") {
  return CannotIndex{fault(400, std::move(type))};
}

class Rig {
 public:
  struct Row {
    std::uint64_t revision = 0;
    std::string index = "day";
    std::size_t bytes = 1'000;
    std::optional<Fault> unsendable;
  };
  struct Bulk {
    SteadyTime at;
    std::vector<RowKey> rows;
    std::size_t bytes = 0;
  };

  explicit Rig(BulkSender::Limits limits = {.batch_bytes = 5'000'000, .batch_docs = 100, .flush_every = 2'000ms})
      : sender(limits) {
    now.wall = *parse_iso8601("2026-08-10T12:00:00Z");
    now.steady += 1h;
  }

  // Stores rows root..root+count-1 as collect does.
  void store(std::uint64_t root, std::size_t count = 1, const std::string& index = "day", std::size_t bytes = 1'000) {
    for (std::uint64_t i = 0; i < count; ++i) rows[TweetId{root + i}] = {++last_revision, index, bytes, {}};
    if (wakes) sender.wake();
  }
  // Rows 1..count are settled, but held: their index was closed when this sender came to life.
  void hold_from_an_earlier_run(std::size_t count) {
    store(1, count);
    for (const auto& [root, row] : rows) {
      aside[root] = {{root, row.revision}, "day", HoldReason::closed, fault(400, "index_closed_exception"), {}};
    }
    settled = last_revision;
  }
  // 20 rows of an index that is read-only, and 5 of one that takes them.
  void hold_old_and_deliver_new() {
    index_fault["old"] = read_only();
    store(1, 20, "old");
    store(30, 5, "new");
    run(3s);
  }
  void damage(std::uint64_t root, const std::string& type) { rows.at(TweetId{root}).unsendable = Fault{0, type, ""}; }

  // Runs until nothing happens before `limit` has passed.
  void run(Millis limit = 0ms) {
    const SteadyTime end = now.steady + limit;
    for (int steps = 0; steps < 200'000; ++steps) {
      const SendStep step = sender.next(now);
      for (Notice& notice : sender.take_notices()) notices.push_back(std::move(notice));
      if (std::holds_alternative<step::Finish>(step)) {
        finished = std::get<step::Finish>(step);
        return;
      }
      if (const auto* wait = std::get_if<step::Wait>(&step)) {
        why = std::string{wait->why};
        EXPECT_FALSE(wait->until && *wait->until < now.steady) << "it waits for what is over: " << why;
        const bool beyond = !wait->until || *wait->until > end;
        advance((beyond ? end : *wait->until) - now.steady);
        if (beyond) return;
        continue;
      }
      perform(step);
      for (Notice& notice : sender.take_notices()) notices.push_back(std::move(notice));
    }
    FAIL() << "the sender never comes to rest";
  }

  template <class T>
  [[nodiscard]] std::size_t count() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(notices, [](const Notice& n) { return std::holds_alternative<T>(n); }));
  }
  [[nodiscard]] std::size_t held() const { return aside_count(true); }
  [[nodiscard]] std::size_t dead() const { return aside_count(false); }
  [[nodiscard]] std::size_t sent_of(std::uint64_t root) const {
    std::size_t times = 0;
    for (const Bulk& bulk : bulks) {
      times += static_cast<std::size_t>(std::ranges::count(bulk.rows, TweetId{root}, &RowKey::root));
    }
    return times;
  }
  // Conservation: every row is a document in its present revision, or set aside; nothing is above the position.
  void expect_all_settled() const {
    for (const auto& [root, row] : rows) {
      const bool there = documents.contains(root) && documents.at(root) == row.revision;
      EXPECT_TRUE(there || aside.contains(root)) << root.value();
    }
    EXPECT_EQ(settled, last_revision);
  }

  // The sink, as the story wants it.
  std::function<CheckOutcome()> check = [this] { return CheckOutcome{checked::Ready{sink, settled, held_groups()}}; };
  std::optional<BulkVerdict> request_fault;
  std::map<std::string, ItemVerdict> index_fault;
  std::map<TweetId, ItemVerdict> row_fault;
  std::set<TweetId> poison;             // 400 for every request that bears it
  std::size_t largest_body = SIZE_MAX;  // 413 beyond
  std::function<void()> before_reply = [] {};
  std::function<void()> before_rows = [] {};  // after the ledger was asked
  bool wakes = true;                          // the sender hears of what is stored
  bool connected = false;                     // the connection used last still stands
  bool ledger_full = false;

  std::map<TweetId, Row> rows;
  std::map<TweetId, AsideRow> aside;
  std::map<TweetId, std::uint64_t> documents;
  std::set<TweetId> settled_rows;
  std::optional<TweetId> redelivered;           // a redelivery is under way, and has come so far
  std::map<TweetId, std::size_t> written_anew;  // as a redelivery writes: also where the version is the same
  std::int64_t sink = 1;
  std::uint64_t settled = 0;
  std::uint64_t last_revision = 1'000;
  std::vector<Bulk> bulks;
  std::vector<step::Check> checks;
  std::optional<SteadyTime> checked_at;
  std::vector<std::vector<RowKey>> unconnected;  // the bulks that found their connection gone
  std::vector<Notice> notices;
  std::optional<step::Finish> finished;
  std::string why;
  Now now;
  BulkSender sender;
  double random = 0;

 private:
  void advance(SteadyTime::duration by) {
    now.steady += by;
    now.wall += std::chrono::ceil<Millis>(by);
  }

  [[nodiscard]] std::size_t aside_count(bool held) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(aside, [&](const auto& entry) { return entry.second.hold.has_value() == held; }));
  }

  static HoldKey group_of(const AsideRow& row) {
    const bool drift = row.hold == HoldReason::drift;
    return {drift ? "" : row.index, *row.hold, drift ? row.fault.type : ""};
  }
  [[nodiscard]] std::vector<HeldRows> held_groups() const {
    std::map<HoldKey, Time> groups;
    for (const auto& [root, row] : aside) {
      if (row.hold) groups.emplace(group_of(row), row.since);
    }
    std::vector<HeldRows> all;
    for (const auto& [key, since] : groups) all.push_back({key, since});
    return all;
  }

  PendingRow build(TweetId root) {
    const Row& row = rows.at(root);
    PendingRow built{{root, row.revision}, row.index, row.bytes, row.unsendable};
    if (!built.unsendable) hand.push_back(built.key);
    return built;
  }

  void perform(const SendStep& step) {
    if (const auto* check_step = std::get_if<step::Check>(&step)) {
      checks.push_back(*check_step);
      checked_at = now.steady;
      connected = true;
      sender.on_checked(check(), now, random);
    } else if (const auto* send = std::get_if<step::Send>(&step)) {
      answer(*send);
    } else if (const auto* settle = std::get_if<step::Settle>(&step)) {
      if (ledger_full) return sender.on_ledger_full(now, random);
      apply(settle->receipt);
      sender.on_settled();
    } else {
      std::vector<PendingRow> found = find_rows(step);
      before_rows();
      sender.on_rows(std::move(found), now);
    }
  }

  std::vector<PendingRow> find_rows(const SendStep& step) {
    std::vector<PendingRow> found;
    std::map<std::uint64_t, TweetId> feed;
    for (const auto& [root, row] : rows) feed[row.revision] = root;
    if (const auto* load = std::get_if<step::Load>(&step)) {
      std::size_t bytes = 0;
      for (auto at = feed.upper_bound(load->after); at != feed.end() && found.size() < load->max_rows; ++at) {
        const auto old = aside.find(at->second);
        if (old != aside.end() && old->second.key.revision == at->first) continue;
        bytes += rows.at(at->second).bytes;
        if (!found.empty() && bytes > load->max_bytes) break;
        found.push_back(build(at->second));
      }
    } else if (const auto* again = std::get_if<step::Reload>(&step)) {
      for (const TweetId root : again->roots) {
        if (rows.contains(root)) found.push_back(build(root));
      }
    } else if (const auto* group = std::get_if<step::LoadHeld>(&step)) {
      for (const auto& [revision, root] : feed) {
        const auto row = aside.find(root);
        if (row == aside.end() || !row->second.hold || group_of(row->second) != group->group) continue;
        if (found.size() < group->max_rows) found.push_back(build(root));
      }
    } else if (const auto* again_all = std::get_if<step::LoadRedelivery>(&step)) {
      for (const auto& [root, row] : rows) {
        if (!redelivered || root <= *redelivered || aside.contains(root)) continue;
        if (found.size() == again_all->max_rows) break;
        found.push_back(build(root));
        equal_versions.insert(root);
      }
      if (found.empty()) redelivered.reset();
    } else if (!settled_rows.empty()) {
      found.push_back(build(*settled_rows.rbegin()));
    }
    return found;
  }

  void answer(const step::Send& send) {
    Bulk bulk{now.steady, send.rows, 0};
    for (const RowKey& key : send.rows) {
      EXPECT_TRUE(std::ranges::find(hand, key) != hand.end()) << "never built, or let go of: " << key.root.value();
      bulk.bytes += rows.at(key.root).bytes;
    }
    hand.clear();
    const std::set<TweetId> again = std::exchange(equal_versions, {});
    if (!connected && send.same_connection) {
      unconnected.push_back(send.rows);
      return sender.on_reply(Unconnected{}, last_revision, now, random);
    }
    EXPECT_TRUE(send.same_connection || (checked_at && now.steady - *checked_at <= 5s))
        << "over a connection behind which nobody has looked";
    connected = true;
    bulks.push_back(bulk);
    before_reply();
    sender.on_reply(judge(bulk, again), last_revision, now, random);
  }

  BulkVerdict judge(const Bulk& bulk, const std::set<TweetId>& equal_versions_too) {
    if (request_fault) return *request_fault;
    if (bulk.bytes > largest_body) return TooLarge{};
    for (const RowKey& key : bulk.rows) {
      if (poison.contains(key.root)) return Malformed{fault(400, "illegal_argument_exception")};
    }
    Items items;
    for (const RowKey& key : bulk.rows) {
      const std::string& index = rows.at(key.root).index;
      if (row_fault.contains(key.root)) {
        items.verdicts.push_back(row_fault.at(key.root));
      } else if (index_fault.contains(index)) {
        items.verdicts.push_back(index_fault.at(index));
      } else if (equal_versions_too.contains(key.root) && documents[key.root] <= key.revision) {
        items.verdicts.push_back(Delivered{});
        documents[key.root] = key.revision;
        ++written_anew[key.root];
      } else if (documents.contains(key.root) && documents[key.root] >= key.revision) {
        items.verdicts.push_back(Delivered{Delivered::How::conflict, documents[key.root]});
      } else {
        items.verdicts.push_back(Delivered{});
        documents[key.root] = key.revision;
      }
    }
    return items;
  }

  void apply(const Receipt& receipt) {
    for (const TweetId root : receipt.delivered) aside.erase(root), settled_rows.insert(root);
    for (const AsideRow& row : receipt.set_aside) aside[row.key.root] = row, settled_rows.erase(row.key.root);
    if (receipt.redelivered) {
      EXPECT_TRUE(redelivered && *receipt.redelivered > *redelivered) << "the redelivery went back";
      redelivered = receipt.redelivered;
      for (const auto& [root, row] : rows) {
        if (root > *redelivered) break;
        EXPECT_TRUE(written_anew.contains(root) || aside.contains(root)) << "not sent again: " << root.value();
      }
    }
    if (!receipt.position) return;
    EXPECT_GE(*receipt.position, settled) << "the position went back";
    settled = *receipt.position;
    for (const auto& [root, row] : rows) {
      if (row.revision > settled) continue;
      const bool there = documents.contains(root) && documents.at(root) >= row.revision;
      EXPECT_TRUE(there || aside.contains(root)) << "passed without being delivered: " << root.value();
    }
  }

  std::vector<RowKey> hand;
  std::set<TweetId> equal_versions;
};

}  // namespace mentiond::elastic::testing
