#include "elastic/cloud_id.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base64.h"

namespace mentiond::elastic {
namespace {

std::string address_of(std::string_view cloud_id) {
  const auto result = decode_cloud_id(cloud_id);
  return result ? *result : "error: " + result.error().message;
}
// The address of label:base64(`plain`).
std::string address_of_plain(std::string_view plain) { return address_of("label:" + base64_encode(plain)); }

void expect_refused(std::string_view plain, std::string_view words) {
  EXPECT_THAT(address_of_plain(plain),
              testing::AllOf(testing::StartsWith("error: "), testing::HasSubstr(std::string{words})));
}

TEST(CloudId, TheDocumentedExamplesAreRead) {
  EXPECT_EQ(
      address_of_plain("us-east-1.aws.found.io$cec6f261a74bf24ce33bb8811b84294f$c6c2ca6d042249af0cc7d7a9e9625743"),
      "https://cec6f261a74bf24ce33bb8811b84294f.us-east-1.aws.found.io:443");
  EXPECT_EQ(
      address_of_plain("us-central1.gcp.cloud.es.io:9243$ac31ebb90241773157043c34fd26fd46$a4c06230e48c8fce7be88a074"
                       "a3bb3e0"),
      "https://ac31ebb90241773157043c34fd26fd46.us-central1.gcp.cloud.es.io:9243");
}

TEST(CloudId, TheLastColonEndsTheLabel) {
  EXPECT_EQ(address_of("my:odd:label:" + base64_encode("h.io$es$kb")), "https://es.h.io:443");
}

TEST(CloudId, ALabelIsNotNeeded) {
  EXPECT_EQ(address_of(base64_encode("h.io$es$kb")), "https://es.h.io:443");
  EXPECT_EQ(address_of(":" + base64_encode("h.io$es$kb")), "https://es.h.io:443");
}

TEST(CloudId, ThePartsPortBeatsTheHostsBeatsTheDefault) {
  EXPECT_EQ(address_of_plain("h.io$es$kb"), "https://es.h.io:443");
  EXPECT_EQ(address_of_plain("h.io:9243$es$kb"), "https://es.h.io:9243");
  EXPECT_EQ(address_of_plain("h.io:9243$es:9244$kb:9245"), "https://es.h.io:9244");
  EXPECT_EQ(address_of_plain("h.io$es:65535$kb"), "https://es.h.io:65535");
}

TEST(CloudId, TheKibanaPartMayBeMissingOrEmptyOrFollowed) {
  for (const std::string_view plain : {"h.io$es", "h.io$es$", "h.io$es$kb$apm"}) {
    EXPECT_EQ(address_of_plain(plain), "https://es.h.io:443");
  }
}

TEST(CloudId, PaddingAndWhiteSpaceDoNotMatter) {
  const std::string padded = base64_encode("h.io$es$k");
  ASSERT_TRUE(padded.ends_with('=') || base64_encode("h.io$es$kb").ends_with('='));
  for (const std::string_view plain : {"h.io$es$k", "h.io$es$kb", "h.io$es$kbx"}) {
    std::string text = base64_encode(plain);
    while (text.ends_with('=')) text.pop_back();
    EXPECT_EQ(address_of(" label:" + text + "\n"), "https://es.h.io:443");
    EXPECT_EQ(address_of("label: " + text), "https://es.h.io:443");
  }
}

TEST(CloudId, PartsThatAreMissingAreNamed) {
  expect_refused("", "empty");
  expect_refused("h.io", "no Elasticsearch cluster");
  expect_refused("h.io$", "no Elasticsearch cluster");
  expect_refused("h.io$:9243$kb", "no Elasticsearch cluster");
  expect_refused("$es$kb", "no host");
  expect_refused(":443$es$kb", "no host");
}

TEST(CloudId, WhatIsNoBase64IsRefused) {
  for (const std::string_view text :
       {"", "  ", "label:", "label:!!!", "label:aGk=aGk=", "label:a", "https://h.io:9243"}) {
    EXPECT_THAT(address_of(text), testing::StartsWith("error: ")) << text;
  }
}

TEST(CloudId, PortsOutsideTheRangeAreRefused) {
  for (const std::string_view port : {"0", "65536", "-1", "x", "", "80x", "+80"}) {
    expect_refused("h.io:" + std::string{port} + "$es$kb", "port");
    expect_refused("h.io$es:" + std::string{port} + "$kb", "port");
  }
  expect_refused("h.io:1:2$es$kb", "two ports");
}

TEST(CloudId, CharactersThatWouldRedirectTheAddressAreRefused) {
  for (const char c : std::string_view{"#@?/\\%& <>[]\"'^`{|}\t\n\0\x7F\xC3", 24}) {
    const std::string bad = std::string{"a"} + c + "b";
    expect_refused("h" + bad + ".io$es$kb", "character");
    expect_refused("h.io$" + bad + "$kb", "character");
    expect_refused("h.io$es$" + bad, "character");
  }
}

}  // namespace
}  // namespace mentiond::elastic
