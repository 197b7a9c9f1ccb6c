// Each kind of mistake in one key, with its exact line and column.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/config/loading.h"

namespace mentiond::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

TEST(Mistakes, TheLeastThatLoadsHasNone) { EXPECT_THAT(mistakes_in(minimal()), IsEmpty()); }

TEST(Mistakes, AMistakeIsToldAsFileLineColumn) {
  EXPECT_EQ(to_text(Mistake{"m.yaml", {3, 7}, "no"}), "m.yaml:3:7: no");
  EXPECT_EQ(to_text(Mistake{"m.yaml", {}, "no"}), "m.yaml: no");
}

TEST(Mistakes, AllAreReportedInOneGoInTheOrderOfTheFile) {
  EXPECT_THAT(mistakes_in(minimal("poll:\n  evry: 15m\n  page_size: 5\nlog: {level: loud}\n")),
              ElementsAre("4:3: unknown key poll.evry; did you mean poll.every?",
                          "5:14: poll.page_size: \"5\" is out of range; expected 10 to 100",
                          "6:14: log.level: \"loud\" is not known; expected debug, info, warn or error"));
}

TEST(Mistakes, YamlSyntaxErrorsBearTheirPlace) {
  EXPECT_THAT(mistakes_in(minimal("poll: every: 5m\n")), ElementsAre(StartsWith("3:12: not valid YAML: ")));
  EXPECT_THAT(mistakes_in("x:\n\tbase_url: a\n"),
              ElementsAre("2:1: not valid YAML: a tab in the indent; expected blanks"));
  EXPECT_THAT(mistakes_in("a: *nope\n"), ElementsAre(StartsWith("1:4: not valid YAML: ")));
  EXPECT_THAT(mistakes_in("a: [1,\n"), ElementsAre(StartsWith("2:1: not valid YAML: ")));
}

TEST(Mistakes, AQuoteThatIsNeverClosedIsFound) {
  EXPECT_THAT(mistakes_in("queries: [{name: aws, cloud: AWS, query: AWS Marketplace}]\nx: {}\nlog:\n  level: 'info\n"),
              testing::Contains("4:10: not valid YAML: a quote that is never closed; look for its missing end"));
  EXPECT_THAT(mistakes_in(minimal("log: {level: 'in''fo'}\n")), ElementsAre(StartsWith("3:14: log.level: \"in'fo\"")));
  EXPECT_THAT(mistakes_in(minimal("log: {level: \"in\\\"fo\"}\n")),
              ElementsAre(StartsWith("3:14: log.level: \"in\"fo\"")));
}

TEST(Mistakes, BytesThatAreNoTextAreFound) {
  EXPECT_THAT(mistakes_in("x:\n  a: \xff\n"),
              ElementsAre("2:6: a byte that is not UTF-8; expected a text file in UTF-8"));
  EXPECT_THAT(mistakes_in("x: \xed\xa0\x80"), ElementsAre(StartsWith("1:4: a byte that is not UTF-8")));
  EXPECT_THAT(mistakes_in("x: \xc0\xaf"), ElementsAre(StartsWith("1:4: a byte that is not UTF-8")));
  EXPECT_THAT(mistakes_in("x: \xe0\x80\x80"), ElementsAre(StartsWith("1:4: a byte that is not UTF-8")));
  EXPECT_THAT(mistakes_in("x: \xf5\x80\x80\x80"), ElementsAre(StartsWith("1:4: a byte that is not UTF-8")));
  EXPECT_THAT(mistakes_in("x: \xe2\x82"), ElementsAre(StartsWith("1:4: a byte that is not UTF-8")));
  for (const char control : {'\0', '\4', '\33', '\177'}) {
    EXPECT_THAT(mistakes_in(std::string{"x: a"} + control + "b"),
                ElementsAre("1:5: a control character; expected a text file in UTF-8"));
  }
}

