// ElasticSim: plays Elasticsearch 8 or 9, OpenSearch, a serverless project or a proxy before one, as far as a bulk
// client meets them, and counts every document exactly: the oracle for "exactly once, as a document". Pure. One thread.
// The outside is in README.md.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "fakes/es_bulk.h"
#include "fakes/es_cluster.h"
#include "fakes/es_presets.h"
#include "fakes/fault_script.h"
#include "fakes/message.h"

namespace mentiond::fakes {

struct ElasticOptions {
  enum class Mode : std::uint8_t { es8, es9, opensearch, opensearch_compat, serverless, proxy };
  enum class Privileges : std::uint8_t { all, create_doc, no_template, none };
  Mode mode = Mode::es8;
  std::string api_key;  // ID:KEY; empty with an empty `user`: open to all
  std::string user;     // NAME:PASSWORD
  Privileges privileges = Privileges::all;
  std::string uuid = "b0JX3yV1Qx2m7c9e-fakeA";
  std::int64_t max_shards = 1'000;  // Elasticsearch's default for one data node
  std::string auto_create = "true";
  std::size_t max_content = 100'000'000;  // http.max_content_length, of the inflated body
  bool flood_stage = false, create_blocked = false, discard_source = false;
  Millis bulk_delay{0};
  std::vector<std::string> blocked_indices;

  // Sets one by its name with underscores.
  Result<void> set(std::string_view name, std::string_view value);
  [[nodiscard]] std::string to_json() const;
};
std::string_view to_text(ElasticOptions::Mode mode);

class ElasticSim {
 public:
  explicit ElasticSim(const ElasticOptions& options);

  Answer handle(const Request& request, Time now);

  struct Counters {
    std::int64_t bulks = 0, bulk_bytes = 0, bulk_bytes_raw = 0, gzip_bulks = 0, max_bulk_docs = 0;
    std::int64_t items = 0, first_indexed = 0, overwritten = 0, conflicts = 0, deletes = 0, delete_not_found = 0,
                 rejected = 0;
    std::int64_t template_puts = 0, requests = 0, faults = 0;
    std::int64_t most_bulks_at_once = 0;
  };
  [[nodiscard]] const Counters& counters() const { return counters_; }
  [[nodiscard]] const EsCluster& cluster() const { return cluster_; }
  // What was done without the client being told: its answer was cut, or told something else.
  [[nodiscard]] const Counters& unheard() const { return unheard_; }
  [[nodiscard]] std::string state_json() const;
  [[nodiscard]] std::string docs_text() const;

 private:
  struct BulkRun;  // one bulk on its way through

  Answer serve(const Request& request);
  std::optional<Answer> refuse(const Request& request) const;
  std::optional<Answer> refuse_media_type(const Request& request) const;
  [[nodiscard]] bool is_opensearch() const;
  Answer bulk(const Request& request, std::string_view default_index);
  Answer run_bulk(BulkRun& run);
  std::optional<Answer> request_fault(const Fault& fault);
  BulkItem run_item(const EsWrite& write, std::size_t place, BulkRun& run);
  void count(const BulkItem& item);
  void count_at_once(const Answer& answer, Time now);
  void count_unheard(const BulkRun& run, const Answer& answer, const Counters& before);

  Answer root() const;
  Answer cluster_path(const Request& request, std::string_view path);
  Answer templates(const Request& request, const std::string& name);
  Answer privileges(const Request& request) const;
  Answer index_path(const Request& request, const std::string& name, std::string_view rest);
  Answer index_settings(const Request& request, const std::string& name);
  Answer put_index(const std::string& name);
  Answer document(const std::string& name, std::string_view id);
  Answer search(const Request& request, const std::string& name);
  Answer many(const Request& request);

  Answer admin(const Request& request);
  Answer admin_faults(const Request& request);
  Answer admin_config(const Request& request);
  void take_over(const ElasticOptions& options);

  ElasticOptions options_;
  EsCluster cluster_;
  FaultScript faults_;
  Counters counters_, unheard_;
  std::vector<Time> answered_at_;  // the bulks that are not answered yet
  const Fault* fault_ = nullptr;   // of the request under way, for the log
  std::map<int, std::int64_t> statuses_, item_statuses_;
  std::deque<std::string> log_, writes_;
};

}  // namespace mentiond::fakes
