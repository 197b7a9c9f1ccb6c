// What the fake Elasticsearch answers beside bulks: the cluster, templates, indices.
#include <algorithm>

#include "base/json_writer.h"
#include "fakes/elasticsim.h"

namespace mentiond::fakes {
namespace {

using Mode = ElasticOptions::Mode;

struct Product {
  std::string_view number, tagline;
  bool distribution;
};

Product product(Mode mode) {
  constexpr std::string_view search = "You Know, for Search";
  constexpr std::string_view open = "The OpenSearch Project: https://opensearch.org/";
  switch (mode) {
    case Mode::es9:
      return {"9.1.3", search, false};
    case Mode::opensearch:
      return {"2.19.1", open, true};
    case Mode::opensearch_compat:
      return {"7.10.2", open, false};
    case Mode::es8:
    case Mode::serverless:
    case Mode::proxy:
      return {"8.15.3", search, false};
  }
  return {"8.15.3", search, false};
}

Answer acknowledged() { return json_answer(200, R"({"acknowledged":true})"); }

Answer no_handler(const Request& request) {
  return es_error({.status = 400,
                   .type = "illegal_argument_exception",
                   .reason = "no handler found for uri [" + request.target + "] and method [" + request.method + "]"});
}

Answer no_index(const std::string& name) {
  return es_error({.status = 404, .type = "index_not_found_exception", .reason = "no such index [" + name + "]"});
}

// The value of a setting in any of the spellings that Elasticsearch takes.
const JsonValue* setting(const JsonValue& json, std::string_view group, std::string_view rest) {
  const std::string dotted = std::string{group} + "." + std::string{rest};
  if (const auto* flat = json.find(dotted)) return flat;
  const JsonValue* node = json.find(group);
  if (node == nullptr) return nullptr;
  if (const auto* half = node->find(rest)) return half;
  const auto dot = rest.find('.');
  return dot == std::string_view::npos ? nullptr : node->at(rest.substr(0, dot), rest.substr(dot + 1));
}

}  // namespace

std::string_view to_text(Mode mode) {
  constexpr std::string_view names[] = {"es8", "es9", "opensearch", "opensearch-compat", "serverless", "proxy"};
  return names[static_cast<std::size_t>(mode)];
}

Answer ElasticSim::root() const {
  if (options_.mode == Mode::serverless)
    return es_error({.status = 404, .type = "resource_not_found_exception", .reason = "no handler found for uri [/]"});
  const Product what = product(options_.mode);
  std::string body;
  JsonWriter json{body};
  json.begin_object()
      .key("name")
      .text("node-1")
      .key("cluster_name")
      .text("fake")
      .key("cluster_uuid")
      .text(options_.uuid);
  json.key("version").begin_object();
  if (what.distribution) json.key("distribution").text("opensearch");
  json.key("number").text(what.number);
  if (!is_opensearch()) json.key("build_flavor").text("default");
  json.key("build_type").text("tar").key("build_snapshot").boolean(false).key("lucene_version").text("9.11.1");
  json.end_object().key("tagline").text(what.tagline).end_object();
  return json_answer(200, std::move(body));
}

Answer ElasticSim::cluster_path(const Request& request, std::string_view path) {
  constexpr std::string_view template_path = "/_index_template/";
  if (path.starts_with(template_path)) return templates(request, percent_decode(path.substr(template_path.size())));
  if (path == "/_security/user/_has_privileges" && !is_opensearch()) return privileges(request);
  if (path == "/_mget") return many(request);
  if (path == "/_refresh" || path == "/_count" || path == "/_search") return index_path(request, "*", path.substr(1));
  if (path == "/_cluster/health" && options_.mode != Mode::serverless) {
    return json_answer(
        200,
        R"({"cluster_name":"fake","status":"green","timed_out":false,"number_of_nodes":1,"number_of_data_nodes":1,"active_primary_shards":)" +
            std::to_string(cluster_.indices().size()) + R"(,"unassigned_shards":0})");
  }
  if (path != "/_cluster/settings") return no_handler(request);
  if (request.method == "GET") return json_answer(200, R"({"persistent":{},"transient":{}})");
  const auto json = JsonValue::parse(request.body);
  if (!json) return es_error({.status = 400, .type = "parse_exception", .reason = "not JSON"});
  for (const auto kind : {"persistent", "transient"}) {
    const JsonValue* group = json->find(kind);
    if (group == nullptr) continue;
    if (const auto* limit = setting(*group, "cluster", "max_shards_per_node"))
      cluster_.max_shards = limit->integer().value_or(1'000);
    if (const auto* create = setting(*group, "action", "auto_create_index")) {
      cluster_.auto_create = create->is(JsonValue::Kind::null) ? "true" : create->text();
    }
    if (const auto* block = setting(*group, "cluster", "blocks.create_index")) cluster_.create_blocked = block->truth();
  }
  return acknowledged();
}

Answer ElasticSim::templates(const Request& request, const std::string& name) {
  const bool forbidden = options_.privileges == ElasticOptions::Privileges::no_template;
  if (forbidden) {
    return es_error({.status = 403,
                     .type = "security_exception",
                     .reason = "action [indices:admin/index_template/" +
                               std::string{request.method == "GET" ? "get" : "put"} +
                               "] is unauthorized for user [mentiond], this action is granted by the cluster "
                               "privileges [manage_index_templates,manage,all]"});
  }
  const auto& known = cluster_.templates();
  if (request.method == "PUT" || request.method == "POST") {
    ++counters_.template_puts;
    const auto json = JsonValue::parse(request.body);
    if (!json || !json->is(JsonValue::Kind::object))
      return es_error({.status = 400, .type = "x_content_parse_exception", .reason = "[1:1] not a JSON object"});
    const auto error = cluster_.put_template(name, *json, request.body);
    return error ? es_error(*error) : acknowledged();
  }
  const bool pattern = name.find('*') != std::string::npos;
  if (!pattern && !known.contains(name)) {
    return es_error({.status = 404,
                     .type = "resource_not_found_exception",
                     .reason = "index template matching [" + name + "] not found"});
  }
  if (request.method == "DELETE") {
    cluster_.remove_template(name);
    return acknowledged();
  }
  std::string body;
  JsonWriter json{body};
  json.begin_object().key("index_templates").begin_array();
  for (const auto& [one, text] : known) {
    if (matches_pattern(name, one))
      json.begin_object().key("name").text(one).key("index_template").raw(text).end_object();
  }
  json.end_array().end_object();
  return json_answer(200, std::move(body));
}

Answer ElasticSim::privileges(const Request& request) const {
  using Privileges = ElasticOptions::Privileges;
  const auto asked = JsonValue::parse(request.body);
  if (!asked) return es_error({.status = 400, .type = "parse_exception", .reason = "request body is required"});
  const auto granted = [&](std::string_view privilege) {
    if (options_.privileges == Privileges::create_doc)
      return privilege == "create_doc" || privilege == "auto_configure" || privilege == "monitor";
    return options_.privileges == Privileges::all || privilege != "manage_index_templates";
  };
  bool all = true;
  std::string cluster, index;
  const auto list = [&](JsonWriter& json, const JsonValue* names) {
    json.begin_object();
    for (const auto& one : names == nullptr ? std::vector<JsonValue>{} : names->items()) {
      const bool has = granted(one.text());
      all = all && has;
      json.key(one.text()).boolean(has);
    }
    json.end_object();
  };
  JsonWriter cluster_json{cluster};
  list(cluster_json, asked->find("cluster"));
  JsonWriter index_json{index};
  index_json.begin_object();
  const JsonValue* groups = asked->find("index");
  for (const auto& group : groups == nullptr ? std::vector<JsonValue>{} : groups->items()) {
    const JsonValue* names = group.find("names");
    for (const auto& name : names == nullptr ? std::vector<JsonValue>{} : names->items()) {
      index_json.key(name.text());
      list(index_json, group.find("privileges"));
    }
  }
  index_json.end_object();
  std::string body;
  JsonWriter json{body};
  json.begin_object()
      .key("username")
      .text("mentiond")
      .key("has_all_requested")
      .boolean(all)
      .key("cluster")
      .raw(cluster)
      .key("index")
      .raw(index);
  json.key("application").begin_object().end_object().end_object();
  return json_answer(200, std::move(body));
}

Answer ElasticSim::index_path(const Request& request, const std::string& name, std::string_view rest) {
  constexpr std::string_view document_path = "_doc/";
  if (rest.empty() && request.method == "PUT") return put_index(name);
  const auto found = cluster_.resolve(name);
  if (found.empty() && name.find('*') == std::string::npos) return no_index(name);
  if (rest.empty() && request.method == "HEAD") return json_answer(200, "");
  if (rest.empty() && request.method == "DELETE") {
    std::vector<std::string> names;
    for (const auto* index : found) names.push_back(index->name);
    for (const auto& one : names) cluster_.remove_index(one);
    return acknowledged();
  }
  if (rest == "_close" || rest == "_open") {
    for (auto* index : found) index->closed = rest == "_close";
    return acknowledged();
  }
  if (rest == "_refresh") return json_answer(200, R"({"_shards":{"total":2,"successful":1,"failed":0}})");
  if (rest == "_settings") return index_settings(request, name);
  if (rest.starts_with(document_path)) return document(name, percent_decode(rest.substr(document_path.size())));
  if (std::ranges::any_of(found, &EsIndex::closed))
    return es_error({.status = 400, .type = "index_closed_exception", .reason = "closed"});
  if (rest == "_search") return search(request, name);
  if (rest != "_count") return no_handler(request);
  std::size_t count = 0;
  for (const auto* index : found) count += index->live;
  return json_answer(
      200, R"({"count":)" + std::to_string(count) + R"(,"_shards":{"total":1,"successful":1,"skipped":0,"failed":0}})");
}

Answer ElasticSim::put_index(const std::string& name) {
  if (cluster_.find(name) != nullptr) {
    return es_error({.status = 400,
                     .type = "resource_already_exists_exception",
                     .reason = "index [" + name + "/aAsFqTI0Tc2W0LCWgPNrOA] already exists"});
  }
  EsError error;
  if (cluster_.create(name, error) == nullptr) return es_error(error);
  return json_answer(200, R"({"acknowledged":true,"shards_acknowledged":true,"index":")" + name + "\"}");
}

Answer ElasticSim::index_settings(const Request& request, const std::string& name) {
  if (request.method != "PUT") {
    std::string body;
    JsonWriter json{body};
    json.begin_object();
    for (const auto* index : cluster_.resolve(name)) {
      json.key(index->name).begin_object().key("settings").begin_object().key("index").begin_object();
      json.key("number_of_shards")
          .text(std::to_string(index->shards))
          .key("number_of_replicas")
          .text(std::to_string(index->replicas));
      json.key("blocks").begin_object().key("write").text(index->block_write ? "true" : "false").end_object();
      json.end_object().end_object().end_object();
    }
    json.end_object();
    return json_answer(200, std::move(body));
  }
  const auto json = JsonValue::parse(request.body);
  if (!json) return es_error({.status = 400, .type = "parse_exception", .reason = "not JSON"});
  for (auto* index : cluster_.resolve(name)) {
    const std::pair<std::string_view, bool*> blocks[] = {{"blocks.write", &index->block_write},
                                                         {"blocks.read_only", &index->block_read_only},
                                                         {"blocks.read_only_allow_delete", &index->block_allow_delete}};
    for (const auto& [setting_name, flag] : blocks) {
      const JsonValue* value = setting(*json, "index", setting_name);
      if (value != nullptr) *flag = value->text() == "true";
    }
  }
  return acknowledged();
}

}  // namespace mentiond::fakes
