#include "config/build.h"

#include <algorithm>

#include "config/check.h"
#include "config/units.h"
#include "elastic/api_key.h"
#include "elastic/auth.h"
#include "elastic/cloud_id.h"
#include "http/endpoint.h"
#include "http/fingerprint.h"
#include "http/proxy.h"

namespace mentiond::config {

namespace {

// Reads values that were checked before, hence the unchecked results.
class Values {
 public:
  explicit Values(const Group& group) : group_(group) {}
  [[nodiscard]] std::string text(std::string_view path) const { return std::string{group_.text(path)}; }
  [[nodiscard]] Millis duration(std::string_view path) const { return parse_duration(group_.text(path)).value(); }
  [[nodiscard]] std::int64_t count(std::string_view path) const { return parse_count(group_.text(path)).value(); }
  [[nodiscard]] std::int64_t size(std::string_view path) const { return parse_size(group_.text(path)).value(); }
  [[nodiscard]] double amount(std::string_view path) const { return parse_amount(group_.text(path)).value(); }
  [[nodiscard]] bool flag(std::string_view path) const { return group_.text(path) == "true"; }
  // The value that stands in the order of the key's choices.
  template <class Enum>
  [[nodiscard]] Enum choice(std::string_view path) const {
    const std::string_view choices = find_key(path)->choices;
    const std::string_view chosen = group_.text(path);
    std::size_t start = 0;
    int index = 0;
    while (choices.substr(start, choices.find('|', start) - start) != chosen) {
      start = choices.find('|', start) + 1;
      ++index;
    }
    return static_cast<Enum>(index);
  }

 private:
  const Group& group_;
};

http::ProxyEnvironment proxies(const Environment& environment) {
  const auto either = [&](const char* upper, const char* lower) {
    const auto value = environment(upper);
    return value && !value->empty() ? *value : environment(lower).value_or("");
  };
  return {either("HTTPS_PROXY", "https_proxy"), either("HTTP_PROXY", "http_proxy"), either("NO_PROXY", "no_proxy")};
}

// A query that has one of the two is free of the other, which may come from `poll`.
void read_schedule(const Group& group, std::string_view prefix, collect::Schedule& schedule) {
  const std::string every = std::string{prefix} + "every";
  const std::string daily_at = std::string{prefix} + "daily_at";
  if (const Value* const value = group.find(every)) {
    schedule = {.every = parse_duration(value->text).value(), .daily_at = std::nullopt};
  }
  if (const Value* const value = group.find(daily_at)) schedule.daily_at = parse_time_of_day(value->text);
}

collect::Options build_collect(const Draft& draft) {
  const Values values{draft.top};
  collect::Options options;
  options.vocabulary = values.choice<collect::VocabularyChoice>("x.vocabulary");
  options.expand_authors = values.flag("x.expand_authors");
  options.overlap = values.duration("poll.overlap");
  options.max_pages = static_cast<int>(values.count("poll.max_pages"));
  options.page_size = static_cast<int>(values.count("poll.page_size"));
  options.max_pending = values.count("ledger.max_pending");
  options.budget = {.posts_per_month = values.count("budget.posts_per_month"),
                    .month_starts = static_cast<unsigned>(values.count("budget.month_starts")),
                    .usd_per_post = values.amount("budget.usd_per_post"),
                    .usd_per_user = values.amount("budget.usd_per_user")};
  collect::Schedule schedule{.every = values.duration("poll.every"), .daily_at = std::nullopt};
  read_schedule(draft.top, "poll.", schedule);
  for (const Group& group : draft.queries) {
    const Values query{group};
    collect::QueryOptions& added = options.queries.emplace_back();
    added.name = query.text("queries[].name");
    added.cloud = query.text("queries[].cloud");
    added.text = query.text("queries[].query");
    added.schedule = schedule;
    read_schedule(group, query_prefix, added.schedule);
  }
  return options;
}

deliver::Options build_deliver(const Values& values, const std::vector<http::Endpoint>& endpoints) {
  deliver::Options options;
  options.index = values.text("elasticsearch.index");
  options.index_template = values.choice<deliver::TemplateChoice>("elasticsearch.template");
  options.batch_bytes = static_cast<std::size_t>(values.size("elasticsearch.batch_bytes"));
  options.batch_docs = static_cast<std::size_t>(values.count("elasticsearch.batch_docs"));
  options.flush_every = values.duration("elasticsearch.flush_every");
  options.retention = std::chrono::duration_cast<std::chrono::days>(values.duration("ledger.retention"));
  const std::string gzip = values.text("elasticsearch.gzip");
  const auto local = [](const http::Endpoint& endpoint) { return http::is_loopback(endpoint); };
  options.gzip = gzip == "on" || (gzip == "auto" && !std::all_of(endpoints.begin(), endpoints.end(), local));
  return options;
}

// The cluster's nodes: those of the cloud id, those that were listed, or the default.
std::vector<http::Endpoint> build_endpoints(const Draft& draft) {
  if (const Value* const cloud = draft.top.find("elasticsearch.cloud_id")) {
    return {http::parse_endpoint(elastic::decode_cloud_id(cloud->text).value()).value()};
  }
  const auto urls = draft.top.values.find("elasticsearch.urls");
  if (urls == draft.top.values.end()) return {http::parse_endpoint(find_key("elasticsearch.urls")->fallback).value()};
  std::vector<http::Endpoint> endpoints;
  for (const Value& url : urls->second) endpoints.push_back(http::parse_endpoint(url.text).value());
  return endpoints;
}

http::Trust build_trust(const Draft& draft) {
  http::Trust trust;
  trust.ca_file = draft.top.text("elasticsearch.ca_file");
  const auto pins = draft.top.values.find("elasticsearch.ca_fingerprints");
  if (pins == draft.top.values.end()) return trust;
  for (const Value& pin : pins->second) trust.ca_fingerprints.push_back(http::parse_fingerprint(pin.text).value());
  return trust;
}

class Builder {
 public:
  Builder(const std::string& file, const Environment& environment, Mistakes& mistakes)
      : file_(file), environment_(environment), mistakes_(mistakes) {}