TEST(Mistakes, AByteOrderMarkAndWindowsLineEndsAreNone) {
  EXPECT_THAT(mistakes_in("\xEF\xBB\xBF" + minimal("log: {level: debug}\r\n")), IsEmpty());
}

TEST(Mistakes, ASecondDocumentIsRefused) {
  EXPECT_THAT(mistakes_in(minimal("---\nlog: {}\n")),
              ElementsAre("3:1: a second YAML document; expected one (is there a stray --- line?)"));
}

// yaml-cpp goes on for ever over these, and takes all memory for it.
TEST(Mistakes, WhatBelongsToNothingIsRefused) {
  const std::string words =
      "not valid YAML: this belongs to nothing above it; look for a stray comma, bracket or quote";
  EXPECT_THAT(mistakes_in(","), ElementsAre("1:1: " + words));
  EXPECT_THAT(mistakes_in("!s\t,\n\tb%aen: a !\n"), ElementsAre("1:4: " + words));
  EXPECT_THAT(mistakes_in("\"a\" \"b\"\n"), ElementsAre("1:5: " + words));
  EXPECT_THAT(mistakes_in("[\xC3\xBC]\n]"), ElementsAre(StartsWith("2:1: not valid YAML: ")));
}

TEST(Mistakes, DeepNestingIsRefused) {
  for (const char* const open : {"[", "{a: ", "- ", "? "}) {
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += open;
    EXPECT_THAT(mistakes_in(deep),
                ElementsAre(testing::HasSubstr(": nested too deeply; expected lists and maps as in the sample")));
  }
}

