#include "elastic/document.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"
#include "base/json_writer.h"
#include "mention/entities.h"

namespace mentiond::elastic {
namespace {

constexpr std::string_view permalink = "https://x.com/i/web/status/";

void append_list(JsonWriter& json, std::string_view name, const auto& values) {
  if (values.empty()) return;
  json.key(name).begin_array();
  for (const auto& value : values) json.text(value);
  json.end_array();
}

void append_count(JsonWriter& json, std::string_view name, std::optional<std::int64_t> count) {
  if (count) json.key(name).number(*count);
}

void append_metrics(JsonWriter& json, const PublicMetrics& metrics) {
  append_count(json, "like_count", metrics.likes);
  append_count(json, "repost_count", metrics.reposts);
  append_count(json, "reply_count", metrics.replies);
  append_count(json, "quote_count", metrics.quotes);
  append_count(json, "bookmark_count", metrics.bookmarks);
  append_count(json, "impression_count", metrics.impressions);
}

// Names in other scripts stay as they are written.
bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || is_digit(c) || c == '.' || c == '-' || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_address_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || c == ':' || c == '.' || c == '[' || c == ']';
}

// What stands between the scheme and the path, without a user; empty if the text has another form ("mailto:...").
std::string_view authority_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#\\"));
  const auto user = url.rfind('@');
  return user == std::string_view::npos ? url : url.substr(user + 1);
}

// An address in brackets keeps them; its port, like every port, goes.
std::string_view without_port(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

}  // namespace

MatchTable::MatchTable(std::span<const QueryText> queries) {
  entries_.reserve(queries.size());
  for (const QueryText& query : queries) entries_.push_back({query.name, query.cloud, phrases_of(query.text)});
}

Match MatchTable::match(std::string_view cloud, const QuerySet& queries, std::string_view text) const {
  const bool phrase = std::ranges::any_of(entries_, [&](const Entry& entry) {
    return entry.cloud == cloud && queries.contains(entry.name) && classify(text, entry.phrases) == Match::phrase;
  });
  return phrase ? Match::phrase : Match::loose;
}

void DocumentBuilder::append(std::string& out, const Tweet& tweet, const CloudSet& clouds, const QuerySet& queries,
                             Time first_seen) {
  JsonWriter json{out};
  const std::string id = tweet.id.to_string();
  const std::string time = to_iso8601(tweet.time());
  json.begin_object();
  json.key("@timestamp").text(time).key("created_at").text(time);
  json.key("tweet_id").text(id).key("root_id").text(tweet.root.to_string());
  if (tweet.author) json.key("author_id").text(tweet.author->to_string());
  const std::string_view text = decoded(tweet.full_text());
  json.key("text").text(text);
  append_list(json, "cloud", clouds);
  append_list(json, "query", queries);
  append_matches(json, clouds, queries, text);
  if (!tweet.lang.empty()) json.key("lang").text(tweet.lang);
  url_.assign(permalink).append(id);
  json.key("url").text(url_).key("source").text("x");
  append_metrics(json, tweet.metrics);
  append_list(json, "hashtag", tweet.hashtags);
  append_list(json, "mentioned", tweet.mentioned);
  collect_domains(tweet);
  append_list(json, "domain", domains_);
  json.key("collected_at").text(to_iso8601(first_seen));
  json.end_object();
}

// Most texts have no entity, and are not copied.
std::string_view DocumentBuilder::decoded(std::string_view text) {
  if (text.find('&') == std::string_view::npos) return text;
  text_.clear();
  append_decoded(text_, text);
  return text_;
}

void DocumentBuilder::append_matches(JsonWriter& json, const CloudSet& clouds, const QuerySet& queries,
                                     std::string_view text) const {
  if (clouds.empty()) return;
  json.key("match").begin_object();
  for (const auto& cloud : clouds) json.key(cloud).text(to_text(matches_.match(cloud, queries, text)));
  json.end_object();
}

void DocumentBuilder::collect_domains(const Tweet& tweet) {
  domains_.clear();
  for (const auto url : tweet.urls) {
    std::string domain = domain_of(url);
    if (!domain.empty() && std::ranges::find(domains_, domain) == domains_.end()) domains_.push_back(std::move(domain));
  }
}

std::string domain_of(std::string_view url) {
  std::string host = lower(without_port(authority_of(url)));
  if (host.starts_with('[')) return std::ranges::all_of(host, is_address_character) ? host : std::string{};
  if (!std::ranges::all_of(host, is_host_character)) return {};
  if (host.ends_with('.')) host.pop_back();
  if (host.starts_with("www.")) host.erase(0, 4);
  return host;
}

}  // namespace mentiond::elastic
