#include "elastic/auth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "elastic/api_key.h"

namespace mentiond::elastic {
namespace {

// The example of Elasticsearch's own documentation, and its `encoded` form.
constexpr std::string_view pair = "VuaCfGcBCdbkQm-e5aOx:ui2lp2axTNmsyakw9tvNnw";
constexpr std::string_view encoded = "VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6dWkybHAyYXhUTm1zeWFrdzl0dk5udw==";

std::string header_of(std::string_view key) {
  const auto result = api_key_authorization(Secret{std::string{key}});
  return result ? result->reveal() : "error: " + result.error().message;
}

void expect_refused(std::string_view key, std::string_view words) {
  const auto result = api_key_authorization(Secret{std::string{key}});
  ASSERT_FALSE(result) << key;
  EXPECT_THAT(result.error().message, testing::HasSubstr(std::string{words}));
  const bool telling = key.size() > 8;
  EXPECT_FALSE(telling && result.error().message.find(key) != std::string::npos) << result.error().message;
}

TEST(ApiKey, IdAndKeyAreEncoded) { EXPECT_EQ(header_of(pair), "ApiKey " + std::string{encoded}); }

TEST(ApiKey, TheEncodedFormIsSentAsItStands) { EXPECT_EQ(header_of(encoded), "ApiKey " + std::string{encoded}); }

TEST(ApiKey, ACloudKeyIsSentAsItStands) {
  EXPECT_EQ(header_of("essu_VEVTVEtFWQ==0000000012345678"), "ApiKey essu_VEVTVEtFWQ==0000000012345678");
}

TEST(ApiKey, WhiteSpaceAroundTheKeyIsCutOff) {
  EXPECT_EQ(header_of(" " + std::string{encoded} + "\r\n"), "ApiKey " + std::string{encoded});
}

TEST(ApiKey, AnythingElseIsRefusedWithoutShowingIt) {
  expect_refused("", "empty");
  expect_refused(" \n", "empty");
  expect_refused("essu_", "nothing follows");
  expect_refused("ApiKey " + std::string{encoded}, "the word ApiKey");
  expect_refused("one-identity:two:keys-here", "not id:key");
  expect_refused(":key-without-id", "not id:key");
  expect_refused("id-without-key:", "not id:key");
  expect_refused("not base64 at all!", "white space");
  expect_refused("no-base64-without-colon", "neither");
  expect_refused(encoded.substr(0, encoded.size() - 2), "padded");  // unpadded: does not round-trip
  expect_refused("aGVsbG8gd29ybGQh", "not of id:key");              // "hello world!"
  expect_refused("Zm9v\r\nHost: evil", "white space");
  expect_refused("schl\xC3\xBCssel:geheimnis", "non-ASCII");
}

TEST(BasicAuth, EncodesNameAndPassword) {
  const auto result = basic_authorization("elastic", Secret{"pass:word"});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->reveal(), "Basic ZWxhc3RpYzpwYXNzOndvcmQ=");
}

TEST(BasicAuth, RefusesWhatTheSchemeCannotSay) {
  EXPECT_FALSE(basic_authorization("", Secret{"x"}));
  EXPECT_FALSE(basic_authorization("a:b", Secret{"x"}));
  EXPECT_FALSE(basic_authorization("a\n", Secret{"x"}));
  const auto result = basic_authorization("a", Secret{"geheim\n"});
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, testing::Not(testing::HasSubstr("geheim")));
}

TEST(Authorization, IsAddedOnlyIfThereIsOne) {
  HttpRequest request;
  authorize(request, Authorization{});
  EXPECT_TRUE(request.headers.empty());
  authorize(request, Authorization{"Basic x"});
  EXPECT_EQ(request.headers.find("Authorization"), "Basic x");
}

}  // namespace
}  // namespace mentiond::elastic
