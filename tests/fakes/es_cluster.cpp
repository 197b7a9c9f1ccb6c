#include "fakes/es_cluster.h"

#include <algorithm>
#include <charconv>

namespace mentiond::fakes {
namespace {

template <class Call>
void each_part(std::string_view list, Call call) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    call(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  }
}

EsError block(const EsIndex& index, int status, std::string_view what) {
  return {.status = status,
          .type = "cluster_block_exception",
          .reason = "index [" + index.name + "] blocked by: [" + std::string{what} + "];"};
}

// {"index":{"number_of_shards":1}}, {"index.number_of_shards":1} and {"number_of_shards":1} all mean the same.
std::optional<std::int64_t> setting(const JsonValue& settings, std::string_view name) {
  for (const JsonValue* member :
       {settings.find(name), settings.find("index." + std::string{name}), settings.at("index", name)}) {
    if (member != nullptr) return member->integer();
  }
  return std::nullopt;
}

// Of a document, what is kept when sources are discarded: the clouds, for /_sim/docs and aggregations.
std::string clouds_only(std::string_view source) {
  const auto start = source.find("\"cloud\":");
  if (start == std::string_view::npos) return "{}";
  const auto end = source.find(']', start);
  return end == std::string_view::npos ? "{}" : "{" + std::string{source.substr(start, end + 1 - start)} + "}";
}

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view name) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == name;
  if (!name.starts_with(pattern.substr(0, star))) return false;
  const auto rest = pattern.substr(star + 1);
  for (auto at = star; at <= name.size(); ++at) {
    if (matches_pattern(rest, name.substr(at))) return true;
  }
  return false;
}

void EsCluster::clear() {
  indices_.clear();
  templates_.clear();
  template_texts_.clear();
}

EsIndex* EsCluster::find(const std::string& name) {
  const auto found = indices_.find(name);
  return found == indices_.end() ? nullptr : &found->second;
}

std::vector<EsIndex*> EsCluster::resolve(std::string_view expression) {
  std::vector<EsIndex*> out;
  each_part(expression, [&](std::string_view part) {
    const std::string_view pattern = part == "_all" ? "*" : part;
    for (auto& [name, index] : indices_) {
      const bool alias =
          std::ranges::any_of(index.aliases, [&](const std::string& one) { return matches_pattern(pattern, one); });
      if ((alias || matches_pattern(pattern, name)) && std::ranges::find(out, &index) == out.end())
        out.push_back(&index);
    }
  });
  return out;
}

std::optional<EsError> EsCluster::creation_refused(const std::string& name) const {
  if (auto_create == "true") return std::nullopt;
  const EsError none{
      .status = 404,
      .type = "index_not_found_exception",
      .reason = "no such index [" + name + "] and [action.auto_create_index] ([" + auto_create + "]) doesn't match"};
  if (auto_create == "false") return none;
  std::optional<bool> allowed;
  each_part(auto_create, [&](std::string_view part) {
    const bool forbids = part.starts_with('-');
    if (forbids || part.starts_with('+')) part.remove_prefix(1);
    if (!allowed && matches_pattern(part, name)) allowed = !forbids;
  });
  return allowed.value_or(false) ? std::nullopt : std::optional{none};
}

EsIndex* EsCluster::obtain(const std::string& name, EsError& error) {
  if (auto* index = find(name)) return index;
  for (auto& [unused, index] : indices_) {
    if (index.aliases.contains(name)) return &index;
  }
  if (auto refused = creation_refused(name)) {
    error = *refused;
    return nullptr;
  }
  return create(name, error);
}

EsIndex* EsCluster::create(const std::string& name, EsError& error) {
  if (create_blocked) {
    error = {.status = 403,
             .type = "index_create_block_exception",
             .reason = "blocked by: [FORBIDDEN/10/cluster create-index blocked (api)];"};
    return nullptr;
  }
  EsIndex index;
  index.name = name;
  apply_template(index);
  std::int64_t open = 0;
  for (const auto& [unused, other] : indices_) open += other.closed ? 0 : other.all_shards();
  if (open + index.all_shards() > max_shards) {
    const std::string add =
        "[" + std::to_string(index.all_shards()) + "]" + (opensearch_words ? " total" : "") + " shards";
    const std::string limit = std::to_string(open) + "]/[" + std::to_string(max_shards);
    error = {.status = 400,
             .type = "validation_exception",
             .reason = "Validation Failed: 1: this action would add " + add + ", but this cluster currently has [" +
                       limit + "] maximum " + (opensearch_words ? "" : "normal ") + "shards open;"};
    return nullptr;
  }
  return &(indices_[name] = std::move(index));
}

void EsCluster::apply_template(EsIndex& index) const {
  const JsonValue* best = nullptr;
  std::int64_t best_priority = -1;
  for (const auto& [unused, one] : templates_) {
    const auto priority = one.integer_at("priority").value_or(0);
    const auto& patterns = one.find("index_patterns")->items();
    const bool fits = std::ranges::any_of(
        patterns, [&](const JsonValue& pattern) { return matches_pattern(pattern.text(), index.name); });
    if (!fits || priority <= best_priority) continue;
    best = &one;
    best_priority = priority;
  }
  if (best == nullptr) return;
  if (const auto* aliases = best->at("template", "aliases")) {
    for (const auto& [alias, unused] : aliases->members()) index.aliases.insert(alias);
  }
  if (const auto* settings = best->at("template", "settings")) {
    index.shards = static_cast<int>(setting(*settings, "number_of_shards").value_or(1));
    index.replicas = static_cast<int>(setting(*settings, "number_of_replicas").value_or(1));
  }
}