TEST(Mistakes, MoreQueriesThanAnybodyWritesAreRefused) {
  std::string queries = "x: {bearer_token: secret-token}\nqueries:\n";
  for (int i = 0; i < 1'000; ++i) queries += "- {name: q" + std::to_string(i) + ", cloud: AWS, query: AWS}\n";
  EXPECT_THAT(mistakes_in(queries), IsEmpty());
  EXPECT_THAT(mistakes_in(queries + "- {name: last, cloud: AWS, query: AWS}\n"),
              ElementsAre("2:1: queries has 1001 entries; expected 1000 at most"));
}

TEST(Mistakes, AnEmptyFileLacksTokenAndQueries) {
  for (const auto* const text : {"", "# nothing\n"}) {
    EXPECT_THAT(mistakes_in(text), ElementsAre(StartsWith("1:1: x.bearer_token is missing; expected "),
                                               StartsWith("1:1: queries is missing or empty; expected ")));
  }
}

TEST(Mistakes, AFileThatIsNoMapIsRefused) {
  EXPECT_THAT(mistakes_in("- a\n"),
              testing::Contains("1:1: the file must hold keys and their values; expected x, poll, "
                                "queries, budget, ledger, elasticsearch, admin, log, shutdown_grace"));
}

TEST(Mistakes, AKeyOfAnotherSectionIsPointedThere) {
  EXPECT_THAT(mistakes_in(minimal("page_size: 50\n")),
              ElementsAre("3:1: unknown key page_size; did you mean poll.page_size?"));
}

TEST(Mistakes, AKeyLikeNoOtherGetsTheListOfThoseThatMayStandThere) {
  EXPECT_THAT(mistakes_in(minimal("log:\n  colour: red\n")),
              ElementsAre("4:3: unknown key log.colour; expected one of level, format"));
}

TEST(Mistakes, AMisspeltSectionIsFound) {
  EXPECT_THAT(mistakes_in(minimal("elastic_search: {}\n")),
              ElementsAre("3:1: unknown key elastic_search; did you mean elasticsearch?"));
}

TEST(Mistakes, AMisspeltKeyOfAQueryIsFound) {
  EXPECT_THAT(mistakes_in("x: {bearer_token: t}\nqueries:\n  - name: a\n    clod: A\n    query: q\n"),
              ElementsAre("3:5: queries[].cloud is missing; expected name, cloud and query",
                          "4:5: unknown key queries[].clod; did you mean queries[].cloud?"));
}

TEST(Mistakes, AKeyGivenTwiceIsRefusedWithTheFirstLine) {
  EXPECT_THAT(mistakes_in(minimal("poll:\n  overlap: 1m\n  overlap: 2m\n")),
              ElementsAre("5:3: poll.overlap is given twice, first in line 4; expected once"));
  EXPECT_THAT(mistakes_in(minimal("log: {}\nlog: {}\n")),
              ElementsAre("4:1: log is given twice, first in line 3; expected once"));
}

TEST(Mistakes, AKeyThatIsNoTextIsRefused) {
  EXPECT_THAT(mistakes_in(minimal("? [a, b]\n: c\n")),
              ElementsAre(StartsWith("3:3: a key that is no text; expected x, ")));
}

TEST(Mistakes, WrongTypesAreNamed) {
  EXPECT_THAT(mistakes_in(minimal("poll: {every: [15m]}\n")),
              ElementsAre("3:15: poll.every is a list; expected one value: duration"));
  EXPECT_THAT(mistakes_in(minimal("shutdown_grace: {a: b}\n")),
              ElementsAre("3:17: shutdown_grace is a map; expected one value: duration"));
  EXPECT_THAT(
      mistakes_in(minimal("poll: 15m\n")),
      ElementsAre(
          "3:7: poll must hold keys and their values; expected every, daily_at, overlap, max_pages, page_size"));
  EXPECT_THAT(mistakes_in(minimal("poll: {page_size: many}\n")),
              ElementsAre("3:19: poll.page_size: \"many\" is not a whole number; expected 10 to 100"));
  EXPECT_THAT(
      mistakes_in(minimal("budget: {usd_per_post: cheap}\n")),
      ElementsAre("3:24: budget.usd_per_post: \"cheap\" is not an amount; expected a decimal number, such as 0.005"));
  EXPECT_THAT(mistakes_in("x: {bearer_token: t, expand_authors: maybe}\nqueries: [{name: a, cloud: A, query: q}]\n"),
              ElementsAre("1:38: x.expand_authors: \"maybe\" is neither true nor false"));
  EXPECT_THAT(mistakes_in("x: {bearer_token: t}\nqueries: aws\n"),
              ElementsAre(StartsWith("2:1: queries must be a list; expected entries such as ")));
  EXPECT_THAT(
      mistakes_in("x: {bearer_token: t}\nqueries: [aws]\n"),
      ElementsAre("2:11: queries[] must hold keys and their values; expected name, cloud, query, every, daily_at"));
  EXPECT_THAT(mistakes_in(minimal("elasticsearch:\n  urls: http://127.0.0.1:9200\n")),
              ElementsAre("4:9: elasticsearch.urls must be a list; expected [one] or [one, another]"));
}

TEST(Mistakes, AKeyWithoutAValueIsRefused) {
  EXPECT_THAT(mistakes_in(minimal("poll:\n  overlap:\n")),
              ElementsAre("4:3: poll.overlap has no value; leave the key out for its default, 2m"));
  EXPECT_THAT(mistakes_in(minimal("poll: {daily_at: ~}\n")),
              ElementsAre("3:8: poll.daily_at has no value; expected a time of day"));
  EXPECT_THAT(mistakes_in(minimal("elasticsearch: {urls: }\n")),
              ElementsAre("3:17: elasticsearch.urls must be a list; expected [one] or [one, another]"));
}

TEST(Mistakes, ASectionWithoutKeysIsItsDefaultsButForElasticsearch) {
  EXPECT_THAT(mistakes_in(minimal("poll:\nlog:\n")), IsEmpty());
  EXPECT_THAT(
      mistakes_in(minimal("elasticsearch:\n")),
      ElementsAre(StartsWith("3:1: elasticsearch is empty; leave the section out to keep everything in the ledger")));
}

TEST(Mistakes, UnitsAreChecked) {
  EXPECT_THAT(
      mistakes_in(minimal("poll:\n  every: 15\n")),
      ElementsAre("4:10: poll.every: \"15\" has no unit; expected a whole number and one of ms, s, m, h, d, such as "
                  "15m"));
  EXPECT_THAT(mistakes_in(minimal("poll:\n  every: 15 min\n")),
              ElementsAre(StartsWith("4:10: poll.every: \"15 min\" has an unknown unit; expected ")));
  EXPECT_THAT(mistakes_in(minimal("elasticsearch:\n  batch_bytes: 5000000\n")),
              ElementsAre(StartsWith("4:16: elasticsearch.batch_bytes: \"5000000\" has no unit; expected ")));
}

TEST(Mistakes, RangesAreCheckedAtBothEnds) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"poll: {page_size: 9}", "10 to 100"},
      {"poll: {page_size: 101}", "10 to 100"},
      {"poll: {max_pages: 0}", "1 to 100000"},
      {"poll: {overlap: 24h}", "0s to 86399999ms"},
      {"poll: {every: 999ms}", "1s to 6d"},
      {"poll: {every: 7d}", "1s to 6d"},
      {"budget: {month_starts: 0}", "1 to 28"},
      {"budget: {month_starts: 29}", "1 to 28"},
      {"ledger: {retention: 7d}", "8d to 36500d"},
      {"ledger: {max_pending: 0}", "1 to 1000000000000"},
      {"budget: {usd_per_post: 1001}", "0 to 1000"},
      {"elasticsearch: {batch_bytes: 10MB}", "1KB to 9MB"},
      {"elasticsearch: {batch_bytes: 999B}", "1KB to 9MB"},
      {"elasticsearch: {batch_docs: 0}", "1 to 10000"},
      {"elasticsearch: {flush_every: 1ms}", "10ms to 10m"},
      {"shutdown_grace: 2h", "0s to 1h"},
  };
  for (const auto& [text, bounds] : cases) {
    const auto mistakes = mistakes_in(minimal(text));
    ASSERT_EQ(mistakes.size(), 1U) << text;
    EXPECT_THAT(mistakes[0], testing::EndsWith(" is out of range; expected " + bounds)) << text;
  }
}

