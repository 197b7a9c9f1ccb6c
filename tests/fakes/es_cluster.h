// EsCluster: indices, documents with their versions, templates, aliases, blocks and limits of the fake Elasticsearch:
// the state and its rules, no HTTP. Pure. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fakes/json_value.h"

namespace mentiond::fakes {

struct EsDocument {
  std::int64_t version = 0;
  bool deleted = false;  // a tombstone: its version still stands against older writes
  std::string source;
};

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};

struct EsIndex {
  std::string name;
  std::unordered_map<std::string, EsDocument, TextHash, std::equal_to<>> documents;
  std::size_t live = 0;  // documents that are no tombstones
  std::set<std::string> aliases;
  int shards = 1, replicas = 1;
  bool block_write = false, block_read_only = false, block_allow_delete = false;
  bool closed = false;

  [[nodiscard]] int all_shards() const { return shards * (1 + replicas); }
};

struct EsError {
  int status = 400;
  std::string type, reason;
};

enum class EsOp : std::uint8_t { index, create, remove };
enum class VersionType : std::uint8_t { internal, external, external_gte };

struct EsWrite {
  EsOp op = EsOp::index;
  std::string index, id;
  VersionType version_type = VersionType::internal;
  std::int64_t version = 0;
  std::string_view source;
};

struct EsOutcome {
  enum class Kind : std::uint8_t { created, updated, deleted, not_found, failed };
  Kind kind = Kind::failed;
  std::int64_t version = 0;
  EsError error;
};

class EsCluster {
 public:
  // Settings, changed from outside at any time.
  std::int64_t max_shards = 1'000;
  std::string auto_create = "true";
  bool flood_stage = false;
  bool create_blocked = false;
  bool discard_source = false;
  // Writes refused because their version was below the document's: of a writer that is alone there must be none.
  std::int64_t lower_versions = 0;
  bool opensearch_words = false;  // the few texts in which OpenSearch differs

  EsOutcome write(const EsWrite& write);
  // The index, made if need be as the rules allow.
  EsIndex* obtain(const std::string& name, EsError& error);
  // As PUT /INDEX does: auto_create has no say.
  EsIndex* create(const std::string& name, EsError& error);
  bool remove_index(const std::string& name) { return indices_.erase(name) > 0; }
  EsIndex* find(const std::string& name);
  // What a name, an alias, a comma list or a pattern stands for.
  std::vector<EsIndex*> resolve(std::string_view expression);
  [[nodiscard]] const std::map<std::string, EsIndex>& indices() const { return indices_; }
  void clear();

  std::optional<EsError> put_template(const std::string& name, const JsonValue& body, std::string text);
  [[nodiscard]] const std::map<std::string, std::string>& templates() const { return template_texts_; }
  bool remove_template(const std::string& name) { return templates_.erase(name) + template_texts_.erase(name) > 0; }

 private:
  [[nodiscard]] std::optional<EsError> creation_refused(const std::string& name) const;
  [[nodiscard]] std::optional<EsError> write_refused(const EsIndex& index, EsOp op) const;
  [[nodiscard]] std::optional<EsError> conflict(const EsWrite& write, const EsDocument* current) const;
  void apply_template(EsIndex& index) const;
  void store(EsDocument& document, std::string_view source) const;

  std::map<std::string, EsIndex> indices_;
  std::map<std::string, JsonValue> templates_;
  std::map<std::string, std::string> template_texts_;  // as they were put
};

// Elasticsearch's simple patterns: '*' stands for anything.
bool matches_pattern(std::string_view pattern, std::string_view name);

}  // namespace mentiond::fakes
