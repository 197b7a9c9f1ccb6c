#include "config/rules.h"

#include <algorithm>
#include <chrono>
#include <span>

#include "admin/options.h"
#include "base/ascii.h"
#include "config/units.h"
#include "http/endpoint.h"

namespace mentiond::config {

namespace {

class Rules {
 public:
  Rules(const Draft& draft, const std::string& file, Mistakes& mistakes)
      : draft_(draft), file_(file), mistakes_(mistakes) {}

  void check() {
    check_x();
    exclusive(draft_.top, "poll.every", "poll.daily_at");
    check_queries();
    check_ledger();
    if (draft_.sections.contains("elasticsearch")) check_elasticsearch();
    exclusive(draft_.top, "admin.token", "admin.token_file");
    check_admin_socket();
  }

 private:
  void report(Place place, std::string message) { mistakes_.push_back({file_, place, std::move(message)}); }

  // Where to point at for what is missing in a section.
  [[nodiscard]] Place section(std::string_view name) const {
    const auto found = draft_.sections.find(name);
    return found == draft_.sections.end() ? draft_.top.place : found->second;
  }

  // At the later of the two, where the eye will be.
  void exclusive(const Group& group, std::string_view one, std::string_view other) {
    const Value* const first = group.find(one);
    const Value* const second = group.find(other);
    if (first == nullptr || second == nullptr) return;
    report(std::max(first->place, second->place),
           std::string{one} + " and " + std::string{other} + " exclude each other; expected one of them");
  }

  void needs(std::string_view one, std::string_view other) {
    const Group& top = draft_.top;
    const std::string file_of_other = std::string{other} + "_file";
    const Value* const value = top.find(one);
    if (value == nullptr || top.has(other) || top.has(file_of_other)) return;
    report(value->place, std::string{one} + " needs " + std::string{other} + " or " + file_of_other);
  }

  void check_clear_text(const Value& url, std::string_view key, std::string_view secret) {
    const auto endpoint = http::parse_endpoint(url.text);
    if (!endpoint || endpoint->tls || http::is_loopback(*endpoint)) return;
    const std::string host = url.written == url.text ? endpoint->host : "the host of " + std::string{key};
    report(url.place, "the " + std::string{secret} + " would go to " + host +
                          " in clear text over http; expected https, or a host on this machine");
  }

  void check_x() {
    const Group& top = draft_.top;
    exclusive(top, "x.bearer_token", "x.bearer_token_file");
    if (!top.has("x.bearer_token") && !top.has("x.bearer_token_file")) {
      report(section("x"), "x.bearer_token is missing; expected bearer_token: ${X_BEARER_TOKEN}, or bearer_token_file");
    }
    if (const Value* const url = top.find("x.base_url")) check_clear_text(*url, "x.base_url", "bearer token");
  }

  void check_queries() {
    if (draft_.queries.empty()) {
      const bool list_is_wrong = std::any_of(mistakes_.begin(), mistakes_.end(), [&](const Mistake& mistake) {
        return mistake.message.starts_with("queries");
      });
      if (list_is_wrong) return;
      report(section("queries"),
             "queries is missing or empty; expected at least one, such as - {name: aws, cloud: AWS, query: \"AWS "
             "Marketplace\"}");
    }
    for (std::size_t i = 0; i < draft_.queries.size(); ++i) check_query(draft_.queries[i], i);
  }

  void check_query(const Group& query, std::size_t index) {
    exclusive(query, "queries[].every", "queries[].daily_at");
    for (const std::string_view path : {"queries[].name", "queries[].cloud", "queries[].query"}) {
      if (!query.has(path)) report(query.place, std::string{path} + " is missing; expected name, cloud and query");
    }
    // Quadratic, in a list that a person writes by hand; the first likeness of each kind is enough to mend.
    const auto earlier = std::span{draft_.queries}.first(index);
    check_name(query, earlier);
    check_cloud(query, earlier);
  }

  void check_name(const Group& query, std::span<const Group> earlier) {
    const Value* const name = query.find("queries[].name");
    if (name == nullptr) return;
    for (const Group& other : earlier) {
      const Value* const taken = other.find("queries[].name");
      if (taken == nullptr || taken->text != name->text) continue;
      return report(name->place, "queries[].name: \"" + name->written + "\" is already the name of the query in line " +
                                     std::to_string(taken->place.line) + "; expected a name of its own");
    }
  }

