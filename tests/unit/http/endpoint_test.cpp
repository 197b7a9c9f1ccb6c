#include "http/endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mentiond::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Endpoint, ReadsWhatOperatorsWrite) {
  const std::vector<std::pair<std::string, Endpoint>> table = {
      {"http://127.0.0.1:9200", {false, "127.0.0.1", 9200, ""}},
      {"https://api.x.com", {true, "api.x.com", 443, ""}},
      {"http://es", {false, "es", 80, ""}},
      {"HTTPS://Es.Example.ORG/", {true, "es.example.org", 443, ""}},
      {"https://gate/elastic/prod//", {true, "gate", 443, "/elastic/prod"}},
      {"http://[::1]:9200/x", {false, "::1", 9200, "/x"}},
      {"https://[FE80::1]", {true, "fe80::1", 443, ""}},
  };
  for (const auto& [url, expected] : table) {
    const auto endpoint = parse_endpoint(url);
    ASSERT_TRUE(endpoint) << url << ": " << endpoint.error().message;
    EXPECT_EQ(*endpoint, expected) << url;
  }
}

TEST(Endpoint, TextReadsBackAsTheSameEndpoint) {
  for (const std::string url :
       {"http://127.0.0.1:9200", "https://api.x.com", "http://[::1]:9200/x", "https://a:80/p"}) {
    const auto endpoint = parse_endpoint(url);
    ASSERT_TRUE(endpoint) << url;
    EXPECT_EQ(to_text(*endpoint), url);
  }
}

TEST(Endpoint, RefusesWhatIsNoUrlOfAService) {
  for (const std::string url : {"",
                                "es:9200",
                                "ftp://es",
                                "http://",
                                "http://:9200",
                                "http://es:",
                                "http://es:0",
                                "http://es:65536",
                                "http://es:9x",
                                "http://es/?q=1",
                                "http://es/#top",
                                "http://e s",
                                "http://es/a b",
                                "http://es\n",
                                "http://es\x7F",
                                "http://::1:9200",
                                "http://[::1",
                                "http://[es]",
                                "http://[::1]9200",
                                "http://a:1:2",
                                "http://a<b"}) {
    EXPECT_FALSE(parse_endpoint(url)) << url;
  }
}

TEST(Endpoint, CredentialsAreRefusedWithTheRemedyAndNotRepeated) {
  const auto endpoint = parse_endpoint("https://elastic:changeme@es:9200");
  ASSERT_FALSE(endpoint);
  EXPECT_THAT(endpoint.error().message, HasSubstr("username"));
  EXPECT_THAT(endpoint.error().message, Not(HasSubstr("changeme")));
}

TEST(Endpoint, KnowsTheMachineItself) {
  for (const std::string host :
       {"localhost", "LOCALHOST", "localhost.", "es.localhost", "127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(is_loopback(host)) << host;
  }
  for (const std::string host :
       {"es", "localhost.example.org", "128.0.0.1", "0.0.0.0", "::2", "127.0.0.1.example.org", ""}) {
    EXPECT_FALSE(is_loopback(host)) << host;
  }
}

}  // namespace
}  // namespace mentiond::http