TEST(Mistakes, ValuesOfEveryFormAreChecked) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"poll: {daily_at: 6am}",
       "3:18: poll.daily_at: \"6am\" is no time of day; expected HH:MM from 00:00 to 23:59 (UTC)"},
      {"admin: {listen: 9464}",
       "3:17: admin.listen: \"9464\" is no address to listen on; expected HOST:PORT, such as 127.0.0.1:9464 or "
       "[::1]:9464"},
      {"admin: {listen: \":9464\"}", "3:17: admin.listen: \":9464\" is no address to listen on; expected "},
      {"admin: {listen: \"::1:9464\"}", "3:17: admin.listen: \"::1:9464\" is no address to listen on; expected "},
      {"admin: {listen: \"unix:relative\"}",
       "3:17: admin.listen: \"unix:relative\" is no socket's path; expected such "},
      {"admin: {listen: \"unix:/a/\"}", "3:17: admin.listen: \"unix:/a/\" is no socket's path; expected such as "},
      {"admin: {listen: \"127.0.0.1:65536\"}",
       "3:17: admin.listen: \"127.0.0.1:65536\" has no valid port; expected 0 (a free one) to 65535"},
      {"ledger: {path: \"\"}", "3:16: ledger.path: is empty; expected a file's path"},
      {"ledger: {path: \"a\\nb\"}", "3:16: ledger.path: holds a control character; expected a file's path"},
      {"elasticsearch: {urls: [ftp://a]}", "3:24: elasticsearch.urls: a URL must begin with http:// or https://"},
      {"elasticsearch: {index: Upper_%Y}", "3:24: elasticsearch.index: index 'Upper_%Y' holds the capital U"},
      {"elasticsearch: {cloud_id: \"a:%%%\"}", "3:27: elasticsearch.cloud_id: the Cloud ID "},
      {"elasticsearch: {template: instal}",
       "3:27: elasticsearch.template: \"instal\" is not known; expected install, expect or none; did you mean "
       "install?"},
      {"elasticsearch: {username: \"\", password: p}", "3:27: elasticsearch.username: is empty; give it a value"},
  };
  for (const auto& [text, mistake] : cases) {
    const auto mistakes = mistakes_in(minimal(text));
    ASSERT_FALSE(mistakes.empty()) << text;
    EXPECT_THAT(mistakes[0], StartsWith(mistake)) << text;
  }
}

