// Who answers on the other end: product, version and the cluster's own id, from `GET /`. Nothing here is fatal: narrow
// API keys get 403 and serverless offerings 404, and both index well. Pure; any thread.
// https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-info
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/http_message.h"
#include "base/result.h"
#include "elastic/auth.h"

namespace mentiond::elastic {

enum class Product : std::uint8_t { unknown, elasticsearch, opensearch };
std::string_view to_text(Product product);  // "unknown", "elasticsearch", "opensearch"

struct ClusterInfo {
  Product product = Product::unknown;
  std::string version;       // "8.5.2"; in compatibility mode OpenSearch claims "7.10.2". Empty: not told
  std::string cluster_uuid;  // half of a sink's identity. Empty: not told, or the cluster is still forming
};

HttpRequest cluster_info_request(const Authorization& authorization);

// What the reply does not tell stays unknown, as in a refusal. A failure, "answered with status 503", is neither the
// cluster nor its refusal: the server is in trouble, or something else stands in between. Ask again.
Result<ClusterInfo> read_cluster_info(const HttpReply& reply);

}  // namespace mentiond::elastic
