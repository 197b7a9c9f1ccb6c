#include "elastic/reply_json.h"

#include <utility>

#include "elastic/bulk_reply.h"
#include "elastic/json_reading.h"

namespace mentiond::elastic {
namespace {

using namespace json_reading;

constexpr std::size_t deepest_cause = 8;      // Elasticsearch nests two or three
constexpr std::size_t longest_word = 300;     // names, versions, uuids
constexpr std::size_t longest_excerpt = 200;  // of a page that is not ours
constexpr std::size_t most_names = 1'000;     // templates, patterns

error_code read_causes(od::value value, std::vector<Cause>& causes) {
  od::object object;
  if (const auto error = value.get_object().get(object)) return error;
  const std::size_t own = causes.size();
  causes.emplace_back();
  return each_member(object, [&](std::string_view key, od::value member) -> error_code {
    if (key == "type") return read_text(member, causes[own].type, longest_fault_type);
    if (key == "reason") return read_text(member, causes[own].reason, longest_fault_reason);
    if (key != "caused_by" || causes.size() >= deepest_cause) return simdjson::SUCCESS;
    od::json_type type{};
    if (const auto error = member.type().get(type)) return error;
    return type == od::json_type::object ? read_causes(member, causes) : simdjson::SUCCESS;
  });
}

error_code read_server_error(od::value value, ServerError& out) {
  od::json_type type{};
  if (const auto error = value.type().get(type)) return error;
  if (type == od::json_type::object) return read_causes(value, out.causes);
  out.causes.emplace_back();
  return read_text(value, out.causes.back().reason, longest_fault_reason);
}

std::optional<Op::Kind> kind_named(std::string_view action) {
  for (const Op::Kind kind : {Op::Kind::index, Op::Kind::erase}) {
    if (action == action_name(kind)) return kind;
  }
  return std::nullopt;
}

error_code read_outcome(od::value value, ItemReply& item) {
  od::object object;
  if (const auto error = value.get_object().get(object)) return error;
  bool has_status = false;
  const auto failed = each_member(object, [&](std::string_view key, od::value member) -> error_code {
    if (key == "status") {
      std::int64_t status = 0;
      if (const auto error = member.get_int64().get(status)) return error;
      if (has_status || status < 100 || status > 599) return simdjson::INCORRECT_TYPE;
      has_status = true;
      item.status = static_cast<int>(status);
      return simdjson::SUCCESS;
    }
    if (key == "error") return read_server_error(member, item.error.emplace());
    if (key != "failure_store") return simdjson::SUCCESS;
    std::string use;
    const auto error = read_text(member, use, longest_word);
    item.failure_store_used = use == "used";
    return error;
  });
  if (failed) return failed;
  return has_status ? simdjson::SUCCESS : simdjson::NO_SUCH_FIELD;
}

// {"index": {...}}: one member, named like the operation.
error_code read_item(od::value value, ItemReply& item) {
  od::object object;
  if (const auto error = value.get_object().get(object)) return error;
  int members = 0;
  const auto failed = each_member(object, [&](std::string_view action, od::value outcome) -> error_code {
    if (++members > 1) return simdjson::INCORRECT_TYPE;
    item.kind = kind_named(action);
    return read_outcome(outcome, item);
  });
  if (failed) return failed;
  return members == 1 ? simdjson::SUCCESS : simdjson::NO_SUCH_FIELD;
}

error_code read_word(od::value value, std::string& out) { return read_text(value, out, longest_word); }

error_code read_meta(od::value value, TemplateEntry& entry) {
  od::object object;
  if (value.get_object().get(object)) return simdjson::SUCCESS;  // not ours, then
  return each_member(object, [&](std::string_view key, od::value member) -> error_code {
    if (key == "managed_by") return read_word(member, entry.managed_by);
    if (key != "version") return simdjson::SUCCESS;
    std::int64_t version = 0;
    if (member.get_int64().get(version) == simdjson::SUCCESS) entry.version = version;
    return simdjson::SUCCESS;
  });
}

error_code read_patterns(od::value value, TemplateEntry& entry) {
  od::array array;
  if (const auto error = value.get_array().get(array)) return error;
  return each_element(array, [&](od::value element) -> error_code {
    if (entry.index_patterns.size() >= most_names) return simdjson::CAPACITY;
    return read_word(element, entry.index_patterns.emplace_back());
  });
}

error_code read_template(od::value value, TemplateEntry& entry) {
  od::object object;
  if (const auto error = value.get_object().get(object)) return error;
  return each_member(object, [&](std::string_view key, od::value member) -> error_code {
    if (key == "name") return read_word(member, entry.name);
    if (key != "index_template") return simdjson::SUCCESS;
    od::object body;
    if (const auto error = member.get_object().get(body)) return error;
    return each_member(body, [&](std::string_view inner, od::value part) -> error_code {
      if (inner == "index_patterns") return read_patterns(part, entry);
      if (inner == "_meta") return read_meta(part, entry);
      return simdjson::SUCCESS;
    });
  });
}

}  // namespace

Result<std::vector<ItemReply>> read_items(std::string_view body, std::size_t expected) {
  std::vector<ItemReply> items;
  items.reserve(expected);
  bool seen = false;
  bool too_many = false;
  const auto failed = each_member_of_text(body, [&](std::string_view key, od::value value) -> error_code {
    if (key == "errors") {
      bool errors = false;  // read as JSON, and not relied upon: the items themselves decide
      return value.get_bool().get(errors);
    }
    if (key != "items") return simdjson::SUCCESS;
    if (std::exchange(seen, true)) return simdjson::INCORRECT_TYPE;
    od::array array;
    if (const auto error = value.get_array().get(array)) return error;
    return each_element(array, [&](od::value element) -> error_code {
      too_many = items.size() >= expected;
      return too_many ? simdjson::CAPACITY : read_item(element, items.emplace_back());
    });
  });
  const std::string sent = std::to_string(expected);
  if (too_many) return fail("the reply holds more items than the ", sent, " sent");
  if (failed) return fail("the reply cannot be read: ", simdjson::error_message(failed));
  if (!seen) return fail("the reply holds no items");
  if (items.size() != expected) {
    return fail("the reply holds ", std::to_string(items.size()), " items for the ", sent, " sent");
  }
  return items;
}

std::optional<ServerError> read_error(std::string_view body) {
  ServerError result;
  const auto failed = each_member_of_text(body, [&](std::string_view key, od::value value) -> error_code {
    return key == "error" && result.causes.empty() ? read_server_error(value, result) : simdjson::SUCCESS;
  });
  if (failed) return std::nullopt;
  return result;
}

bool says_true(std::string_view body, std::string_view member) {
  bool said = false;
  bool seen = false;
  const auto failed = each_member_of_text(body, [&](std::string_view key, od::value value) -> error_code {
    if (key != member) return simdjson::SUCCESS;
    return std::exchange(seen, true) ? simdjson::INCORRECT_TYPE : value.get_bool().get(said);
  });
  return !failed && said;
}

std::string excerpt(std::string_view body) {
  std::string text;
  for (const char c : body.substr(0, longest_excerpt)) text += c >= ' ' && c < 0x7F ? c : ' ';
  return text;
}

std::optional<std::vector<TemplateEntry>> read_template_list(std::string_view body) {
  std::vector<TemplateEntry> entries;
  bool seen = false;
  const auto failed = each_member_of_text(body, [&](std::string_view key, od::value value) -> error_code {
    if (key != "index_templates") return simdjson::SUCCESS;
    if (std::exchange(seen, true)) return simdjson::INCORRECT_TYPE;
    od::array array;
    if (const auto error = value.get_array().get(array)) return error;
    return each_element(array, [&](od::value element) -> error_code {
      return entries.size() >= most_names ? simdjson::CAPACITY : read_template(element, entries.emplace_back());
    });
  });
  if (failed || !seen) return std::nullopt;
  return entries;
}

std::optional<ClusterWords> read_cluster_words(std::string_view body) {
  ClusterWords words;
  bool named = false;
  const auto failed = each_member_of_text(body, [&](std::string_view key, od::value value) -> error_code {
    if (key == "cluster_uuid") {
      // Which sink it is hangs on this: it is said once, as a string, or not at all.
      od::json_type type{};
      if (const auto error = value.type().get(type)) return error;
      if (std::exchange(named, true)) return simdjson::INCORRECT_TYPE;
      if (type == od::json_type::null) return simdjson::SUCCESS;
      return type == od::json_type::string ? read_word(value, words.cluster_uuid) : simdjson::INCORRECT_TYPE;
    }
    if (key == "tagline") return read_word(value, words.tagline);
    if (key != "version") return simdjson::SUCCESS;
    od::object version;
    if (const auto error = value.get_object().get(version)) return error;
    return each_member(version, [&](std::string_view inner, od::value part) -> error_code {
      if (inner == "number") return read_word(part, words.version);
      if (inner == "distribution") return read_word(part, words.distribution);
      return simdjson::SUCCESS;
    });
  });
  if (failed) return std::nullopt;
  return words;
}

}  // namespace mentiond::elastic
