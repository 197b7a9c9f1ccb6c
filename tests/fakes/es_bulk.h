// A bulk body, read as strictly as Elasticsearch 9 does, and its answer. Pure.
// https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fakes/es_cluster.h"

namespace mentiond::fakes {

// Views into the body for the sources. An error is about the whole request: nothing of it may be written.
std::variant<std::vector<EsWrite>, EsError> read_bulk(std::string_view body, std::string_view default_index);

struct BulkItem {
  std::string op = "index";
  std::string index, id;
  int status = 0;
  std::int64_t version = 0;
  std::string result;  // "created", ...; empty if it failed
  EsError error;
  bool failure_store = false;
};

BulkItem to_item(const EsWrite& write, const EsOutcome& outcome);

// `filter_path` as the client asked (empty: everything). What a filter leaves empty vanishes, and with it the positions
// of the others: as the real one does. `errors` overrides what the items say.
std::string write_bulk_answer(const std::vector<BulkItem>& items, std::string_view filter_path,
                              std::optional<bool> errors);

}  // namespace mentiond::fakes
