#include "elastic/index_template.h"

#include <array>

#include "base/ascii.h"
#include "base/json_writer.h"
#include "elastic/reply_json.h"

namespace mentiond::elastic {
namespace {

constexpr std::string_view managed_by = "mentiond";

// Longer than any name that X allows, and in UTF-8 far below the 32,766 bytes at which Lucene refuses a term.
constexpr int keyword_length = 1024;

constexpr std::array<std::string_view, 3> dates{"@timestamp", "created_at", "collected_at"};
constexpr std::array<std::string_view, 11> keywords{"tweet_id", "root_id", "author_id", "cloud",     "query", "lang",
                                                    "url",      "source",  "hashtag",   "mentioned", "domain"};
constexpr std::array<std::string_view, 6> counts{"like_count",  "repost_count",   "reply_count",
                                                 "quote_count", "bookmark_count", "impression_count"};

void append_keyword(JsonWriter& json) {
  json.begin_object().key("type").text("keyword").key("ignore_above").number(keyword_length).end_object();
}

// A value that does not fit is kept in the source and not indexed, instead of refusing its document.
void append_lenient(JsonWriter& json, std::string_view type) {
  json.begin_object().key("type").text(type).key("ignore_malformed").boolean(true).end_object();
}

void append_mappings(JsonWriter& json) {
  json.begin_object();
  json.key("dynamic").boolean(false);  // a field that X adds one day is stored, and breaks nothing
  json.key("dynamic_templates").begin_array().begin_object().key("match").begin_object();
  json.key("path_match").text("match.*").key("mapping");
  append_keyword(json);
  json.end_object().end_object().end_array();
  json.key("properties").begin_object();
  for (const auto name : dates) {
    json.key(name);
    append_lenient(json, "date");
  }
  for (const auto name : keywords) {
    json.key(name);
    append_keyword(json);
  }
  json.key("text").begin_object().key("type").text("text").end_object();
  // One field a configured cloud: its names are the operator's, so they are mapped as they come.
  json.key("match").begin_object().key("type").text("object").key("dynamic").boolean(true).end_object();
  for (const auto name : counts) {
    json.key(name);
    append_lenient(json, "long");
  }
  json.end_object().end_object();
}

void append_template(JsonWriter& json, const IndexPattern& pattern) {
  json.begin_object();
  json.key("settings").begin_object().key("index").begin_object();
  json.key("number_of_shards").number(1);
  json.key("auto_expand_replicas").text("0-1");  // on one node an unassigned replica would count to the shard limit
  json.end_object().end_object();
  json.key("mappings");
  append_mappings(json);
  json.key("aliases").begin_object().key(pattern.alias()).begin_object().end_object().end_object();
  json.end_object();
}

// The pattern's check leaves few characters that a path cannot hold: those are escaped.
std::string template_target(const IndexPattern& pattern) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string target = "/_index_template/";
  for (const char c : pattern.alias()) {
    const bool plain = (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_' || c == '.';
    if (plain) {
      target += c;
    } else {
      target += '%';
      target += hex[static_cast<unsigned char>(c) >> 4U];
      target += hex[static_cast<unsigned char>(c) & 15U];
    }
  }
  return target;
}

HttpRequest template_request(std::string_view method, const IndexPattern& pattern, const Authorization& authorization) {
  HttpRequest request;
  request.method = method;
  request.target = template_target(pattern);
  request.headers.add("Accept", "application/json");
  authorize(request, authorization);
  return request;
}

TemplateState judge_entry(const TemplateEntry& entry, const IndexPattern& pattern) {
  if (entry.managed_by != managed_by || !entry.version) return TemplateState::foreign;
  if (*entry.version > template_version) return TemplateState::newer;
  const bool same_names = entry.index_patterns.size() == 1 && entry.index_patterns.front() == pattern.wildcard();
  return *entry.version == template_version && same_names ? TemplateState::same : TemplateState::older;
}

}  // namespace

std::string template_json(const IndexPattern& pattern) {
  std::string out;
  JsonWriter json{out};
  json.begin_object();
  json.key("index_patterns").begin_array().text(pattern.wildcard()).end_array();
  json.key("priority").number(template_priority);
  json.key("template");
  append_template(json, pattern);
  json.key("_meta").begin_object();
  json.key("managed_by").text(managed_by).key("version").number(template_version);
  json.end_object().end_object();
  return out;
}

std::string_view to_text(TemplateState state) {
  switch (state) {
    case TemplateState::absent:
      return "absent";
    case TemplateState::same:
      return "same";
    case TemplateState::older:
      return "older";
    case TemplateState::newer:
      return "newer";
    case TemplateState::foreign:
      return "foreign";
    case TemplateState::denied:
      return "denied";
    case TemplateState::unknown:
      return "unknown";
  }
  return "unknown";
}

HttpRequest get_template_request(const IndexPattern& pattern, const Authorization& authorization) {
  return template_request("GET", pattern, authorization);
}

TemplateState judge_template(const HttpReply& reply, const IndexPattern& pattern) {
  if (reply.status == 401 || reply.status == 403) return TemplateState::denied;
  if (reply.status != 200 && reply.status != 404) return TemplateState::unknown;
  // A proxy's 404 page, or that of an endpoint which knows no templates, is no word about ours.
  if (reply.status == 404) return read_error(reply.body) ? TemplateState::absent : TemplateState::unknown;
  const auto listed = read_template_list(reply.body);
  if (!listed) return TemplateState::unknown;
  for (const TemplateEntry& entry : *listed) {
    if (entry.name == pattern.alias()) return judge_entry(entry, pattern);
  }
  return TemplateState::absent;
}

TemplateAction template_action(TemplateState state, bool installs) {
  switch (state) {
    case TemplateState::same:
    case TemplateState::newer:
      return TemplateAction::none;
    case TemplateState::older:
      return installs ? TemplateAction::install : TemplateAction::none;
    case TemplateState::absent:
      return installs ? TemplateAction::install : TemplateAction::wait_for_person;
    case TemplateState::foreign:
      return installs ? TemplateAction::wait_for_person : TemplateAction::none;
    case TemplateState::denied:
      return TemplateAction::wait_for_person;
    case TemplateState::unknown:
      break;
  }
  return TemplateAction::ask_again;
}

HttpRequest put_template_request(const IndexPattern& pattern, const Authorization& authorization) {
  HttpRequest request = template_request("PUT", pattern, authorization);
  request.headers.add("Content-Type", "application/json");
  request.body = template_json(pattern);
  return request;
}

HttpRequest simulate_template_request(const IndexPattern& pattern, const Authorization& authorization) {
  HttpRequest request;
  request.method = "POST";
  request.target = "/_index_template/_simulate";
  request.headers.add("Accept", "application/json");
  request.headers.add("Content-Type", "application/json");
  request.body = template_json(pattern);
  authorize(request, authorization);
  return request;
}

std::optional<Fault> template_refusal(const HttpReply& reply) {
  const bool accepted = reply.status == 200 && says_true(reply.body, "acknowledged");
  if (accepted) return std::nullopt;
  const auto error = read_error(reply.body);
  Cause words = error ? error->outermost() : Cause{};
  if (words.type.empty() && words.reason.empty()) words.reason = excerpt(reply.body);
  return Fault{reply.status, std::move(words.type), std::move(words.reason)};
}

}  // namespace mentiond::elastic
