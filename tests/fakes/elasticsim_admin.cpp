// The settings of the fake Elasticsearch and its admin side: /_sim/.
#include <algorithm>
#include <charconv>
#include <tuple>

#include "base/json_writer.h"
#include "fakes/elasticsim.h"
#include "fakes/sim_admin.h"

namespace mentiond::fakes {
namespace {

using Mode = ElasticOptions::Mode;
using Privileges = ElasticOptions::Privileges;

constexpr std::string_view privilege_names[] = {"all", "create_doc", "no_template", "none"};

Result<void> bad(std::string_view name, std::string_view value) { return fail("not a value for ", name, ": ", value); }

template <class Number>
Result<void> read(Number& out, std::string_view name, std::string_view value) {
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), out);
  if (error != std::errc{} || end != value.data() + value.size()) return bad(name, value);
  return {};
}

Result<void> read(bool& out, std::string_view name, std::string_view value) {
  if (value != "true" && value != "false") return bad(name, value);
  out = value == "true";
  return {};
}

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> out;
  while (!list.empty()) {
    const auto comma = list.find(',');
    out.emplace_back(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  }
  return out;
}

// The clouds of a document, comma separated.
std::string clouds_of(const EsDocument& document) {
  const auto json = JsonValue::parse(document.source);
  const JsonValue* clouds = json ? json->find("cloud") : nullptr;
  if (clouds == nullptr) return "";
  std::string out = clouds->text();
  for (const auto& cloud : clouds->items()) out += (out.empty() ? "" : ",") + cloud.text();
  return out;
}

}  // namespace

Result<void> ElasticOptions::set(std::string_view name, std::string_view value) {
  if (name == "api_key") return api_key = value, Result<void>{};
  if (name == "user") return user = value, Result<void>{};
  if (name == "uuid") return uuid = value, Result<void>{};
  if (name == "auto_create") return auto_create = value, Result<void>{};
  if (name == "blocked_index") return blocked_indices = split(value), Result<void>{};
  if (name == "max_shards") return read(max_shards, name, value);
  if (name == "max_content") return read(max_content, name, value);
  if (name == "flood_stage") return read(flood_stage, name, value);
  if (name == "create_blocked") return read(create_blocked, name, value);
  if (name == "discard_source") return read(discard_source, name, value);
  if (name == "bulk_delay") {
    const auto duration = parse_duration(value);
    if (!duration) return bad(name, value);
    bulk_delay = *duration;
    return {};
  }
  if (name == "mode") {
    for (const auto choice :
         {Mode::es8, Mode::es9, Mode::opensearch, Mode::opensearch_compat, Mode::serverless, Mode::proxy}) {
      if (value == to_text(choice)) return mode = choice, Result<void>{};
    }
    return bad(name, value);
  }
  if (name == "privileges") {
    const auto found = std::ranges::find(privilege_names, value);
    if (found == std::end(privilege_names)) return bad(name, value);
    privileges = static_cast<Privileges>(found - std::begin(privilege_names));
    return {};
  }
  return fail("unknown setting: ", name);
}

std::string ElasticOptions::to_json() const {
  std::string out;
  JsonWriter json{out};
  json.begin_object().key("mode").text(to_text(mode)).key("api_key").text(api_key).key("user").text(user);
  json.key("privileges")
      .text(privilege_names[static_cast<std::size_t>(privileges)])
      .key("uuid")
      .text(uuid)
      .key("max_shards")
      .number(max_shards);
  json.key("auto_create")
      .text(auto_create)
      .key("max_content")
      .number(max_content)
      .key("flood_stage")
      .boolean(flood_stage);
  json.key("create_blocked").boolean(create_blocked).key("discard_source").boolean(discard_source);
  json.key("bulk_delay").text(std::to_string(bulk_delay.count()) + "ms").end_object();
  return out;
}

void ElasticSim::take_over(const ElasticOptions& options) {
  options_ = options;
  cluster_.max_shards = options.max_shards;
  cluster_.auto_create = options.auto_create;
  cluster_.flood_stage = options.flood_stage;
  cluster_.create_blocked = options.create_blocked;
  cluster_.discard_source = options.discard_source;
  cluster_.opensearch_words = is_opensearch();
  for (const auto& name : options.blocked_indices) {
    EsError ignored;
    EsIndex* index = cluster_.find(name) == nullptr ? cluster_.create(name, ignored) : cluster_.find(name);
    if (index != nullptr) index->block_write = true;
  }
  options_.blocked_indices.clear();
}

