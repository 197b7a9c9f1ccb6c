// TagSets interns the few different combinations of clouds and queries that rows bear: a row holds a number, the table
// `tag_set` the names. Internal to the room.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <unordered_map>

#include "ledger/statement.h"

namespace mentiond::ledger {

class TagSets {
 public:
  explicit TagSets(Connection& connection) : connection_(connection) {}

  // The names behind a number; empty ones if there is no such set (a damaged file).
  std::shared_ptr<const Tags> names(std::int64_t set);
  // The set with this query and its cloud added; `set` 0 is the empty one. Stored if new, within the transaction under
  // way.
  std::int64_t with(std::int64_t set, const xapi::Query& query);
  // The set without any.
  std::int64_t none() { return intern(Tags{}); }
  // After a rollback: what was interned since may be gone.
  void forget();

 private:
  std::int64_t intern(const Tags& tags);

  Connection& connection_;
  std::unordered_map<std::int64_t, std::shared_ptr<const Tags>> names_;
  std::map<std::tuple<std::int64_t, std::string, std::string>, std::int64_t> unions_;  // set, query name, cloud
  Statement select_names_{connection_, "SELECT clouds, queries FROM tag_set WHERE id = ?1"};
  Statement select_id_{connection_, "SELECT id FROM tag_set WHERE clouds = ?1 AND queries = ?2"};
  Statement insert_{connection_, "INSERT INTO tag_set (clouds, queries) VALUES (?1, ?2)"};
  Statement elements_{connection_, "SELECT value FROM json_each(?1)"};
};

}  // namespace mentiond::ledger
