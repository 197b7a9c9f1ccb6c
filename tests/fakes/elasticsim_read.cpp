// How the fake Elasticsearch is read: single documents, searches, terms aggregations.
#include <algorithm>
#include <charconv>

#include "base/json_writer.h"
#include "fakes/elasticsim.h"

namespace mentiond::fakes {
namespace {

void write_hit(JsonWriter& json, const EsIndex& index, const std::string& id, const EsDocument& document) {
  json.begin_object()
      .key("_index")
      .text(index.name)
      .key("_id")
      .text(id)
      .key("_score")
      .number(1)
      .key("_source")
      .raw(document.source)
      .end_object();
}

// Counts the values of one field over all documents: a terms aggregation.
std::map<std::string, std::int64_t> terms(const std::vector<EsIndex*>& indices, std::string_view field) {
  std::map<std::string, std::int64_t> counts;
  for (const auto* index : indices) {
    for (const auto& [id, document] : index->documents) {
      const auto source = document.deleted ? std::nullopt : JsonValue::parse(document.source);
      const JsonValue* value = source ? source->find(field) : nullptr;
      if (value == nullptr) continue;
      if (!value->is(JsonValue::Kind::array)) ++counts[value->text()];
      for (const auto& one : value->items()) ++counts[one.text()];
    }
  }
  return counts;
}

void write_aggregation(JsonWriter& json, const JsonValue& terms_body, const std::vector<EsIndex*>& indices) {
  const auto counts = terms(indices, terms_body.text_at("field"));
  std::vector<std::pair<std::string, std::int64_t>> buckets{counts.begin(), counts.end()};
  std::ranges::sort(buckets, [](const auto& one, const auto& other) {
    return one.second != other.second ? one.second > other.second : one.first < other.first;
  });
  const auto size = std::min(buckets.size(), static_cast<std::size_t>(terms_body.integer_at("size").value_or(10)));
  std::int64_t rest = 0;
  for (std::size_t i = size; i < buckets.size(); ++i) rest += buckets[i].second;
  json.begin_object()
      .key("doc_count_error_upper_bound")
      .number(0)
      .key("sum_other_doc_count")
      .number(rest)
      .key("buckets")
      .begin_array();
  for (std::size_t i = 0; i < size; ++i) {
    json.begin_object().key("key").text(buckets[i].first).key("doc_count").number(buckets[i].second).end_object();
  }
  json.end_array().end_object();
}

}  // namespace

Answer ElasticSim::document(const std::string& name, std::string_view id) {
  for (const auto* index : cluster_.resolve(name)) {
    const auto found = index->documents.find(id);
    if (found == index->documents.end() || found->second.deleted) continue;
    std::string body;
    JsonWriter json{body};
    json.begin_object()
        .key("_index")
        .text(index->name)
        .key("_id")
        .text(id)
        .key("_version")
        .number(found->second.version);
    json.key("_seq_no")
        .number(0)
        .key("_primary_term")
        .number(1)
        .key("found")
        .boolean(true)
        .key("_source")
        .raw(found->second.source)
        .end_object();
    return json_answer(200, std::move(body));
  }
  std::string body;
  JsonWriter{body}.begin_object().key("_index").text(name).key("_id").text(id).key("found").boolean(false).end_object();
  return json_answer(404, std::move(body));
}

Answer ElasticSim::many(const Request& request) {
  const auto asked = JsonValue::parse(request.body);
  const JsonValue* docs = asked ? asked->find("docs") : nullptr;
  if (docs == nullptr)
    return es_error({.status = 400,
                     .type = "action_request_validation_exception",
                     .reason = "Validation Failed: 1: no documents to get;"});
  std::string body = R"({"docs":[)";
  for (const auto& one : docs->items()) {
    if (body.back() != '[') body += ',';
    body += document(one.text_at("_index"), one.text_at("_id")).body;
  }
  return json_answer(200, body + "]}");
}

Answer ElasticSim::search(const Request& request, const std::string& name) {
  const auto asked = JsonValue::parse(request.body.empty() ? "{}" : request.body);
  if (!asked) return es_error({.status = 400, .type = "parsing_exception", .reason = "not JSON"});
  const JsonValue* query = asked->find("query");
  if (query != nullptr && query->find("match_all") == nullptr) {
    return es_error({.status = 400, .type = "parsing_exception", .reason = "this fake knows no query but [match_all]"});
  }
  const auto parameters = request.query();
  const auto number = [&](std::string_view key, std::int64_t otherwise) {
    const auto text = find(parameters, key);
    if (text) std::from_chars(text->data(), text->data() + text->size(), otherwise);
    return asked->integer_at(key).value_or(otherwise);
  };
  std::int64_t skip = number("from", 0);
  std::int64_t left = number("size", 10);
  const auto indices = cluster_.resolve(name);
  std::size_t total = 0;
  std::string hits;
  JsonWriter hits_json{hits};
  hits_json.begin_array();
  for (const auto* index : indices) {
    total += index->live;
    for (const auto& [id, document] : index->documents) {
      if (left <= 0) break;
      if (document.deleted || skip-- > 0) continue;
      --left;
      write_hit(hits_json, *index, id, document);
    }
  }
  hits_json.end_array();
  std::string body;
  JsonWriter json{body};
  json.begin_object().key("took").number(3).key("timed_out").boolean(false).key("hits").begin_object();
  json.key("total")
      .begin_object()
      .key("value")
      .number(total)
      .key("relation")
      .text("eq")
      .end_object()
      .key("hits")
      .raw(hits)
      .end_object();
  const JsonValue* aggregations = asked->find("aggs") != nullptr ? asked->find("aggs") : asked->find("aggregations");
  if (aggregations != nullptr) {
    json.key("aggregations").begin_object();
    for (const auto& [key, aggregation] : aggregations->members()) {
      const JsonValue* terms_body = aggregation.find("terms");
      if (terms_body == nullptr)
        return es_error(
            {.status = 400, .type = "parsing_exception", .reason = "this fake knows no aggregation but [terms]"});
      json.key(key);
      write_aggregation(json, *terms_body, indices);
    }
    json.end_object();
  }
  json.end_object();
  return json_answer(200, std::move(body));
}

}  // namespace mentiond::fakes