namespace {

// What became of items, as keys of the object that is open.
void write_items(JsonWriter& json, const ElasticSim::Counters& counters) {
  using Counters = ElasticSim::Counters;
  constexpr std::pair<std::string_view, std::int64_t Counters::*> kinds[] = {
      {"items", &Counters::items},
      {"first_indexed", &Counters::first_indexed},
      {"overwritten", &Counters::overwritten},
      {"conflicts", &Counters::conflicts},
      {"deletes", &Counters::deletes},
      {"delete_not_found", &Counters::delete_not_found},
      {"rejected", &Counters::rejected}};
  for (const auto& [name, counter] : kinds) json.key(name).number(counters.*counter);
}

}  // namespace

std::string ElasticSim::state_json() const {
  std::string out;
  JsonWriter json{out};
  const Counters& c = counters_;
  std::size_t documents = 0;
  for (const auto& [name, index] : cluster_.indices()) documents += index.live;
  json.begin_object()
      .key("bulks")
      .number(c.bulks)
      .key("bulk_bytes")
      .number(c.bulk_bytes)
      .key("bulk_bytes_raw")
      .number(c.bulk_bytes_raw);
  write_items(json, c);
  json.key("unheard").begin_object();
  write_items(json, unheard_);
  json.end_object().key("most_bulks_at_once").number(c.most_bulks_at_once);
  json.key("lower_versions")
      .number(cluster_.lower_versions)
      .key("documents")
      .number(documents)
      .key("indices")
      .begin_object();
  for (const auto& [name, index] : cluster_.indices()) {
    const bool blocked = index.block_write || index.block_read_only || index.block_allow_delete;
    json.key(name)
        .begin_object()
        .key("documents")
        .number(index.live)
        .key("blocked")
        .boolean(blocked)
        .key("closed")
        .boolean(index.closed)
        .end_object();
  }
  json.end_object();
  for (const auto& [name, counts] : {std::pair{"statuses", &statuses_}, std::pair{"item_statuses", &item_statuses_}}) {
    json.key(name).begin_object();
    for (const auto& [status, count] : *counts) json.key(std::to_string(status)).number(count);
    json.end_object();
  }
  json.key("faults").number(c.faults).key("template_puts").number(c.template_puts).key("requests").number(c.requests);
  json.key("gzip_bulks").number(c.gzip_bulks).key("max_bulk_docs").number(c.max_bulk_docs).end_object();
  return out;
}

std::string ElasticSim::docs_text() const {
  std::vector<std::tuple<std::string_view, std::string_view, const EsDocument*>> all;
  for (const auto& [name, index] : cluster_.indices()) {
    for (const auto& [id, document] : index.documents) {
      if (!document.deleted) all.emplace_back(id, name, &document);
    }
  }
  std::ranges::sort(all, [](const auto& a, const auto& b) {
    return std::tie(std::get<0>(a), std::get<1>(a)) < std::tie(std::get<0>(b), std::get<1>(b));
  });
  std::string out;
  for (const auto& [id, index, document] : all) {
    out.append(id)
        .append("\t")
        .append(index)
        .append("\t")
        .append(std::to_string(document->version))
        .append("\t")
        .append(clouds_of(*document)) += '\n';
  }
  return out;
}

Answer ElasticSim::admin(const Request& request) {
  const std::string path = request.path();
  if (path == "/_sim/state") return json_answer(200, state_json());
  if (path == "/_sim/docs") return text_answer(docs_text());
  if (path == "/_sim/requests" || path == "/_sim/writes") {
    std::string text;
    for (const auto& line : path == "/_sim/writes" ? writes_ : log_) text += line + '\n';
    return text_answer(std::move(text));
  }
  if (path == "/_sim/config") return admin_config(request);
  if (path == "/_sim/fault") return admin_faults(request);
  if (path == "/_sim/replace") {
    cluster_.clear();
    options_.uuid += "+";
    return json_answer(200, options_.to_json());
  }
  return mistake("no such admin path: " + path);
}

Answer ElasticSim::admin_faults(const Request& request) {
  auto presets = es_item_presets();
  const auto others = es_request_presets();
  presets.insert(presets.end(), others.begin(), others.end());
  return serve_faults(request, faults_,
                      {"status", "body", "cut", "stall", "reset", "slow", "delay", "close", "hang_up", "item",
                       "item_silent", "short_items", "long_items", "swapped_op", "no_items", "half_then"},
                      presets);
}

Answer ElasticSim::admin_config(const Request& request) {
  // What was changed through _cluster/settings stands.
  options_.max_shards = cluster_.max_shards;
  options_.auto_create = cluster_.auto_create;
  options_.create_blocked = cluster_.create_blocked;
  const auto set = [](ElasticOptions& options, const std::string& name, const std::string& value) {
    return options.set(name, value);
  };
  return serve_config(request, options_, set, [this](const ElasticOptions& changed) { take_over(changed); });
}

}  // namespace mentiond::fakes
