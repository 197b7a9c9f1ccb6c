// What holds between keys, and what a query must be: each rule broken once, with its exact line and column.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/fingerprint.h"
#include "unit/config/loading.h"

namespace mentiond::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

const std::string one_query = "queries: [{name: aws, cloud: AWS, query: AWS Marketplace}]\n";

std::vector<std::string> mistakes_in_queries(const std::string& entries) {
  return mistakes_in("x: {bearer_token: t}\nqueries:\n" + entries);
}

TEST(Rules, ATokenIsNeeded) {
  EXPECT_THAT(
      mistakes_in(one_query + "x: {base_url: https://api.x.com}\n"),
      ElementsAre("2:1: x.bearer_token is missing; expected bearer_token: ${X_BEARER_TOKEN}, or bearer_token_file"));
}

TEST(Rules, ATokenIsGivenInOnePlace) {
  EXPECT_THAT(mistakes_in(one_query + "x:\n  bearer_token: t\n  bearer_token_file: /f\n"),
              ElementsAre("4:22: x.bearer_token and x.bearer_token_file exclude each other; expected one of them"));
}

TEST(Rules, ATokenOfTheWrongCharactersIsRefusedAndNotRepeated) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", ": is empty; give it a value, or leave the key out"},
      {"tok\nen", " holds a line break; expected one line"},
      {"token\n", " holds a line break; expected one line"},
      {"tok\ten", " holds a control character"},
      {"tok\x7f", " holds a control character"},
      {"tök", " holds a blank or a character outside ASCII; expected the token alone"},
      {"Bearer tok", " holds a blank or a character outside ASCII; expected the token alone"},
  };
  for (const auto& [token, mistake] : cases) {
    EXPECT_THAT(mistakes_in(one_query + "x: {bearer_token: \"${T}\"}\n", {{"T", token}}),
                ElementsAre("2:19: x.bearer_token" + mistake));
  }
}

TEST(Rules, ASecretDoesNotTravelInClearText) {
  EXPECT_THAT(
      mistakes_in(one_query + "x: {bearer_token: t, base_url: http://api.x.com}\n"),
      ElementsAre("2:32: the bearer token would go to api.x.com in clear text over http; expected https, or a host on "
                  "this machine"));
  EXPECT_THAT(mistakes_in(one_query + "x: {bearer_token: t, base_url: http://127.0.0.1:8080}\n"), IsEmpty());
  EXPECT_THAT(
      mistakes_in(minimal("elasticsearch:\n  urls: [http://127.0.0.1:9200, http://es.local:9200]\n  api_key: a:b\n")),
      ElementsAre(StartsWith("4:33: the API key would go to es.local in clear text over http; ")));
  EXPECT_THAT(mistakes_in(minimal("elasticsearch:\n  urls: [http://es.local:9200]\n  username: u\n  password: p\n")),
              ElementsAre(StartsWith("4:10: the password would go to es.local in clear text over http; ")));
  EXPECT_THAT(mistakes_in(minimal("elasticsearch:\n  urls: [http://es.local:9200]\n")), IsEmpty());
}

TEST(Rules, CredentialsInAUrlAreRefusedAndNotRepeated) {
  const auto mistakes = mistakes_in(minimal("elasticsearch:\n  urls: [\"https://me:hush@es.local\"]\n"));
  ASSERT_EQ(mistakes.size(), 1U);
  EXPECT_THAT(mistakes[0], StartsWith("4:10: elasticsearch.urls: credentials do not belong in a URL"));
  EXPECT_EQ(mistakes[0].find("hush"), std::string::npos);
}

TEST(Rules, UrlsAndCloudIdExcludeEachOther) {
  const std::string cloud_id = "c:dXMtZWFzdC0xLmF3cy5mb3VuZC5pbyRjZWM2ZjIkYzZjMg==";
  EXPECT_THAT(
      mistakes_in(minimal("elasticsearch:\n  cloud_id: " + cloud_id + "\n  urls: [https://a]\n")),
      ElementsAre("5:10: elasticsearch.urls and elasticsearch.cloud_id exclude each other; expected one of them"));
}

TEST(Rules, AnEmptyListOfUrlsIsRefused) {
  EXPECT_THAT(mistakes_in(minimal("elasticsearch: {urls: []}\n")),
              ElementsAre("3:1: elasticsearch.urls is empty; expected a node, such as [http://127.0.0.1:9200]"));
}

