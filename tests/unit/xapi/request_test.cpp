#include "xapi/request.h"

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "support/source_dir.h"

namespace mentiond::xapi {
namespace {

using testing::HasSubstr;
using testing::Not;

SearchRequest sample() {
  SearchRequest request;
  request.query = "AWS Marketplace -is:retweet";
  return request;
}

HttpRequest built(const SearchRequest& request) { return to_http(request, Secret{"AAAA-the-token"}); }

// The parameters of a target, still encoded.
std::map<std::string, std::string> parameters(const std::string& target) {
  std::map<std::string, std::string> found;
  std::string_view rest = std::string_view{target}.substr(target.find('?') + 1);
  while (!rest.empty()) {
    const auto end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    const auto equals = pair.find('=');
    EXPECT_TRUE(found.emplace(pair.substr(0, equals), pair.substr(equals + 1)).second) << pair << " stands twice";
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return found;
}

TEST(SearchRequest, IsAGetOfRecentSearch) {
  const HttpRequest http = built(sample());
  EXPECT_EQ(http.method, "GET");
  EXPECT_TRUE(http.target.starts_with("/2/tweets/search/recent?"));
  EXPECT_TRUE(http.body.empty());
  EXPECT_EQ(http.headers.find("accept"), "application/json");
}

TEST(SearchRequest, ThePercentEncodingKeepsOnlyUnreservedCharacters) {
  SearchRequest request = sample();
  request.query = "\"GCP & Größe\"+(#a OR a:b)~x_y-z.1%/\n";
  EXPECT_EQ(parameters(built(request).target)["query"],
            "%22GCP%20%26%20Gr%C3%B6%C3%9Fe%22%2B%28%23a%20OR%20a%3Ab%29~x_y-z.1%25%2F%0A");
}

TEST(SearchRequest, TheTokenStandsInItsHeaderAlone) {
  const HttpRequest http = built(sample());
  EXPECT_EQ(http.headers.find("authorization"), "Bearer AAAA-the-token");
  EXPECT_THAT(http.target, Not(HasSubstr("AAAA")));
}

TEST(SearchRequest, AsksForRecencyAlways) { EXPECT_EQ(parameters(built(sample()).target)["sort_order"], "recency"); }

TEST(SearchRequest, NeverSendsATime) {
  SearchRequest request = sample();
  request.since_id = TweetId{5};
  request.until_id = TweetId{9};
  EXPECT_THAT(built(request).target, Not(HasSubstr("_time")));
}

TEST(SearchRequest, IdsAndTokenAreSentOnlyWhereTheyAreSet) {
  auto sent = parameters(built(sample()).target);
  EXPECT_FALSE(sent.contains("since_id") || sent.contains("until_id") || sent.contains("next_token"));
  SearchRequest request = sample();
  request.since_id = TweetId{2083157183716917248};
  request.until_id = TweetId{2083157183716917300};
  request.next_token = "b26v&89";
  sent = parameters(built(request).target);
  EXPECT_EQ(sent["since_id"], "2083157183716917248");
  EXPECT_EQ(sent["until_id"], "2083157183716917300");
  EXPECT_EQ(sent["next_token"], "b26v%2689");
}

TEST(SearchRequest, TheIdZeroIsNoBound) {
  SearchRequest request = sample();
  request.since_id = TweetId{};
  request.until_id = TweetId{};
  const auto sent = parameters(built(request).target);
  EXPECT_FALSE(sent.contains("since_id") || sent.contains("until_id"));
}

TEST(SearchRequest, ThePageSizeStaysWithinWhatXAccepts) {
  for (const auto& [asked, sent] :
       std::map<int, std::string>{{-1, "10"}, {9, "10"}, {10, "10"}, {57, "57"}, {500, "100"}}) {
    SearchRequest request = sample();
    request.max_results = asked;
    EXPECT_EQ(parameters(built(request).target)["max_results"], sent);
  }
}

TEST(SearchRequest, EachVocabularyHasItsOwnNames) {
  SearchRequest request = sample();
  auto sent = parameters(built(request).target);
  EXPECT_THAT(sent["tweet.fields"], HasSubstr("note_tweet"));
  EXPECT_THAT(sent["tweet.fields"], HasSubstr("author_id"));
  EXPECT_FALSE(sent.contains("post.fields"));
  request.vocabulary = Vocabulary::post;
  sent = parameters(built(request).target);
  EXPECT_THAT(sent["post.fields"], HasSubstr("note_post"));
  EXPECT_FALSE(sent.contains("tweet.fields"));
}

TEST(SearchRequest, UsersAreAskedForOnlyOnDemandBecauseTheyAreBilled) {
  SearchRequest request = sample();
  EXPECT_FALSE(parameters(built(request).target).contains("expansions"));
  request.expand_authors = true;
  const auto sent = parameters(built(request).target);
  EXPECT_EQ(sent.at("expansions"), "author_id");
  EXPECT_EQ(sent.at("user.fields"), "username");
}

// X's own description of its interface, where it lies beside the project.
std::optional<std::filesystem::path> openapi_folder() {
  if (const char* set = std::getenv("MENTIOND_X_OPENAPI")) return std::filesystem::path{set};
  auto folder = source_dir() / ".." / "shared" / "x-api";
  return std::filesystem::exists(folder) ? std::optional{folder} : std::nullopt;
}

struct Allowed {
  std::set<std::string> values;  // empty: any
};

// Every parameter of recent search, with the values that it accepts.
std::map<std::string, Allowed> allowed_by(const std::filesystem::path& file) {
  simdjson::dom::parser parser;
  const simdjson::dom::element root = parser.load(file.string());
  std::map<std::string, Allowed> allowed;
  for (simdjson::dom::element parameter : root.at_pointer("/paths/~12~1tweets~1search~1recent/get/parameters")) {
    std::string_view reference;
    if (parameter["$ref"].get(reference) == simdjson::SUCCESS) {
      parameter = root.at_pointer(std::string{reference.substr(1)});
    }
    Allowed& entry = allowed[std::string{std::string_view{parameter["name"]}}];
    for (const std::string_view place : {"/schema/enum", "/schema/items/enum"}) {
      simdjson::dom::array values;
      if (parameter.at_pointer(place).get(values) != simdjson::SUCCESS) continue;
      for (const std::string_view value : values) entry.values.emplace(value);
    }
  }
  return allowed;
}

void expect_allowed(const std::map<std::string, Allowed>& allowed, const SearchRequest& request) {
  for (const auto& [name, value] : parameters(built(request).target)) {
    const auto entry = allowed.find(name);
    ASSERT_NE(entry, allowed.end()) << "X knows no parameter " << name;
    if (entry->second.values.empty()) continue;
    std::stringstream parts{value};
    for (std::string part; std::getline(parts, part, ',');) {
      EXPECT_TRUE(entry->second.values.contains(part)) << "X knows no " << name << "=" << part;
    }
  }
}

TEST(SearchRequest, XsOwnDescriptionAllowsEveryParameterAndValue) {
  const auto folder = openapi_folder();
  if (!folder) {
    std::cout << "X's OpenAPI files are absent (MENTIOND_X_OPENAPI names their folder): nothing to compare with\n";
    return;
  }
  SearchRequest request = sample();
  request.since_id = TweetId{1};
  request.until_id = TweetId{9};
  request.next_token = "b26v89c19zqg8o3f";
  request.expand_authors = true;
  expect_allowed(allowed_by(*folder / "openapi-2.166.json"), request);
  request.vocabulary = Vocabulary::post;
  expect_allowed(allowed_by(*folder / "openapi-2.167.json"), request);
}

}  // namespace
}  // namespace mentiond::xapi