  Config build(Draft draft) {
    const Values values{draft.top};
    Config config;
    config.x_http.endpoints = {http::parse_endpoint(values.text("x.base_url")).value()};
    config.bearer_token = secret(draft, "x.bearer_token", SecretSource::Kind::token);
    config.collect = build_collect(draft);
    config.ledger.path = values.text("ledger.path");
    config.ledger.retention = std::chrono::duration_cast<std::chrono::days>(values.duration("ledger.retention"));
    config.ledger.max_pending = values.count("ledger.max_pending");
    if (draft.sections.contains("elasticsearch")) build_elasticsearch(draft, config);
    build_admin(draft, config);
    config.log = {.level = values.choice<telemetry::Level>("log.level"),
                  .format = values.choice<telemetry::Format>("log.format")};
    config.shutdown_grace = values.duration("shutdown_grace");
    config.x_http.proxy = proxies(environment_);
    check_proxy(config.x_http);
    if (config.elasticsearch) check_proxy(config.elasticsearch->http);
    config.draft = std::move(draft);
    return config;
  }

 private:
  void report(Place place, std::string message) { mistakes_.push_back({file_, place, std::move(message)}); }

  // The environment has no line: it is reported for the file as a whole.
  void check_proxy(const http::Options& options) {
    for (const http::Endpoint& endpoint : options.endpoints) {
      const auto proxy = http::choose_proxy(options.proxy, endpoint);
      if (!proxy) report({}, "the environment: " + proxy.error().message);
    }
  }

  // The secret of `path` or of `path`_file, tried out. Nothing if neither is given.
  SecretSource secret(const Draft& draft, const std::string& path, SecretSource::Kind kind) {
    SecretSource source;
    const Value* value = draft.top.find(path);
    if (value != nullptr) source = SecretSource::inline_value(Secret{value->text}, kind);
    const std::string from_file = path + "_file";
    const bool in_file = value == nullptr && draft.top.find(from_file) != nullptr;
    if (in_file) {
      value = draft.top.find(from_file);
      const auto file_path = secret_path(value->text, environment_);
      if (!file_path) {
        report(value->place, from_file + ": " + file_path.error().message);
        return source;
      }
      source = SecretSource::file(*file_path, kind, keeper_of(*file_path, environment_));
    }
    if (!source.configured()) return source;
    if (const auto read = source.read(); !read) {
      report(value->place, (in_file ? from_file + ": " : path + " ") + read.error().message);
    }
    return source;
  }

  void build_admin(const Draft& draft, Config& config) {
    Listen listen = parse_listen(draft.top.text("admin.listen")).value();
    config.admin.host = std::move(listen.host);
    config.admin.port = listen.port;
    config.admin.socket = std::move(listen.socket);
    const SecretSource token = secret(draft, "admin.token", SecretSource::Kind::token);
    if (token.configured()) {
      config.admin.token = [token] { return token.read(); };
    } else if (config.admin.socket.empty() && !http::is_loopback(config.admin.host)) {
      config.warnings.emplace_back(
          "admin.listen: other machines may reach it, and whoever does reads how this daemon stands; set "
          "admin.token_file, or listen on 127.0.0.1 or unix:/path, if the network is not a closed one");
    }
  }

  void build_elasticsearch(const Draft& draft, Config& config) {
    const Values values{draft.top};
    Elasticsearch& elastic = config.elasticsearch.emplace();
    elastic.http.endpoints = build_endpoints(draft);
    elastic.http.trust = build_trust(draft);
    elastic.http.proxy = proxies(environment_);
    elastic.deliver = build_deliver(values, elastic.http.endpoints);
    const std::size_t before = mistakes_.size();
    elastic.credentials.api_key = secret(draft, "elasticsearch.api_key", SecretSource::Kind::text);
    elastic.credentials.username = secret(draft, "elasticsearch.username", SecretSource::Kind::text);
    elastic.credentials.password = secret(draft, "elasticsearch.password", SecretSource::Kind::text);
    if (mistakes_.size() > before) return;
    if (const auto authorization = elastic.credentials.authorization(); !authorization) {
      report(place_of_credentials(draft), "elasticsearch: " + authorization.error().message);
    }
  }

  static Place place_of_credentials(const Draft& draft) {
    for (const auto* const path : {"elasticsearch.api_key", "elasticsearch.api_key_file", "elasticsearch.username",
                                   "elasticsearch.username_file"}) {
      if (const Value* const value = draft.top.find(path)) return value->place;
    }
    return draft.top.place;
  }

  const std::string& file_;
  const Environment& environment_;
  Mistakes& mistakes_;
};

}  // namespace

Result<Secret> Credentials::authorization() const {
  if (api_key.configured()) {
    const auto key = api_key.read();
    if (!key) return key.error();
    return elastic::api_key_authorization(*key);
  }
  if (!username.configured()) return Secret{};
  const auto user = username.read();
  if (!user) return user.error();
  const auto secret = password.read();
  if (!secret) return secret.error();
  return elastic::basic_authorization(user->reveal(), *secret);
}

Config build(Draft draft, const std::string& file, const Environment& environment, Mistakes& mistakes) {
  return Builder{file, environment, mistakes}.build(std::move(draft));
}

}  // namespace mentiond::config
