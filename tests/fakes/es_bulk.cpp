#include "fakes/es_bulk.h"

#include <algorithm>

#include "base/json_writer.h"

namespace mentiond::fakes {
namespace {

constexpr std::string_view known_members[] = {"_index",
                                              "_id",
                                              "version",
                                              "version_type",
                                              "routing",
                                              "pipeline",
                                              "if_seq_no",
                                              "if_primary_term",
                                              "require_alias",
                                              "dynamic_templates",
                                              "list_executed_pipelines"};

EsError malformed(std::size_t line, const std::string& what) {
  return {.status = 400,
          .type = "illegal_argument_exception",
          .reason = "Malformed action/metadata line [" + std::to_string(line) + "], " + what};
}

EsError invalid(const std::string& what) {
  return {
      .status = 400, .type = "action_request_validation_exception", .reason = "Validation Failed: 1: " + what + ";"};
}

class BulkReader {
 public:
  BulkReader(std::string_view body, std::string_view default_index) : rest_(body), default_index_(default_index) {}

  std::variant<std::vector<EsWrite>, EsError> read() {
    if (rest_.empty()) return EsError{.status = 400, .type = "parse_exception", .reason = "request body is required"};
    if (rest_.back() != '\n') {
      return EsError{.status = 400,
                     .type = "illegal_argument_exception",
                     .reason = "The bulk request must be terminated by a newline [\\n]"};
    }
    while (!rest_.empty()) {
      const auto line = take_line();
      if (line.empty()) continue;
      EsWrite write;
      if (auto error = action(line, write)) return *error;
      if (write.op != EsOp::remove) {
        if (rest_.empty()) {
          return EsError{.status = 400,
                         .type = "illegal_argument_exception",
                         .reason = "The bulk request must be terminated by a newline [\\n]"};
        }
        write.source = take_line();
      }
      if (auto error = validate(write)) return *error;
      writes_.push_back(std::move(write));
    }
    if (writes_.empty()) return invalid("no requests added");
    return std::move(writes_);
  }

 private:
  std::string_view take_line() {
    const auto end = rest_.find('\n');
    const auto line = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    ++line_;
    return line;
  }

  std::optional<EsError> action(std::string_view line, EsWrite& write) {
    const auto json = JsonValue::parse(line);
    if (!json || !json->is(JsonValue::Kind::object))
      return malformed(line_, "expected one closed JSON object and nothing after it");
    if (json->members().size() != 1) return malformed(line_, "expected FIELD_NAME but found [END_OBJECT]");
    const auto& [op, parameters] = json->members().front();
    if (op == "update")
      return EsError{.status = 400, .type = "illegal_argument_exception", .reason = "this fake takes no [update]"};
    if (op != "index" && op != "create" && op != "delete") {
      return malformed(line_, "expected field [create], [delete], [index] or [update] but found [" + op + "]");
    }
    if (!parameters.is(JsonValue::Kind::object))
      return malformed(line_, "expected START_OBJECT but found another value");
    write.op = op == "index" ? EsOp::index : op == "create" ? EsOp::create : EsOp::remove;
    write.index = parameters.text_at("_index", default_index_);
    write.id = parameters.text_at("_id");
    for (const auto& [name, unused] : parameters.members()) {
      if (std::ranges::find(known_members, name) != std::end(known_members)) continue;
      return EsError{.status = 400,
                     .type = "illegal_argument_exception",
                     .reason = "Action/metadata line [" + std::to_string(line_) + "] contains an unknown parameter [" +
                               name + "]"};
    }
    return versions(parameters, write);
  }

  std::optional<EsError> versions(const JsonValue& parameters, EsWrite& write) const {
    const std::string type = parameters.text_at("version_type", "internal");
    const auto version = parameters.integer_at("version");
    if (type != "internal" && type != "external" && type != "external_gt" && type != "external_gte") {
      return EsError{
          .status = 400, .type = "illegal_argument_exception", .reason = "No version type match [" + type + "]"};
    }
    if (type == "internal")
      return version ? std::optional{invalid("internal versioning can not be used for optimistic concurrency control. "
                                             "Please use `if_seq_no` and `if_primary_term` instead")}
                     : std::nullopt;
    write.version_type = type == "external_gte" ? VersionType::external_gte : VersionType::external;
    if (!version || *version < 0)
      return invalid("illegal version value [" + std::to_string(version.value_or(-3)) + "] for version type [" +
                     (type == "external_gte" ? "EXTERNAL_GTE" : "EXTERNAL") + "]");
    write.version = *version;
    if (write.op == EsOp::create)
      return invalid("create operations only support internal versioning. use index instead");
    return std::nullopt;
  }