TEST(Rules, CredentialsAreOfOneKind) {
  EXPECT_THAT(
      mistakes_in(minimal("elasticsearch:\n  api_key: a:b\n  username: u\n  password: p\n")),
      ElementsAre("5:13: elasticsearch.api_key and elasticsearch.username exclude each other; expected one of them",
                  "6:13: elasticsearch.api_key and elasticsearch.password exclude each other; expected one of them"));
  EXPECT_THAT(
      mistakes_in(minimal("elasticsearch:\n  username: u\n")),
      testing::Contains("4:13: elasticsearch.username needs elasticsearch.password or elasticsearch.password_file"));
  EXPECT_THAT(mistakes_in(minimal("elasticsearch:\n  password: p\n")),
              ElementsAre("4:13: elasticsearch.password needs elasticsearch.username or elasticsearch.username_file"));
}

TEST(Rules, AnApiKeyOfNoKnownFormIsRefusedAndNotRepeated) {
  const auto mistakes = mistakes_in(minimal("elasticsearch:\n  api_key: nonsense!\n"));
  ASSERT_EQ(mistakes.size(), 1U);
  EXPECT_THAT(mistakes[0], StartsWith("4:12: elasticsearch: the API key is neither id:key nor valid"));
  EXPECT_EQ(mistakes[0].find("nonsense"), std::string::npos);
}

TEST(Rules, AUserNameWithAColonIsRefused) {
  EXPECT_THAT(mistakes_in(minimal("elasticsearch:\n  username: \"a:b\"\n  password: p\n")),
              ElementsAre("4:13: elasticsearch: a user name for Elasticsearch cannot hold a colon"));
}

TEST(Rules, FingerprintsMayBeWrittenAsToolsPrintThem) {
  const std::string digits(64, 'a');
  std::string paired = "AB";
  for (int pair = 1; pair < 32; ++pair) paired += ":cd";
  EXPECT_THAT(mistakes_in(minimal("elasticsearch: {ca_fingerprints: []}\n")), IsEmpty());
  const auto config = load_text(
      minimal("elasticsearch: {urls: [https://es:9200], ca_fingerprints: [" + digits + ", \"" + paired + "\"]}\n"),
      "m.yaml", environment_of({}));
  ASSERT_TRUE(config);
  const auto& pins = config->elasticsearch->http.trust.ca_fingerprints;
  ASSERT_EQ(pins.size(), 2U);
  EXPECT_EQ(http::to_text(pins[0]), digits);
  EXPECT_THAT(http::to_text(pins[1]), StartsWith("abcdcd"));
  for (const std::string& text : {std::string{"abcd"}, std::string(64, 'g'), paired + ":", std::string(66, 'a')}) {
    EXPECT_THAT(mistakes_in(minimal("elasticsearch: {ca_fingerprints: [\"" + text + "\"]}\n")),
                ElementsAre(testing::HasSubstr(" is no fingerprint; expected 64 hexadecimal digits")));
  }
}

TEST(Rules, APinThatGuardsNothingIsRefused) {
  const std::string pins = "ca_fingerprints: [" + std::string(64, 'a') + "]";
  const auto refused = ElementsAre(testing::HasSubstr("elasticsearch.ca_fingerprints guards https alone"));
  EXPECT_THAT(mistakes_in(minimal("elasticsearch: {" + pins + "}\n")), refused);
  EXPECT_THAT(mistakes_in(minimal("elasticsearch: {urls: [https://a, http://b], " + pins + "}\n")), refused);
  EXPECT_THAT(mistakes_in(minimal("elasticsearch: {urls: [https://a, https://b], " + pins + "}\n")), IsEmpty());
  EXPECT_THAT(mistakes_in(minimal("elasticsearch: {cloud_id: \"d:ZXhhbXBsZS5vcmckZXM=\", " + pins + "}\n")), IsEmpty());
}

TEST(Rules, AnAdminPortThatOtherMachinesReachEarnsAWarningWithoutAToken) {
  const auto warnings = [](const std::string& admin) {
    const auto config = load_text(minimal("admin: {" + admin + "}\n"), "m.yaml", environment_of({{"HOST", "0.0.0.0"}}));
    return config ? config->warnings : std::vector<std::string>{"a mistake"};
  };
  const auto warned = ElementsAre(StartsWith("admin.listen: other machines may reach it"));
  EXPECT_THAT(warnings("listen: \"0.0.0.0:9464\""), warned);
  EXPECT_THAT(warnings("listen: \"[::]:9464\""), warned);
  EXPECT_THAT(warnings("listen: \"${HOST}:9464\""), warned);
  EXPECT_THAT(warnings("listen: \"0.0.0.0:9464\", token: t"), IsEmpty());
  EXPECT_THAT(warnings("listen: \"127.0.0.1:9464\""), IsEmpty());
  EXPECT_THAT(warnings("listen: \"unix:/run/mentiond/admin.sock\""), IsEmpty());
}