  void check_cloud(const Group& query, std::span<const Group> earlier) {
    const Value* const cloud = query.find("queries[].cloud");
    if (cloud == nullptr) return;
    for (const Group& other : earlier) {
      const Value* const known = other.find("queries[].cloud");
      if (known == nullptr || known->text == cloud->text || lower(known->text) != lower(cloud->text)) continue;
      return report(cloud->place, "queries[].cloud: \"" + cloud->written + "\" differs from \"" + known->written +
                                      "\" in line " + std::to_string(known->place.line) +
                                      " by case alone and would count apart; expected one spelling");
    }
  }

  void check_ledger() {
    const Value* const retention = draft_.top.find("ledger.retention");
    if (retention == nullptr) return;
    const auto length = parse_duration(retention->text);
    if (length && *length % std::chrono::days{1} != Millis{0}) {
      report(retention->place, "ledger.retention: \"" + retention->written +
                                   "\" is not a whole number of days; expected "
                                   "such as 400d");
    }
  }

  void check_elasticsearch() {
    const Group& top = draft_.top;
    exclusive(top, "elasticsearch.urls", "elasticsearch.cloud_id");
    exclusive(top, "elasticsearch.api_key", "elasticsearch.api_key_file");
    exclusive(top, "elasticsearch.username", "elasticsearch.username_file");
    exclusive(top, "elasticsearch.password", "elasticsearch.password_file");
    for (const auto* const key : {"elasticsearch.api_key", "elasticsearch.api_key_file"}) {
      for (const auto* const other : {"elasticsearch.username", "elasticsearch.username_file", "elasticsearch.password",
                                      "elasticsearch.password_file"}) {
        exclusive(top, key, other);
      }
    }
    for (const auto* const suffix : {"", "_file"}) {
      needs(std::string{"elasticsearch.username"} + suffix, "elasticsearch.password");
      needs(std::string{"elasticsearch.password"} + suffix, "elasticsearch.username");
    }
    const auto urls = top.values.find("elasticsearch.urls");
    if (urls != top.values.end()) check_urls(urls->second);
    check_pins();
  }

  // A pin that guards nothing is a mistake of whoever relies on it.
  void check_pins() {
    const Value* const pin = draft_.top.find("elasticsearch.ca_fingerprints");
    if (pin == nullptr || draft_.top.has("elasticsearch.cloud_id")) return;
    const auto urls = draft_.top.values.find("elasticsearch.urls");
    const auto plain = [](const Value& url) {
      const auto endpoint = http::parse_endpoint(url.text);
      return endpoint && !endpoint->tls;
    };
    if (urls == draft_.top.values.end() || std::any_of(urls->second.begin(), urls->second.end(), plain)) {
      report(pin->place,
             "elasticsearch.ca_fingerprints guards https alone, and a node of elasticsearch.urls is plain http; "
             "expected https for all of them");
    }
  }

  // A node that is wrong by itself was reported as such: the list is not called empty on top of it.
  void check_urls(const std::vector<Value>& urls) {
    const Group& top = draft_.top;
    const bool with_key = top.has("elasticsearch.api_key") || top.has("elasticsearch.api_key_file");
    const bool with_password = top.has("elasticsearch.password") || top.has("elasticsearch.password_file");
    if (with_key || with_password) {
      const std::string_view secret = with_key ? "API key" : "password";
      for (const Value& url : urls) check_clear_text(url, "elasticsearch.urls", secret);
    }
    const bool all_wrong = std::any_of(mistakes_.begin(), mistakes_.end(), [](const Mistake& mistake) {
      return mistake.message.starts_with("elasticsearch.urls");
    });
    if (urls.empty() && !all_wrong) {
      report(section("elasticsearch"), "elasticsearch.urls is empty; expected a node, such as [http://127.0.0.1:9200]");
    }
  }

  void check_admin_socket() {
    const Value* const listen = draft_.top.find("admin.listen");
    const std::string taken = admin::control_path(std::string{draft_.top.text("ledger.path")});
    if (listen == nullptr || listen->text != "unix:" + taken) return;
    report(listen->place, "admin.listen: " + taken +
                              " is where operators' verbs reach the daemon (ledger.path with "
                              ".sock); expected another path");
  }

  const Draft& draft_;
  const std::string& file_;
  Mistakes& mistakes_;
};

}  // namespace

void check_rules(const Draft& draft, const std::string& file, Mistakes& mistakes) {
  Rules{draft, file, mistakes}.check();
}

}  // namespace mentiond::config
