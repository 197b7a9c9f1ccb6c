#include "ledger/tag_sets.h"

#include "base/json_writer.h"

namespace mentiond::ledger {
namespace {

std::string to_json(const TagSet& set) {
  std::string out;
  JsonWriter json{out};
  json.begin_array();
  for (const auto& name : set) json.text(name);
  json.end_array();
  return out;
}

}  // namespace

std::shared_ptr<const Tags> TagSets::names(std::int64_t set) {
  if (const auto at = names_.find(set); at != names_.end()) return at->second;
  std::string clouds;
  std::string queries;
  if (auto rows = select_names_.query(set); rows.next()) {
    clouds = rows.bytes(0);
    queries = rows.bytes(1);
  }
  auto tags = std::make_shared<Tags>();
  if (!clouds.empty()) {
    for (auto rows = elements_.query(std::string_view{clouds}); rows.next();) tags->clouds.add(rows.bytes(0));
    for (auto rows = elements_.query(std::string_view{queries}); rows.next();) tags->queries.add(rows.bytes(0));
    if (connection_.ok()) names_.emplace(set, tags);
  }
  return tags;
}

std::int64_t TagSets::with(std::int64_t set, const xapi::Query& query) {
  const auto known = unions_.find({set, query.name, query.cloud});
  if (known != unions_.end()) return known->second;
  Tags tags = set == 0 ? Tags{} : *names(set);
  const bool new_cloud = tags.clouds.add(query.cloud);
  const bool new_query = tags.queries.add(query.name);
  const std::int64_t result = new_cloud || new_query ? intern(tags) : set;
  if (connection_.ok()) unions_.emplace(std::tuple{set, query.name, query.cloud}, result);
  return result;
}

std::int64_t TagSets::intern(const Tags& tags) {
  const auto clouds = to_json(tags.clouds);
  const auto queries = to_json(tags.queries);
  if (auto rows = select_id_.query(std::string_view{clouds}, std::string_view{queries}); rows.next())
    return rows.integer(0);
  insert_.execute(std::string_view{clouds}, std::string_view{queries});
  return sqlite3_last_insert_rowid(connection_.handle());
}

void TagSets::forget() {
  names_.clear();
  unions_.clear();
}

}  // namespace mentiond::ledger