TEST(Rules, AnAdminTokenComesFromOnePlace) {
  EXPECT_THAT(mistakes_in(minimal("admin:\n  token: t\n  token_file: /f\n")),
              testing::Contains("5:15: admin.token and admin.token_file exclude each other; expected one of them"));
  const auto config = load_text(minimal("admin: {token: \"${T}\"}\n"), "m.yaml", environment_of({{"T", "hush"}}));
  ASSERT_TRUE(config);
  EXPECT_EQ(config->admin.token()->reveal(), "hush");
  EXPECT_EQ(effective(*config).find("hush"), std::string::npos);
}

TEST(Rules, NoMessageShowsWhatAVariableHolds) {
  const Variables hush{{"HUSH", "hush"}, {"URL", "http://hush.example:80"}, {"UP", "HUSH"}, {"DAYS", "219h"}};
  const auto quiet = [&](const std::string& yaml) {
    const auto mistakes = mistakes_in(yaml, hush);
    EXPECT_FALSE(mistakes.empty()) << yaml;
    for (const auto& mistake : mistakes) {
      EXPECT_EQ(mistake.find("hush"), std::string::npos) << mistake;
      EXPECT_EQ(mistake.find("219h"), std::string::npos) << mistake;
    }
  };
  quiet(one_query + "x: {bearer_token: t, base_url: \"${URL}\"}\n");
  quiet(one_query + "x: {bearer_token: t, base_url: \"http://${HUSH}\"}\n");
  quiet(minimal("elasticsearch: {urls: [\"${URL}\"], api_key: \"a:b\"}\n"));
  quiet(
      "x: {bearer_token: t}\nqueries: [{name: \"${HUSH}\", cloud: A, query: q}, {name: \"${HUSH}\", cloud: A, "
      "query: q}]\n");
  quiet(
      "x: {bearer_token: t}\nqueries: [{name: a, cloud: \"${HUSH}\", query: q}, {name: b, cloud: \"${UP}\", "
      "query: q}]\n");
  quiet(minimal("ledger: {retention: \"${DAYS}\"}\n"));
}

TEST(Rules, EveryAndDailyAtExcludeEachOther) {
  EXPECT_THAT(mistakes_in(minimal("poll:\n  every: 15m\n  daily_at: 06:00\n")),
              ElementsAre("5:13: poll.every and poll.daily_at exclude each other; expected one of them"));
  EXPECT_THAT(mistakes_in_queries("  - {name: a, cloud: A, query: q, every: 1h, daily_at: 06:00}\n"),
              ElementsAre("3:56: queries[].every and queries[].daily_at exclude each other; expected one of them"));
}

TEST(Rules, RetentionIsInWholeDays) {
  EXPECT_THAT(mistakes_in(minimal("ledger: {retention: 200h}\n")),
              ElementsAre("3:21: ledger.retention: \"200h\" is not a whole number of days; expected such as 400d"));
  EXPECT_THAT(mistakes_in(minimal("ledger: {retention: 240h}\n")), IsEmpty());
}

TEST(Rules, AtLeastOneQueryIsNeeded) {
  EXPECT_THAT(mistakes_in("x: {bearer_token: t}\n"),
              ElementsAre(StartsWith("1:1: queries is missing or empty; expected ")));
  EXPECT_THAT(mistakes_in("x: {bearer_token: t}\nqueries: []\n"),
              ElementsAre(StartsWith("2:1: queries is missing or empty; expected ")));
}

TEST(Rules, AQueryNeedsNameCloudAndText) {
  EXPECT_THAT(mistakes_in_queries("  - {every: 1h}\n"),
              ElementsAre("3:5: queries[].name is missing; expected name, cloud and query",
                          "3:5: queries[].cloud is missing; expected name, cloud and query",
                          "3:5: queries[].query is missing; expected name, cloud and query"));
}

