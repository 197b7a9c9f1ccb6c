// What stands in the ledger's file, read by SQL of our own: the oracle does not take the ledger's word for it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <sqlite3.h>

#include "mention/tweet_id.h"

namespace mentiond::sim {

class LedgerFacts {
 public:
  explicit LedgerFacts(sqlite3* db) : db_(db) {}

  struct Post {
    TweetId root, newest;
    std::uint64_t revision = 0;
    int state = 0;  // 0 live, 1 tombstone, 2 pruned
    std::set<std::string> clouds, queries;
    bool has_payload = false;
  };
  void each_post(const std::function<void(const Post&)>& visit);
  // The revision of that root's tombstone, if it has one.
  std::optional<std::uint64_t> tombstone(TweetId root);

  struct Query {
    std::optional<TweetId> cursor;
    std::vector<std::pair<TweetId, TweetId>> gaps;    // (low, high): ids strictly between
    std::vector<std::pair<TweetId, TweetId>> losses;  // (low, high]: ids above low up to high
    bool known = false;
  };
  Query query(const std::string& name, const std::string& text);

  struct Bill {
    std::int64_t posts = 0, users = 0, requests = 0;
    auto operator<=>(const Bill&) const = default;
  };
  Bill bill();
  std::int64_t unparsed();
  // Rows that a sink's position passes when it moves: (revision, root), in (low, high].
  std::vector<std::pair<std::uint64_t, TweetId>> payloads(std::uint64_t low, std::uint64_t high);
  std::uint64_t settled(std::int64_t sink);
  // The key of that cluster's sink; 0 if there is none.
  std::int64_t sink_of(const std::string& cluster);
  struct Aside {
    TweetId root;
    std::uint64_t revision = 0;
    std::string state;  // held, dead, dropped
    std::string type;
  };
  std::vector<Aside> set_aside(std::int64_t sink);
  std::optional<Aside> set_aside(std::int64_t sink, TweetId root);
  // Redeliveries of that sink that are not over.
  std::int64_t redeliveries(std::int64_t sink);
  // The ledger's own counters, as they stand in its file, and the same counted anew. What is 0 is left out.
  using Counters = std::map<std::string, std::int64_t>;
  Counters counters();
  Counters recount();
  std::int64_t greatest_revision();
  bool is_whole();  // PRAGMA integrity_check

 private:
  class Rows;
  std::int64_t number(const std::string& sql);
  sqlite3* db_;
};

}  // namespace mentiond::sim
