#include "elastic/cluster_info.h"

#include "elastic/reply_json.h"

namespace mentiond::elastic {
namespace {

// https://www.elastic.co/docs/reference/elasticsearch/rest-apis/api-conventions: sent since 7.14, by nobody else
constexpr std::string_view product_header = "X-Elastic-Product";
constexpr std::string_view elastic_tagline = "You Know, for Search";
constexpr std::string_view opensearch_tagline = "The OpenSearch Project";
constexpr std::string_view no_uuid_yet = "_na_";  // said while no master is elected

// OpenSearch in compatibility mode claims to be 7.10.2 and keeps only its tagline
// (https://github.com/opensearch-project/OpenSearch/issues/898).
Product product_of(const ClusterWords& words, bool says_elastic) {
  if (words.distribution == "opensearch" || words.tagline.starts_with(opensearch_tagline)) return Product::opensearch;
  if (says_elastic || words.tagline == elastic_tagline) return Product::elasticsearch;
  return Product::unknown;
}

}  // namespace

std::string_view to_text(Product product) {
  switch (product) {
    case Product::unknown:
      return "unknown";
    case Product::elasticsearch:
      return "elasticsearch";
    case Product::opensearch:
      return "opensearch";
  }
  return "unknown";
}

HttpRequest cluster_info_request(const Authorization& authorization) {
  HttpRequest request;
  request.headers.add("Accept", "application/json");
  authorize(request, authorization);
  return request;
}

Result<ClusterInfo> read_cluster_info(const HttpReply& reply) {
  const bool in_trouble = reply.status >= 500 || reply.status == 408 || reply.status == 429;
  const bool elsewhere = reply.status >= 300 && reply.status < 400;
  if (in_trouble || elsewhere) return fail("answered with status ", std::to_string(reply.status));
  ClusterWords words;
  if (reply.status == 200) {
    auto read = read_cluster_words(reply.body);
    if (!read) return fail("answered with status 200, but not as a cluster does: something else stands in between");
    words = std::move(*read);
  }
  ClusterInfo info;
  info.product = product_of(words, reply.headers.find(product_header) == "Elasticsearch");
  info.version = std::move(words.version);
  if (words.cluster_uuid != no_uuid_yet) info.cluster_uuid = std::move(words.cluster_uuid);
  return info;
}

}  // namespace mentiond::elastic