TEST(Mistakes, AnUnsetVariableIsNamedAtItsValue) {
  EXPECT_THAT(
      mistakes_in(minimal("ledger:\n  path: ${LEDGER}/db\n")),
      ElementsAre("4:9: ledger.path: the environment variable LEDGER is not set; set it, or write $${ for a literal "
                  "${"));
}

TEST(Mistakes, WhatAVariableHoldsCannotBecomeYaml) {
  const auto config = load_text(minimal("ledger: {path: \"/a/${WILD}\"}\n"), "m.yaml",
                                environment_of({{"WILD", "}\nlog: {level: debug}\n# ${X}"}}));
  EXPECT_FALSE(config);  // a line break in a path, and nothing else
  EXPECT_EQ(config.error().size(), 1U);
  const auto harmless = load_text(minimal("ledger: {path: \"/a/${WILD}\"}\n"), "m.yaml",
                                  environment_of({{"WILD", "b: c, d: [e] # ${X}"}}));
  ASSERT_TRUE(harmless);
  EXPECT_EQ(harmless->ledger.path, "/a/b: c, d: [e] # ${X}");
}

TEST(Mistakes, TheValueOfAVariableIsNotRepeated) {
  EXPECT_THAT(mistakes_in(minimal("log: {level: \"${TOKEN}\"}\n"), {{"TOKEN", "very-secret"}}),
              ElementsAre("3:14: log.level: \"${TOKEN}\" is not known; expected debug, info, warn or error"));
}

TEST(Mistakes, AVariablesValueIsNotShownHoweverItIsQuoted) {
  const auto mistakes =
      mistakes_in(minimal("elasticsearch: {index: '${NAME}', urls: ['https://a:${NAME}']}\n"), {{"NAME", "hidden"}});
  ASSERT_EQ(mistakes.size(), 2U);
  for (const std::string& mistake : mistakes) EXPECT_EQ(mistake.find("hidden"), std::string::npos) << mistake;
}

TEST(Mistakes, AVariablesValueIsNotShownThoughItMakesAUrlOfTooManyColonsOrHoldsQuotes) {
  for (const std::string url : {"https://::1${NAME}:9200", "https://a'${NAME}[", "https://a'b'c'${NAME}'["}) {
    const auto mistakes = mistakes_in(minimal("elasticsearch:\n  urls: [\"" + url + "\"]\n"), {{"NAME", "hidden"}});
    EXPECT_THAT(mistakes,
                ElementsAre(testing::AllOf(testing::Not(testing::HasSubstr("hidden")), testing::HasSubstr("${NAME}"))));
  }
  EXPECT_THAT(mistakes_in(minimal("log: {level: \"${QUOTES}\"}\n"), {{"QUOTES", "a\"b\"hidden"}}),
              ElementsAre("3:14: log.level: \"${QUOTES}\" is not known; expected debug, info, warn or error"));
  for (const std::string value : {"head\"mid\"hidden", "hidden\"a'b\"hidden", "hidden'a'\"b\"hidden"}) {
    const auto mixed = mistakes_in(minimal("elasticsearch: {index: '${NAME}'}\n"), {{"NAME", value}});
    ASSERT_FALSE(mixed.empty());
    for (const std::string& mistake : mixed) EXPECT_EQ(mistake.find("hidden"), std::string::npos) << mistake;
  }
}

}  // namespace
}  // namespace mentiond::config
