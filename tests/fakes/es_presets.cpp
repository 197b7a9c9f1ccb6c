#include "fakes/es_presets.h"

#include <algorithm>

#include "base/json_writer.h"

namespace mentiond::fakes {
namespace {

struct ItemPreset {
  std::string_view name;
  int status;
  std::string_view type, reason;  // {INDEX}, {ID}, {VERSION} and {SOURCE} are filled in
};

constexpr ItemPreset item_presets[] = {
    {"rejected", 429, "es_rejected_execution_exception",
     "rejected execution of coordinating operation [coordinating_and_primary_bytes=53687091, replica_bytes=0, "
     "all_bytes=53687091, coordinating_operation_bytes=1024, max_coordinating_and_primary_bytes=53687091]"},
    {"circuit_breaking", 429, "circuit_breaking_exception",
     "[parent] Data too large, data for [indices:data/write/bulk[s]] would be [1020054732/972.7mb], which is larger "
     "than the limit of [1020054733/972.7mb]"},
    {"flood_stage", 429, "cluster_block_exception",
     "index [{INDEX}] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has "
     "read-only-allow-delete block];"},
    {"flood_stage_403", 403, "cluster_block_exception",
     "index [{INDEX}] blocked by: [FORBIDDEN/12/index read-only / allow delete (api)];"},
    {"unavailable_shards", 503, "unavailable_shards_exception",
     "[{INDEX}][0] primary shard is not active Timeout: [1m], request: [BulkShardRequest [[{INDEX}][0]] containing "
     "[index {[{INDEX}][{ID}], source[{SOURCE}]}]]"},
    {"cluster_event_timeout", 503, "process_cluster_event_timeout_exception",
     "failed to process cluster event (put-mapping [{INDEX}]) within 30s"},
    {"master_not_discovered", 503, "master_not_discovered_exception", ""},
    {"node_closed", 503, "node_closed_exception", "node closed {node-1}"},
    {"null_pointer", 500, "null_pointer_exception", "Cannot invoke \"Object.toString()\" because \"value\" is null"},
    {"write_block", 403, "cluster_block_exception", "index [{INDEX}] blocked by: [FORBIDDEN/8/index write (api)];"},
    {"read_only", 403, "cluster_block_exception", "index [{INDEX}] blocked by: [FORBIDDEN/5/index read-only (api)];"},
    {"create_block", 403, "index_create_block_exception",
     "blocked by: [FORBIDDEN/10/cluster create-index blocked (api)];"},
    {"security", 403, "security_exception",
     "action [indices:data/write/bulk[s]] is unauthorized for API key id [k1] of user [mentiond] on indices [{INDEX}], "
     "this action is granted by the index privileges [index,write,all]"},
    {"index_not_found", 404, "index_not_found_exception",
     "no such index [{INDEX}] and [action.auto_create_index] is [false]"},
    {"shard_limit", 400, "validation_exception",
     "Validation Failed: 1: this action would add [2] shards, but this cluster currently has [1000]/[1000] maximum "
     "normal shards open;"},
    {"shard_limit_illegal", 400, "illegal_argument_exception",
     "Validation Failed: 1: this action would add [2] total shards, but this cluster currently has [1000]/[1000] "
     "maximum shards open;"},
    {"index_closed", 400, "index_closed_exception", "closed"},
    {"total_fields", 400, "illegal_argument_exception",
     "Limit of total fields [1000] has been exceeded while adding new fields [1]"},
    {"data_stream_op", 400, "illegal_argument_exception",
     "only write ops with an op_type of create are allowed in data streams"},
    {"document_parsing", 400, "document_parsing_exception",
     "[1:115] failed to parse field [created_at] of type [date] in document with id '{ID}'."},
    {"mapper_parsing", 400, "mapper_parsing_exception",
     "failed to parse field [created_at] of type [date] in document with id '{ID}'. Preview of field's value: "
     "'yesterday'"},
    {"strict_mapping", 400, "strict_dynamic_mapping_exception",
     "[1:13] mapping set to strict, dynamic introduction of [surprise] within [_doc] is not allowed"},
    {"immense_term", 400, "illegal_argument_exception",
     "Document contains at least one immense term in field=\"hashtag\" (whose UTF8 encoding is longer than the max "
     "length 32766), all of which were skipped. Please correct the analyzer to not produce such terms."},
    {"version_conflict", 409, "version_conflict_engine_exception",
     "[{ID}]: version conflict, current version [{VERSION}] is higher or equal to the one provided [{VERSION}]"},
    {"version_conflict_huge", 409, "version_conflict_engine_exception",
     "[{ID}]: version conflict, current version [9199999999999999999] is higher or equal to the one provided "
     "[{VERSION}]"},
    {"failure_store", 201, "", ""},
};

struct RequestPreset {
  std::string_view name;
  int status;
  std::string_view type, reason;  // empty type: `body` as it stands
  std::string_view body = "";
  std::string_view header = "";
  std::string_view value = "";
};

constexpr RequestPreset request_presets[] = {
    {"unauthorized", 401, "security_exception", "unable to authenticate user [mentiond] for REST request [/_bulk]", "",
     "WWW-Authenticate", "Basic realm=\"security\" charset=\"UTF-8\""},
    {"forbidden", 403, "security_exception",
     "action [indices:data/write/bulk] is unauthorized for user [mentiond], this action is granted by the index "
     "privileges [create_doc,create,delete,index,write,all]"},
    {"bulk_rejected", 429, "es_rejected_execution_exception",
     "rejected execution of coordinating operation [all_bytes=53687091, max_coordinating_and_primary_bytes=53687091]"},
    {"too_many_retry_after", 429, "", "", "{\"message\":\"slow down\"}", "Retry-After", "2"},
    {"too_large_nginx", 413, "", "",
     "<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body><center><h1>413 Request Entity Too "
     "Large</h1></center><hr><center>nginx</center></body>\r\n</html>\r\n"},
    {"bad_request", 400, "illegal_argument_exception",
     "Malformed action/metadata line [1], expected START_OBJECT but found [VALUE_STRING]"},
    {"not_found", 404, "", "", "{\"error\":\"no such page\"}"},
    {"method_not_allowed", 405, "", "",
     "{\"error\":\"Incorrect HTTP method for uri [/_bulk] and method [POST], allowed: [GET]\",\"status\":405}", "Allow",
     "GET"},
    {"not_acceptable", 406, "", "",
     "{\"error\":\"Content-Type header [application/x-ndjson] is not supported\",\"status\":406}"},
    {"html_502", 502, "", "",
     "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad "
     "Gateway</h1></center><hr><center>nginx</center></body></html>"},
    {"html_503", 503, "", "",
     "<html><body><h1>503 Service Unavailable</h1>No server is available to handle this request.</body></html>"},
    {"html_504", 504, "", "",
     "<html><head><title>504 Gateway Time-out</title></head><body><center><h1>504 Gateway "
     "Time-out</h1></center><hr><center>nginx</center></body></html>"},
    {"timeout_408", 408, "", "", ""},
    {"redirect_302", 302, "", "", "", "Location", "https://login.example.com/"},
    {"ok_html", 200, "", "", "<html><body>Please sign in to use this network.</body></html>"},
    {"ok_empty", 200, "", "", ""},
};

std::string filled(std::string_view text, const EsWrite& write) {
  std::string out{text};
  const std::pair<std::string_view, std::string> values[] = {{"{INDEX}", write.index},
                                                             {"{ID}", write.id},
                                                             {"{VERSION}", std::to_string(write.version)},
                                                             {"{SOURCE}", std::string{write.source}}};
  for (const auto& [mark, value] : values) {
    for (auto at = out.find(mark); at != std::string::npos; at = out.find(mark, at + value.size()))
      out.replace(at, mark.size(), value);
  }
  return out;
}

}  // namespace

std::vector<std::string_view> es_item_presets() {
  std::vector<std::string_view> names;
  for (const auto& preset : item_presets) names.push_back(preset.name);
  return names;
}

std::vector<std::string_view> es_request_presets() {
  std::vector<std::string_view> names;
  for (const auto& preset : request_presets) names.push_back(preset.name);
  return names;
}

bool is_es_item_preset(std::string_view name) {
  return std::ranges::find(item_presets, name, &ItemPreset::name) != std::end(item_presets);
}

BulkItem es_item_preset(std::string_view name, const EsWrite& write) {
  const auto preset = std::ranges::find(item_presets, name, &ItemPreset::name);
  EsOutcome outcome;
  outcome.error = {
      .status = preset->status, .type = std::string{preset->type}, .reason = filled(preset->reason, write)};
  BulkItem item = to_item(write, outcome);
  if (name == "failure_store") {
    item.failure_store = true;
    item.result = "created";
    item.version = 1;
  }
  return item;
}

Answer es_error(const EsError& error) {
  std::string body;
  JsonWriter json{body};
  json.begin_object().key("error").begin_object().key("root_cause").begin_array();
  json.begin_object().key("type").text(error.type).key("reason").text(error.reason).end_object().end_array();
  json.key("type")
      .text(error.type)
      .key("reason")
      .text(error.reason)
      .end_object()
      .key("status")
      .number(error.status)
      .end_object();
  return json_answer(error.status, std::move(body));
}

Answer es_request_preset(std::string_view name) {
  const auto preset = std::ranges::find(request_presets, name, &RequestPreset::name);
  Answer answer;
  if (!preset->type.empty()) {
    answer =
        es_error({.status = preset->status, .type = std::string{preset->type}, .reason = std::string{preset->reason}});
  } else {
    answer.status = preset->status;
    answer.body = preset->body;
    answer.headers.add("Content-Type", preset->body.starts_with('{') ? "application/json" : "text/html");
  }
  if (!preset->header.empty()) answer.headers.add(std::string{preset->header}, std::string{preset->value});
  return answer;
}

}  // namespace mentiond::fakes