  std::optional<EsError> validate(EsWrite& write) {
    if (write.index.empty()) return invalid("index is missing");
    if (write.id.empty() && write.op == EsOp::remove) return invalid("id is missing");
    if (write.id.empty() && write.version_type != VersionType::internal)
      return invalid("an id must be provided if version type or value are set");
    if (write.id.size() > 512)
      return invalid("id [" + write.id +
                     "] is too long, must be no longer than 512 bytes but was: " + std::to_string(write.id.size()));
    if (write.id.empty()) write.id = "auto-" + std::to_string(writes_.size()) + "-" + std::to_string(line_);
    return std::nullopt;
  }

  std::string_view rest_;
  std::string default_index_;
  std::vector<EsWrite> writes_;
  std::size_t line_ = 0;
};

// Which members of the answer a filter_path lets through.
class Filter {
 public:
  explicit Filter(std::string_view paths) : all_(paths.empty()) {
    while (!paths.empty()) {
      const auto comma = paths.find(',');
      paths_.push_back(paths.substr(0, comma));
      paths = comma == std::string_view::npos ? std::string_view{} : paths.substr(comma + 1);
    }
  }
  [[nodiscard]] bool top(std::string_view name) const { return all_ || has(name); }
  // `name` as in items.*.NAME; deeper paths (items.*.error.type) show the whole member.
  [[nodiscard]] bool item(std::string_view name) const {
    if (all_ || has("items") || has("items.*") || has("items.**")) return true;
    const std::string path = "items.*." + std::string{name};
    return std::ranges::any_of(paths_,
                               [&](std::string_view one) { return one == path || one.starts_with(path + "."); });
  }

 private:
  [[nodiscard]] bool has(std::string_view name) const { return std::ranges::find(paths_, name) != paths_.end(); }
  bool all_;
  std::vector<std::string_view> paths_;
};

void write_item(JsonWriter& json, const BulkItem& item, const Filter& filter) {
  json.begin_object().key(item.op).begin_object();
  if (filter.item("_index")) json.key("_index").text(item.index);
  if (filter.item("_id")) json.key("_id").text(item.id);
  if (!item.result.empty()) {
    if (filter.item("_version")) json.key("_version").number(item.version);
    if (filter.item("result")) json.key("result").text(item.result);
    if (filter.item("_shards"))
      json.key("_shards")
          .begin_object()
          .key("total")
          .number(2)
          .key("successful")
          .number(1)
          .key("failed")
          .number(0)
          .end_object();
    if (filter.item("_seq_no")) json.key("_seq_no").number(0).key("_primary_term").number(1);
  }
  if (item.failure_store && filter.item("failure_store")) json.key("failure_store").text("used");
  if (filter.item("status")) json.key("status").number(item.status);
  if (item.result.empty() && filter.item("error")) {
    json.key("error").begin_object().key("type").text(item.error.type).key("reason").text(item.error.reason);
    json.key("index_uuid")
        .text("aAsFqTI0Tc2W0LCWgPNrOA")
        .key("shard")
        .text("0")
        .key("index")
        .text(item.index)
        .end_object();
  }
  json.end_object().end_object();
}

}  // namespace

std::variant<std::vector<EsWrite>, EsError> read_bulk(std::string_view body, std::string_view default_index) {
  return BulkReader{body, default_index}.read();
}

BulkItem to_item(const EsWrite& write, const EsOutcome& outcome) {
  BulkItem item;
  item.op = write.op == EsOp::index ? "index" : write.op == EsOp::create ? "create" : "delete";
  item.index = write.index;
  item.id = write.id;
  item.version = outcome.version;
  using Kind = EsOutcome::Kind;
  switch (outcome.kind) {
    case Kind::created:
      item.status = 201, item.result = "created";
      break;
    case Kind::updated:
      item.status = 200, item.result = "updated";
      break;
    case Kind::deleted:
      item.status = 200, item.result = "deleted";
      break;
    case Kind::not_found:
      item.status = 404, item.result = "not_found";
      break;
    case Kind::failed:
      item.status = outcome.error.status, item.error = outcome.error;
      break;
  }
  return item;
}

std::string write_bulk_answer(const std::vector<BulkItem>& items, std::string_view filter_path,
                              std::optional<bool> errors) {
  const Filter filter{filter_path};
  const bool failed = errors.value_or(
      std::ranges::any_of(items, [](const BulkItem& item) { return item.result.empty() && !item.failure_store; }));
  std::string out;
  JsonWriter json{out};
  json.begin_object();
  if (filter.top("took")) json.key("took").number(7);
  if (filter.top("errors")) json.key("errors").boolean(failed);
  std::string list;
  JsonWriter each{list};
  each.begin_array();
  bool any = false;
  for (const auto& item : items) {
    const bool shows_error = item.result.empty() && filter.item("error");
    if (!shows_error && !filter.item("status") && !filter.item("_id")) continue;
    any = true;
    write_item(each, item, filter);
  }
  each.end_array();
  if (any || filter_path.empty()) json.key("items").raw(list);
  json.end_object();
  return out;
}

}  // namespace mentiond::fakes
