// The JSON of Elasticsearch's answers, read into plain structs: shapes only, no judgement. The one place of this room
// that knows simdjson. Private to lib/elastic. Every function takes any bytes at all: what does not parse is said so,
// and never read half. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "elastic/bulk_body.h"

namespace mentiond::elastic {

// `type` and `reason` of an error or of one of its causes, cut to the lengths that bulk_reply.h names.
struct Cause {
  std::string type;
  std::string reason;
};

// {"type": ..., "reason": ..., "caused_by": {...}}; servers wrap the telling cause, so all of them are kept, outermost
// first. An error that is a mere string becomes a reason without a type.
struct ServerError {
  std::vector<Cause> causes;
  [[nodiscard]] Cause outermost() const { return causes.empty() ? Cause{} : causes.front(); }
};

// One element of `items`.
struct ItemReply {
  std::optional<Op::Kind> kind;  // nothing: an operation that we never send
  int status = 0;
  bool failure_store_used = false;
  std::optional<ServerError> error;
};

// All of `items`, if there are exactly `expected` and the text is one whole JSON object; else what is wrong with it.
Result<std::vector<ItemReply>> read_items(std::string_view body, std::size_t expected);

// The `error` of a refused request. Nothing if the body is not a JSON object.
std::optional<ServerError> read_error(std::string_view body);

// {"acknowledged": true}, with the name of the member given.
bool says_true(std::string_view body, std::string_view member);

// The start of a body that is not ours to understand (a proxy's page), as printable ASCII.
std::string excerpt(std::string_view body);

// One entry of GET /_index_template/<name>.
struct TemplateEntry {
  std::string name;
  std::vector<std::string> index_patterns;
  std::string managed_by;               // of _meta; empty if not said
  std::optional<std::int64_t> version;  // of _meta
};
std::optional<std::vector<TemplateEntry>> read_template_list(std::string_view body);

// What GET / says; empty where it says nothing.
struct ClusterWords {
  std::string cluster_uuid;
  std::string version;
  std::string distribution;
  std::string tagline;
};
std::optional<ClusterWords> read_cluster_words(std::string_view body);

}  // namespace mentiond::elastic
