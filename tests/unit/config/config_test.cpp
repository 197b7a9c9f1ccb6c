// From a file to the rooms' options and back to a file.
#include "config/config.h"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/keys.h"
#include "unit/config/loading.h"

namespace mentiond::config {
namespace {

using namespace std::chrono_literals;

const Variables sample_variables = {{"X_BEARER_TOKEN", "AAAA"}, {"ES_API_KEY", "id:key"}};

std::string read_source(const std::string& path) {
  std::ifstream in{source_path(path)};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

Config loaded(std::string_view yaml, Variables variables = {}) {
  auto config = load_text(yaml, "m.yaml", environment_of(std::move(variables)));
  if (!config) {
    for (const Mistake& mistake : config.error()) ADD_FAILURE() << to_text(mistake);
    return {};
  }
  return std::move(*config);
}

// Every key with a value that is not its default.
constexpr std::string_view everything = R"(x:
  base_url: https://x.example/prefix/
  bearer_token: token
  vocabulary: post
  expand_authors: true
poll: {daily_at: "06:30", overlap: 5m, max_pages: 3, page_size: 50}
queries:
  - {name: aws, cloud: AWS, query: "AWS Marketplace \"x\" $AMZN $${A}"}
  - {name: gcp, cloud: GCP, query: GCP Marketplace, every: 30m}
  - {name: azure, cloud: Azure, query: Azure Marketplace, daily_at: 23:59}
budget: {posts_per_month: 0, month_starts: 28, usd_per_post: 0.01, usd_per_user: 0.02}
ledger: {path: "/tmp/my ledger.db", retention: 30d, max_pending: 5}
elasticsearch:
  urls: [https://a.example:9200, "https://[2001:db8::1]"]
  username: elastic
  password: pass word
  index: other_%Y.%m
  template: expect
  ca_file: /etc/ca.pem
  batch_bytes: 1MiB
  batch_docs: 10
  flush_every: 500ms
  gzip: off
admin: {listen: "[::1]:0"}
log: {level: warn, format: json}
shutdown_grace: 0s
)";

TEST(Config, EveryKeyReachesItsOption) {
  const Config config = loaded(everything);
  EXPECT_EQ(config.x_http.endpoints, (std::vector{http::Endpoint{true, "x.example", 443, "/prefix"}}));
  EXPECT_EQ(config.bearer_token.read()->reveal(), "token");
  EXPECT_EQ(config.collect.vocabulary, collect::VocabularyChoice::post);
  EXPECT_TRUE(config.collect.expand_authors);
  EXPECT_EQ(config.collect.overlap, 5min);
  EXPECT_EQ(config.collect.max_pages, 3);
  EXPECT_EQ(config.collect.page_size, 50);
  EXPECT_EQ(config.collect.max_pending, 5);
  EXPECT_EQ(config.collect.budget.posts_per_month, 0);
  EXPECT_EQ(config.collect.budget.month_starts, 28U);
  EXPECT_EQ(config.collect.budget.usd_per_post, 0.01);
  EXPECT_EQ(config.collect.budget.usd_per_user, 0.02);
  EXPECT_EQ(config.ledger.path, "/tmp/my ledger.db");
  EXPECT_EQ(config.ledger.retention, std::chrono::days{30});
  EXPECT_EQ(config.ledger.max_pending, 5);
  EXPECT_EQ(config.admin.host, "::1");
  EXPECT_EQ(config.admin.port, 0);
  EXPECT_EQ(config.log.level, telemetry::Level::warn);
  EXPECT_EQ(config.log.format, telemetry::Format::json);
  EXPECT_EQ(config.shutdown_grace, 0s);
}

TEST(Config, EveryKeyOfElasticsearchReachesItsOption) {
  const Config config = loaded(everything);
  ASSERT_TRUE(config.elasticsearch);
  const auto& [http, deliver, credentials] = *config.elasticsearch;
  EXPECT_EQ(http.endpoints,
            (std::vector{http::Endpoint{true, "a.example", 9200, ""}, http::Endpoint{true, "2001:db8::1", 443, ""}}));
  EXPECT_EQ(http.trust.ca_file, "/etc/ca.pem");
  EXPECT_EQ(credentials.authorization()->reveal(), "Basic ZWxhc3RpYzpwYXNzIHdvcmQ=");
  EXPECT_EQ(deliver.index, "other_%Y.%m");
  EXPECT_EQ(deliver.index_template, deliver::TemplateChoice::expect);
  EXPECT_EQ(deliver.batch_bytes, 1'048'576U);
  EXPECT_EQ(deliver.batch_docs, 10U);
  EXPECT_EQ(deliver.flush_every, 500ms);
  EXPECT_FALSE(deliver.gzip);
  EXPECT_EQ(deliver.retention, std::chrono::days{30});
}

TEST(Config, AQuerysOwnScheduleStandsBeforeThatOfPoll) {
  const Config config = loaded(everything);
  const auto& queries = config.collect.queries;
  ASSERT_EQ(queries.size(), 3U);
  EXPECT_EQ(queries[0].name, "aws");
  EXPECT_EQ(queries[0].cloud, "AWS");
  EXPECT_EQ(queries[0].text, "AWS Marketplace \"x\" $AMZN ${A}");
  EXPECT_EQ(queries[0].schedule.daily_at, 390min);
  EXPECT_EQ(queries[1].schedule.daily_at, std::nullopt);
  EXPECT_EQ(queries[1].schedule.every, 30min);
  EXPECT_EQ(queries[2].schedule.daily_at, 23h + 59min);
}

TEST(Config, TheTablesDefaultsAreThoseOfTheOptions) {
  const Config config = loaded(minimal("elasticsearch: {}\n"));
  const collect::Options collect;
  EXPECT_EQ(config.collect.vocabulary, collect.vocabulary);
  EXPECT_EQ(config.collect.expand_authors, collect.expand_authors);
  EXPECT_EQ(config.collect.overlap, collect.overlap);
  EXPECT_EQ(config.collect.max_pages, collect.max_pages);
  EXPECT_EQ(config.collect.page_size, collect.page_size);
  EXPECT_EQ(config.collect.max_pending, collect.max_pending);
  EXPECT_EQ(config.collect.budget.posts_per_month, collect.budget.posts_per_month);
  EXPECT_EQ(config.collect.budget.month_starts, collect.budget.month_starts);
  EXPECT_EQ(config.collect.budget.usd_per_post, collect.budget.usd_per_post);
  EXPECT_EQ(config.collect.budget.usd_per_user, collect.budget.usd_per_user);
  EXPECT_EQ(config.collect.queries[0].schedule.every, collect::Schedule{}.every);
  EXPECT_EQ(config.collect.queries[0].schedule.daily_at, std::nullopt);
  EXPECT_EQ(config.ledger.path, ledger::Options{}.path);
  EXPECT_EQ(config.ledger.retention, ledger::Options{}.retention);
  EXPECT_EQ(config.ledger.max_pending, ledger::Options{}.max_pending);
  EXPECT_EQ(config.admin.host, admin::Options{}.host);
  EXPECT_EQ(config.admin.port, admin::Options{}.port);
  EXPECT_EQ(config.log.level, telemetry::Options{}.level);
  EXPECT_EQ(config.log.format, telemetry::Options{}.format);
  EXPECT_EQ(config.shutdown_grace, Config{}.shutdown_grace);
  const deliver::Options deliver;
  ASSERT_TRUE(config.elasticsearch);
  EXPECT_EQ(config.elasticsearch->deliver.index, deliver.index);
  EXPECT_EQ(config.elasticsearch->deliver.index_template, deliver.index_template);
  EXPECT_EQ(config.elasticsearch->deliver.batch_bytes, deliver.batch_bytes);
  EXPECT_EQ(config.elasticsearch->deliver.batch_docs, deliver.batch_docs);
  EXPECT_EQ(config.elasticsearch->deliver.flush_every, deliver.flush_every);
  EXPECT_EQ(config.elasticsearch->deliver.retention, deliver.retention);
}

TEST(Config, TheOptionsOfEachChoiceAreInTheOrderOfItsEnumeration) {
  const auto vocabulary = [](const std::string& text) {
    return loaded("x: {bearer_token: t, vocabulary: " + text + "}\nqueries: [{name: a, cloud: A, query: q}]\n")
        .collect.vocabulary;
  };
  EXPECT_EQ(vocabulary("auto"), collect::VocabularyChoice::automatic);
  EXPECT_EQ(vocabulary("tweet"), collect::VocabularyChoice::tweet);
  const auto log = [](const std::string& text) { return loaded(minimal("log: {" + text + "}")).log; };
  EXPECT_EQ(log("level: debug").level, telemetry::Level::debug);
  EXPECT_EQ(log("level: error").level, telemetry::Level::error);
  EXPECT_EQ(log("format: text").format, telemetry::Format::text);
  EXPECT_EQ(log("format: logfmt").format, telemetry::Format::logfmt);
  const auto choice = [](const std::string& text) {
    return loaded(minimal("elasticsearch: {template: " + text + "}")).elasticsearch->deliver.index_template;
  };
  EXPECT_EQ(choice("install"), deliver::TemplateChoice::install);
  EXPECT_EQ(choice("none"), deliver::TemplateChoice::none);
}

TEST(Config, WithoutASectionForElasticsearchTheLedgerIsTheStore) { EXPECT_FALSE(loaded(minimal()).elasticsearch); }

TEST(Config, GzipIsOnByItselfExceptWhereEveryNodeIsOnThisMachine) {
  const auto gzip = [](const std::string& text) {
    return loaded(minimal("elasticsearch: {" + text + "}")).elasticsearch->deliver.gzip;
  };
  EXPECT_FALSE(gzip("urls: [http://127.0.0.1:9200, http://localhost:9201]"));
  EXPECT_TRUE(gzip("urls: [http://127.0.0.1:9200, https://far.example]"));
  EXPECT_TRUE(gzip("urls: [http://127.0.0.1:9200], gzip: on"));
  EXPECT_FALSE(gzip("urls: [https://far.example], gzip: off"));
}

TEST(Config, ACloudIdBecomesItsEndpoint) {
  const auto config = loaded(
      minimal("elasticsearch: {cloud_id: \"c:dXMtZWFzdC0xLmF3cy5mb3VuZC5pbyRjZWM2ZjIkYzZjMg==\", api_key: a:b}"));
  EXPECT_EQ(config.elasticsearch->http.endpoints,
            (std::vector{http::Endpoint{true, "cec6f2.us-east-1.aws.found.io", 443, ""}}));
  EXPECT_EQ(config.elasticsearch->credentials.authorization()->reveal(), "ApiKey YTpi");
  EXPECT_TRUE(config.elasticsearch->deliver.gzip);
}

TEST(Config, ProxiesComeFromTheEnvironmentInEitherCase) {
  const Config upper = loaded(minimal("elasticsearch: {}"), {{"HTTPS_PROXY", "http://p:1"}, {"NO_PROXY", "a"}});
  EXPECT_EQ(upper.x_http.proxy.https_proxy, "http://p:1");
  EXPECT_EQ(upper.elasticsearch->http.proxy.no_proxy, "a");
  const Config lower = loaded(minimal(), {{"https_proxy", "http://q:2"}, {"http_proxy", "r"}, {"no_proxy", "*"}});
  EXPECT_EQ(lower.x_http.proxy.https_proxy, "http://q:2");
  EXPECT_EQ(lower.x_http.proxy.http_proxy, "r");
  EXPECT_EQ(lower.x_http.proxy.no_proxy, "*");
}

TEST(Config, TheSampleLoadsAndIsTheDefaults) {
  const auto config = load_file(source_path("etc/mentiond.yaml"), environment_of(sample_variables));
  ASSERT_TRUE(config) << to_text(config.error().front());
  EXPECT_EQ(config->collect.queries.size(), 3U);
  EXPECT_EQ(config->collect.queries[2].schedule.every, 30min);
  for (const Key& key : all_keys()) {
    const Value* const value = config->draft.top.find(key.path);
    if (value != nullptr && key.type != Type::secret) {
      EXPECT_EQ(value->text, key.fallback) << key.path;
    }
  }
}

TEST(Config, TheSampleNamesEveryKeyWithADefault) {
  const std::string sample = read_source("etc/mentiond.yaml");
  for (const Key& key : all_keys()) {
    if (key.fallback.empty()) continue;
    const std::string name{key.path.substr(key.path.rfind('.') + 1)};
    EXPECT_NE(sample.find(name + ":"), std::string::npos) << key.path;
  }
}

// Puts a secret back where effective() shows it masked.
std::string unmasked(std::string text, const std::string& key, const std::string& secret) {
  const std::string masked = key + ": \"***\"\n";
  const auto at = text.find(masked);
  if (at == std::string::npos) return "no " + masked + " in:\n" + text;
  return text.replace(at, masked.size(), key + ": \"" + secret + "\"\n");
}

TEST(Config, TheEffectiveConfigurationLoadsAsTheSameOnceSecretsArePutBack) {
  const Config config = loaded(everything);
  const std::string shown = effective(config);
  EXPECT_EQ(shown.find("pass word"), std::string::npos);
  const std::string again = unmasked(unmasked(shown, "bearer_token", "token"), "password", "pass word");
  const Config reloaded = loaded(again);
  EXPECT_EQ(effective(reloaded), shown);
  EXPECT_EQ(reloaded.collect.queries[0].text, config.collect.queries[0].text);
  EXPECT_EQ(reloaded.collect.queries[0].schedule.daily_at, 390min);
  EXPECT_EQ(reloaded.elasticsearch->http.endpoints, config.elasticsearch->http.endpoints);
  EXPECT_EQ(reloaded.ledger.path, config.ledger.path);
}

TEST(Config, TheEffectiveConfigurationFillsInEveryDefault) {
  const std::string shown = effective(loaded(minimal("elasticsearch: {}\n")));
  for (const Key& key : all_keys()) {
    if (key.fallback.empty()) continue;
    const std::string name{key.path.substr(key.path.rfind('.') + 1)};
    EXPECT_NE(shown.find(name + ": "), std::string::npos) << key.path << " in\n" << shown;
  }
  EXPECT_NE(shown.find("  bearer_token: \"***\"\n"), std::string::npos);
  EXPECT_NE(shown.find("  urls: [http://127.0.0.1:9200]\n"), std::string::npos);
  EXPECT_NE(shown.find("  gzip: auto  # off\n"), std::string::npos);
  EXPECT_EQ(effective(loaded(minimal())).find("elasticsearch"), std::string::npos);
}

TEST(Config, TheEffectiveConfigurationShowsNoDefaultThatAnotherKeyReplaces) {
  const std::string shown = effective(loaded(everything));
  EXPECT_EQ(shown.find("  every: 15m"), std::string::npos);
  EXPECT_NE(shown.find("    every: 30m"), std::string::npos);
}

// The rows of docs/configuration.md that describe a key: | `key` | type | `default` | effect |
struct Documented {
  std::string path, type, fallback, effect;
};
std::vector<Documented> documented_keys() {
  std::vector<Documented> rows;
  std::istringstream lines{read_source("docs/configuration.md")};
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| `")) continue;
    std::vector<std::string> cells;
    std::istringstream row{line.substr(1)};
    for (std::string cell; std::getline(row, cell, '|');) {
      const auto first = cell.find_first_not_of(" ");
      cells.push_back(first == std::string::npos ? "" : cell.substr(first, cell.find_last_not_of(" ") - first + 1));
    }
    const auto bare = [](const std::string& cell) { return cell.size() < 2 ? cell : cell.substr(1, cell.size() - 2); };
    rows.push_back({bare(cells.at(0)), cells.at(1), bare(cells.at(2)), cells.at(3)});
  }
  return rows;
}

TEST(Documentation, EveryDocumentedKeyExistsWithThatTypeDefaultAndEffect) {
  const auto rows = documented_keys();
  EXPECT_EQ(rows.size(), all_keys().size());
  for (const Documented& row : rows) {
    const Key* const key = find_key(row.path);
    ASSERT_NE(key, nullptr) << row.path;
    EXPECT_EQ(row.type, describe_type(*key)) << row.path;
    EXPECT_EQ(row.fallback, key->fallback) << row.path;
    EXPECT_THAT(row.effect, testing::StartsWith(std::string{key->doc})) << row.path;
  }
}

TEST(Documentation, EveryKeyIsDocumented) {
  const auto rows = documented_keys();
  for (const Key& key : all_keys()) {
    EXPECT_TRUE(std::any_of(rows.begin(), rows.end(), [&](const Documented& row) { return row.path == key.path; }))
        << key.path;
  }
}

}  // namespace
}  // namespace mentiond::config