std::optional<EsError> EsCluster::put_template(const std::string& name, const JsonValue& body, std::string text) {
  const JsonValue* patterns = body.find("index_patterns");
  if (patterns == nullptr || patterns->items().empty()) {
    return EsError{.status = 400,
                   .type = "action_request_validation_exception",
                   .reason = "Validation Failed: 1: index patterns are missing;"};
  }
  for (const auto& [member, unused] : body.members()) {
    constexpr std::string_view known[] = {"index_patterns",
                                          "template",
                                          "priority",
                                          "version",
                                          "_meta",
                                          "composed_of",
                                          "data_stream",
                                          "allow_auto_create",
                                          "ignore_missing_component_templates",
                                          "deprecated"};
    if (std::ranges::find(known, member) != std::end(known)) continue;
    return EsError{.status = 400,
                   .type = "x_content_parse_exception",
                   .reason = "[1:2] [index_template] unknown field [" + member + "]"};
  }
  const auto priority = body.integer_at("priority").value_or(0);
  for (const auto& [other_name, other] : templates_) {
    if (other_name == name || other.integer_at("priority").value_or(0) != priority) continue;
    for (const auto& theirs : other.find("index_patterns")->items()) {
      for (const auto& ours : patterns->items()) {
        if (!matches_pattern(theirs.text(), ours.text()) && !matches_pattern(ours.text(), theirs.text())) continue;
        return EsError{
            .status = 400,
            .type = "illegal_argument_exception",
            .reason =
                "index template [" + name + "] has index patterns [" + ours.text() +
                "] matching patterns from existing templates [" + other_name + "] with patterns (" + other_name +
                " => [" + theirs.text() + "]) that have the same priority [" + std::to_string(priority) +
                "], multiple index templates may not match during index creation, please use a different priority"};
      }
    }
  }
  templates_[name] = body;
  template_texts_[name] = std::move(text);
  return std::nullopt;
}

std::optional<EsError> EsCluster::write_refused(const EsIndex& index, EsOp op) const {
  if (index.closed) return EsError{.status = 400, .type = "index_closed_exception", .reason = "closed"};
  if (index.block_read_only) return block(index, 403, "FORBIDDEN/5/index read-only (api)");
  if (index.block_write) return block(index, 403, "FORBIDDEN/8/index write (api)");
  if ((flood_stage || index.block_allow_delete) && op != EsOp::remove) {
    return block(
        index, 429,
        "TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block");
  }
  return std::nullopt;
}

std::optional<EsError> EsCluster::conflict(const EsWrite& write, const EsDocument* current) const {
  const auto says = [&](const std::string& what) {
    return EsError{.status = 409,
                   .type = "version_conflict_engine_exception",
                   .reason = "[" + write.id + "]: version conflict, " + what};
  };
  if (current == nullptr) return std::nullopt;
  const std::string version = std::to_string(current->version);
  const std::string given = std::to_string(write.version);
  if (write.op == EsOp::create && !current->deleted)
    return says("document already exists (current version [" + version + "])");
  if (write.version_type == VersionType::external && write.version <= current->version) {
    return says("current version [" + version + "] is higher or equal to the one provided [" + given + "]");
  }
  if (write.version_type == VersionType::external_gte && write.version < current->version) {
    return says("current version [" + version + "] is higher than the one provided [" + given + "]");
  }
  return std::nullopt;
}

void EsCluster::store(EsDocument& document, std::string_view source) const {
  if (discard_source) {
    document.source = clouds_only(source);
  } else {
    document.source = source;
  }
}

EsOutcome EsCluster::write(const EsWrite& write) {
  EsOutcome outcome;
  const bool external = write.version_type != VersionType::internal;
  EsIndex* index = find(write.index);
  if (index == nullptr && write.op == EsOp::remove &&
      !external) {  // only a delete that leaves a version behind makes an index
    outcome.error = {
        .status = 404, .type = "index_not_found_exception", .reason = "no such index [" + write.index + "]"};
    return outcome;
  }
  if (index == nullptr) index = obtain(write.index, outcome.error);
  if (index == nullptr) return outcome;
  if (auto refused = write_refused(*index, write.op)) {
    outcome.error = *refused;
    return outcome;
  }
  if (write.op != EsOp::remove && !is_json_object(write.source)) {
    const std::string type = opensearch_words ? "mapper_parsing_exception" : "document_parsing_exception";
    outcome.error = {
        .status = 400, .type = type, .reason = "[1:1] failed to parse document with id '" + write.id + "'"};
    return outcome;
  }
  const auto found = index->documents.find(write.id);
  EsDocument* current = found == index->documents.end() ? nullptr : &found->second;
  if (auto refused = conflict(write, current)) {
    if (external && write.version < current->version) ++lower_versions;
    outcome.error = *refused;
    return outcome;
  }
  const bool existed = current != nullptr && !current->deleted;
  if (current == nullptr) current = &index->documents[write.id];
  current->version = external ? write.version : current->version + 1;
  outcome.version = current->version;
  current->deleted = write.op == EsOp::remove;
  if (write.op == EsOp::remove) {
    current->source.clear();
    outcome.kind = existed ? EsOutcome::Kind::deleted : EsOutcome::Kind::not_found;
    if (existed) --index->live;
    return outcome;
  }
  store(*current, write.source);
  outcome.kind = existed ? EsOutcome::Kind::updated : EsOutcome::Kind::created;
  if (!existed) ++index->live;
  return outcome;
}

}  // namespace mentiond::fakes