TEST(Rules, AnEmptyQueryIsRefused) {
  for (const auto* const text : {"", "   "}) {
    EXPECT_THAT(mistakes_in_queries("  - {name: a, cloud: A, query: \"" + std::string{text} + "\"}\n"),
                ElementsAre(StartsWith("3:32: queries[].query: is empty; expected what X shall be asked")));
  }
}

TEST(Rules, AQueryIsOneLine) {
  EXPECT_THAT(mistakes_in_queries("  - name: a\n    cloud: A\n    query: |\n      one\n      two\n"),
              ElementsAre(testing::HasSubstr("queries[].query: holds a line break, tab or control character")));
  EXPECT_THAT(mistakes_in_queries("  - name: a\n    cloud: A\n    query: >-\n      one\n      two\n"), IsEmpty());
}

TEST(Rules, AQueryHas512CharactersAtMostCountedAsUnicode) {
  std::string text;
  for (int i = 0; i < 512; ++i) text += "ü";
  EXPECT_THAT(mistakes_in_queries("  - {name: a, cloud: A, query: " + text + "}\n"), IsEmpty());
  EXPECT_THAT(mistakes_in_queries("  - {name: a, cloud: A, query: " + text + "x}\n"),
              ElementsAre("3:32: queries[].query: has 513 characters; X takes 512 at most: shorten or split it"));
}

TEST(Rules, NoTwoQueriesShareAName) {
  EXPECT_THAT(
      mistakes_in_queries("  - {name: a, cloud: A, query: q}\n  - {name: a, cloud: B, query: r}\n"),
      ElementsAre(
          "4:12: queries[].name: \"a\" is already the name of the query in line 3; expected a name of its own"));
}

TEST(Rules, NamesHaveHarmlessCharacters) {
  EXPECT_THAT(
      mistakes_in_queries("  - {name: a, cloud: Google Cloud, query: q}\n"),
      ElementsAre("3:22: queries[].cloud: \"Google Cloud\" is no name; expected 1 to 64 of the characters A-Z, a-z, "
                  "0-9, - and _"));
  for (const std::string& name : {std::string{}, std::string{"a.b"}, std::string{"ä"}, std::string(65, 'a')}) {
    EXPECT_THAT(mistakes_in_queries("  - {name: \"" + name + "\", cloud: A, query: q}\n"),
                ElementsAre(StartsWith("3:12: queries[].name: ")));
  }
  EXPECT_THAT(mistakes_in_queries("  - {name: Az_09-x, cloud: A, query: q}\n"), IsEmpty());
}

TEST(Rules, ACloudIsSpeltAlikeEverywhere) {
  EXPECT_THAT(mistakes_in_queries("  - {name: a, cloud: AWS, query: q}\n  - {name: b, cloud: Aws, query: r}\n"),
              ElementsAre(StartsWith("4:22: queries[].cloud: \"Aws\" differs from \"AWS\" in line 3 by case alone")));
  EXPECT_THAT(mistakes_in_queries("  - {name: a, cloud: AWS, query: q}\n  - {name: b, cloud: AWS, query: r}\n"),
              IsEmpty());
}

TEST(Rules, AProxyThatCannotBeUsedIsRefused) {
  EXPECT_THAT(mistakes_in(minimal(), {{"HTTPS_PROXY", "socks5://me:hush@proxy:1080"}}), testing::SizeIs(1));
  const auto config = load_text(minimal(), "m.yaml", environment_of({{"https_proxy", "socks5://me:hush@proxy"}}));
  ASSERT_FALSE(config);
  EXPECT_THAT(to_text(config.error().front()), StartsWith("m.yaml: the environment: HTTPS_PROXY: "));
  EXPECT_EQ(to_text(config.error().front()).find("hush"), std::string::npos);
}

TEST(Rules, ANameGivenManyTimesIsReportedOnceAQuery) {
  std::string entries;
  for (int i = 0; i < 50; ++i) entries += "- {name: same, cloud: AWS, query: AWS Marketplace}\n";
  EXPECT_EQ(mistakes_in_queries(entries).size(), 49U);
}

TEST(Rules, TheAdminSocketIsNotTheOneOfTheOperatorsVerbs) {
  EXPECT_THAT(mistakes_in("x: {bearer_token: t}\n" + one_query +
                          "ledger: {path: /tmp/l.db}\nadmin:\n  listen: unix:/tmp/l.db.sock\n"),
              ElementsAre("5:11: admin.listen: /tmp/l.db.sock is where operators' verbs reach the daemon (ledger.path "
                          "with .sock); expected another path"));
}

}  // namespace
}  // namespace mentiond::config
