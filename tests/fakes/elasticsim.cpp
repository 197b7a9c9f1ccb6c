#include "fakes/elasticsim.h"

#include <algorithm>
#include <array>

#include "base/base64.h"
#include "base/json_writer.h"

namespace mentiond::fakes {
namespace {

using Mode = ElasticOptions::Mode;
constexpr std::size_t log_lines = 10'000;
constexpr std::size_t nginx_limit = 100'000'000;

bool is_wire(std::string_view act) {
  constexpr std::string_view acts[] = {"cut", "stall", "reset", "slow", "delay", "close"};
  return std::ranges::find(acts, act) != std::end(acts);
}

bool is_item_fault(const Fault& fault) {
  return fault.act == "item" || fault.act == "item_silent" || is_es_item_preset(fault.preset);
}

constexpr std::string_view common_parameters[] = {"pretty", "human", "error_trace", "filter_path", "format"};
constexpr std::string_view bulk_parameters[] = {
    "refresh",       "timeout", "pipeline",         "routing",          "wait_for_active_shards",
    "require_alias", "_source", "_source_includes", "_source_excludes", "require_data_stream"};

}  // namespace

struct ElasticSim::BulkRun {
  const Fault* fault = nullptr;
  std::vector<EsWrite> writes;
  std::string filter_path;
  std::optional<bool> errors;  // what `errors` says regardless of the items
};

ElasticSim::ElasticSim(const ElasticOptions& options) { take_over(options); }

bool ElasticSim::is_opensearch() const {
  return options_.mode == Mode::opensearch || options_.mode == Mode::opensearch_compat;
}

Answer ElasticSim::handle(const Request& request, Time now) {
  if (request.path().starts_with("/_sim/")) return admin(request);
  ++counters_.requests;
  fault_ = nullptr;
  const auto bulks = counters_.bulks;
  Answer answer = serve(request);
  if (counters_.bulks > bulks) count_at_once(answer, now);
  const bool product = !is_opensearch() && !answer.body.starts_with('<');
  if (product) answer.headers.add("X-Elastic-Product", "Elasticsearch");
  ++statuses_[answer.status];
  if (fault_ != nullptr) ++counters_.faults;
  if (log_.size() == log_lines) log_.pop_front();
  log_.push_back(std::to_string(counters_.requests) + '\t' + std::to_string(answer.status) + '\t' +
                 (fault_ == nullptr ? "-" : fault_->name()) + '\t' + request.method + ' ' + request.target);
  return answer;
}

Answer ElasticSim::serve(const Request& request) {
  const std::string path = request.path();
  const bool is_bulk = path == "/_bulk" || path.ends_with("/_bulk");
  if (!is_bulk) {
    const Occasion occasion{
        .number = counters_.requests, .query = {}, .path = path, .item = {}, .ids = {}, .indices = {}};
    fault_ = faults_.pick(occasion, [](const Fault& fault) { return !is_item_fault(fault); });
    if (fault_ != nullptr) {
      if (auto answer = request_fault(*fault_)) return *answer;
    }
  }
  Answer answer;
  if (auto refusal = refuse(request)) {
    answer = std::move(*refusal);
  } else if (is_bulk) {
    answer = bulk(request, path == "/_bulk" ? std::string_view{} : std::string_view{path}.substr(1, path.size() - 7));
  } else if (path == "/") {
    answer = root();
  } else if (path.starts_with("/_")) {
    answer = cluster_path(request, path);
  } else {
    const auto slash = path.find('/', 1);
    const std::string rest = slash == std::string::npos ? "" : path.substr(slash + 1);
    answer = index_path(request, percent_decode(path.substr(1, slash == std::string::npos ? slash : slash - 1)), rest);
  }
  if (fault_ != nullptr) deliver_badly(*fault_, answer);
  return answer;
}

// Credentials and privileges, before anything is read.
std::optional<Answer> ElasticSim::refuse(const Request& request) const {
  if (options_.privileges == ElasticOptions::Privileges::none) return es_request_preset("forbidden");
  if (options_.api_key.empty() && options_.user.empty()) return std::nullopt;
  const auto given = request.headers.find("Authorization").value_or("");
  const bool key = !options_.api_key.empty() && given == "ApiKey " + base64_encode(options_.api_key);
  const bool cloud_key =
      !options_.api_key.empty() && given == "ApiKey " + options_.api_key;  // essu_..., taken as it stands
  const bool user = !options_.user.empty() && given == "Basic " + base64_encode(options_.user);
  if (key || cloud_key || user) return std::nullopt;
  return es_request_preset("unauthorized");
}

std::optional<Answer> ElasticSim::refuse_media_type(const Request& request) const {
  const std::string type{request.headers.find("Content-Type").value_or("")};
  const auto unsupported = [&] {
    return json_answer(406, R"({"error":"Content-Type header [)" + type + R"(] is not supported","status":406})");
  };
  if (type.empty()) return json_answer(406, R"({"error":"Content-Type header is missing","status":406})");
  if (type.starts_with("application/x-ndjson") || type.starts_with("application/json")) return std::nullopt;
  if (is_opensearch() || !type.starts_with("application/vnd.elasticsearch+")) return unsupported();
  const std::string number = options_.mode == Mode::es9 || options_.mode == Mode::serverless ? "9" : "8";
  const bool fits =
      type.ends_with("compatible-with=" + number) || (number == "9" && type.ends_with("compatible-with=8"));
  if (fits && request.headers.find("Accept").value_or("").starts_with("application/vnd.elasticsearch+"))
    return std::nullopt;
  return es_error({.status = 400,
                   .type = "media_type_header_exception",
                   .reason = "Invalid media-type value on headers [Content-Type]"});
}

std::optional<Answer> ElasticSim::request_fault(const Fault& fault) {
  Answer answer;
  if (fault.act == "preset") {
    answer = es_request_preset(fault.preset);
  } else if (fault.act == "status" || fault.act == "body") {
    answer = json_answer(200, fault.body.value_or(""));
  } else if (fault.act == "hang_up") {
    deliver_badly(fault, answer);
    return answer;
  } else {
    return std::nullopt;
  }
  if (fault.status != 0) answer.status = fault.status;
  if (fault.body) answer.body = *fault.body;
  for (const auto& [name, value] : fault.headers) answer.headers.add(name, value);
  answer.delivery.delay = fault.delay;
  return answer;
}

Answer ElasticSim::bulk(const Request& request, std::string_view default_index) {
  ++counters_.bulks;
  counters_.bulk_bytes_raw += static_cast<std::int64_t>(request.body.size());
  if (request.method != "POST" && request.method != "PUT") return es_request_preset("method_not_allowed");
  if (auto refusal = refuse_media_type(request)) return *refusal;
  BulkRun run;
  for (const auto& [name, value] : request.query()) {
    const bool newer =
        name == "include_source_on_error" && (options_.mode == Mode::es9 || options_.mode == Mode::serverless);
    const auto in = [&](const auto& list) { return std::ranges::find(list, name) != std::end(list); };
    if (!newer && !in(common_parameters) && !in(bulk_parameters)) {
      return es_error({.status = 400,
                       .type = "illegal_argument_exception",
                       .reason = "request [/_bulk] contains unrecognized parameter: [" + name + "]"});
    }
    if (name == "filter_path") run.filter_path = value;
  }
  std::string inflated;
  const std::string* body = &request.body;
  if (request.headers.find("Content-Encoding").value_or("") == "gzip") {
    ++counters_.gzip_bulks;
    auto text = gunzip(request.body, std::max(options_.max_content, nginx_limit));
    if (!text) return es_error({.status = 400, .type = "parse_exception", .reason = "the gzip body is damaged"});
    inflated = std::move(*text);
    body = &inflated;
  }
  counters_.bulk_bytes += static_cast<std::int64_t>(body->size());
  if (body->size() > options_.max_content) {
    if (options_.mode == Mode::proxy) return es_request_preset("too_large_nginx");
    return es_error({.status = 413,
                     .type = "content_too_long_exception",
                     .reason = "entity content is too long [" + std::to_string(body->size()) + "]"});
  }
  auto read = read_bulk(*body, default_index);
  if (const auto* error = std::get_if<EsError>(&read)) return es_error(*error);
  run.writes = std::move(std::get<std::vector<EsWrite>>(read));
  return run_bulk(run);
}

Answer ElasticSim::run_bulk(BulkRun& run) {
  counters_.max_bulk_docs = std::max(counters_.max_bulk_docs, static_cast<std::int64_t>(run.writes.size()));
  if (!faults_.empty()) {
    Occasion occasion{.number = counters_.bulks, .query = {}, .path = {}, .item = {}, .ids = {}, .indices = {}};
    for (const auto& write : run.writes) {
      occasion.ids.emplace_back(write.id);
      occasion.indices.emplace_back(write.index);
    }
    run.fault = faults_.pick(occasion, [](const Fault& fault) { return !is_item_fault(fault); });
    fault_ = run.fault;
  }
  if (run.fault != nullptr) {
    if (auto answer = request_fault(*run.fault)) return *answer;
  }
  const bool half = run.fault != nullptr && run.fault->act == "half_then";
  std::vector<BulkItem> items;
  items.reserve(run.writes.size());
  const Counters before = counters_;
  const std::size_t applied = half ? run.writes.size() / 2 : run.writes.size();
  for (std::size_t i = 0; i < applied; ++i) {
    items.push_back(run_item(run.writes[i], i, run));
    count(items.back());
  }
  if (half) {
    Answer answer = es_request_preset("bulk_rejected");
    if (run.fault->status != 0) answer.status = run.fault->status;
    count_unheard(run, answer, before);
    return answer;
  }
  if (run.fault != nullptr) {
    const std::string& act = run.fault->act;
    if (act == "short_items") items.pop_back();
    if (act == "long_items") items.push_back(items.back());
    if (act == "swapped_op") items.front().op = items.front().op == "create" ? "index" : "create";
  }
  const bool silent = run.fault != nullptr && run.fault->act == "no_items";
  Answer answer =
      json_answer(200, silent ? R"({"took":7,"errors":false})" : write_bulk_answer(items, run.filter_path, run.errors));
  answer.delivery.delay = options_.bulk_delay;
  if (run.fault != nullptr && is_wire(run.fault->act)) deliver_badly(*run.fault, answer);
  count_unheard(run, answer, before);
  return answer;
}

BulkItem ElasticSim::run_item(const EsWrite& write, std::size_t place, BulkRun& run) {
  if (!faults_.empty()) {
    const Occasion occasion{
        .number = counters_.bulks, .query = {}, .path = {}, .item = place, .ids = {write.id}, .indices = {write.index}};
    if (const Fault* fault = faults_.pick(occasion, is_item_fault)) {
      fault_ = fault;
      if (fault->act == "item_silent") run.errors = false;
      if (!fault->preset.empty()) return es_item_preset(fault->preset, write);
      EsOutcome outcome;
      outcome.error = {
          .status = fault->status == 0 ? 400 : fault->status, .type = fault->type, .reason = fault->reason};
      return to_item(write, outcome);
    }
  }
  if (options_.privileges == ElasticOptions::Privileges::create_doc && write.op != EsOp::create)
    return es_item_preset("security", write);
  return to_item(write, cluster_.write(write));
}

void ElasticSim::count_at_once(const Answer& answer, Time now) {
  std::erase_if(answered_at_, [now](Time at) { return at <= now; });
  answered_at_.push_back(now + answer.delivery.delay);
  counters_.most_bulks_at_once = std::max(counters_.most_bulks_at_once, static_cast<std::int64_t>(answered_at_.size()));
}

void ElasticSim::count_unheard(const BulkRun& run, const Answer& answer, const Counters& before) {
  constexpr std::string_view other_words[] = {"short_items", "long_items", "swapped_op", "no_items", "half_then"};
  using Kind = Delivery::Kind;
  const auto kind = answer.delivery.kind;
  const bool partial = kind == Kind::cut || kind == Kind::stall || kind == Kind::reset;
  const bool other = run.fault != nullptr && std::ranges::find(other_words, run.fault->act) != std::end(other_words);
  if (!other && !(partial && answer.delivery.after_bytes < answer.body.size())) return;
  for (const auto counter : {&Counters::items, &Counters::first_indexed, &Counters::overwritten, &Counters::conflicts,
                             &Counters::deletes, &Counters::delete_not_found, &Counters::rejected}) {
    unheard_.*counter += counters_.*counter - before.*counter;
  }
}

void ElasticSim::count(const BulkItem& item) {
  ++counters_.items;
  ++item_statuses_[item.status];
  if (item.status < 300) {
    if (writes_.size() == log_lines) writes_.pop_front();
    writes_.push_back(item.id + '\t' + item.index + '\t' + std::to_string(item.version));
  }
  if (item.failure_store) {
    ++counters_.rejected;
  } else if (item.result == "created") {
    ++counters_.first_indexed;
  } else if (item.result == "updated") {
    ++counters_.overwritten;
  } else if (item.result == "deleted") {
    ++counters_.deletes;
  } else if (item.result == "not_found") {
    ++counters_.delete_not_found;
  } else if (item.status == 409) {
    ++counters_.conflicts;
  } else {
    ++counters_.rejected;
  }
}

}  // namespace mentiond::fakes
