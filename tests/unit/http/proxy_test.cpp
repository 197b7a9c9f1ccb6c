#include "http/proxy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mentiond::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Endpoint x{true, "api.x.com", 443, ""};

TEST(Proxy, ReadsWhatEnvironmentsHold) {
  const auto plain = parse_proxy("http://proxy:8080/");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->host, "proxy");
  EXPECT_EQ(plain->port, 8080);
  EXPECT_EQ(plain->authorization, "");
  const auto bare = parse_proxy("10.0.0.1");
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->port, 3128);
  const auto v6 = parse_proxy("http://[fd00::1]");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->host, "fd00::1");
  EXPECT_EQ(v6->port, 3128);
}

TEST(Proxy, CredentialsOfTheUrlAreDecoded) {
  const auto proxy = parse_proxy("http://us%40er:p%3Aw%@proxy:1");
  ASSERT_TRUE(proxy);
  EXPECT_EQ(proxy->authorization, "Basic dXNAZXI6cDp3JQ==");  // us@er:p:w%
}

TEST(Proxy, WhatCannotBeReadIsNotRepeated) {
  for (const std::string url : {"socks5://user:secret@proxy:1", "https://user:secret@proxy:1", "http://user:secret@",
                                "http://user:secret@proxy:none", "http://user:secret@proxy:1/path"}) {
    const auto proxy = parse_proxy(url);
    ASSERT_FALSE(proxy) << url;
    EXPECT_THAT(proxy.error().message, Not(HasSubstr("secret")));
    EXPECT_THAT(proxy.error().message, HasSubstr("http://HOST:PORT"));
  }
}

TEST(Proxy, NoProxyTakesHostsOut) {
  for (const std::string list :
       {"*", "api.x.com", "x.com", ".x.com", "*.x.com", "X.COM", "a.org, x.com", "a.org x.com", "x.com:443"}) {
    EXPECT_TRUE(bypasses_proxy(list, x)) << list;
  }
  for (const std::string list : {"", "com.x", "pi.x.com", "ax.com", "*.api.x.com", "x.com:80", "api.x.com.", ","}) {
    EXPECT_FALSE(bypasses_proxy(list, x)) << list;
  }
}

TEST(Proxy, NoProxyTakesExactAddressesOut) {
  EXPECT_TRUE(bypasses_proxy("10.0.0.1", {false, "10.0.0.1", 9200, ""}));
  EXPECT_FALSE(bypasses_proxy("0.0.0.1", {false, "10.0.0.1", 9200, ""}));
  EXPECT_TRUE(bypasses_proxy("fd00::1", {false, "fd00:0::1", 9200, ""}));
  EXPECT_TRUE(bypasses_proxy("[fd00::1]:9200", {false, "fd00::1", 9200, ""}));
  EXPECT_FALSE(bypasses_proxy("[fd00::1]:9201", {false, "fd00::1", 9200, ""}));
}

TEST(Proxy, EachSchemeHasItsOwn) {
  const ProxyEnvironment environment{"http://secure:1", "http://plain:2", "es"};
  EXPECT_EQ((*choose_proxy(environment, x))->host, "secure");
  EXPECT_EQ((*choose_proxy(environment, {false, "other", 80, ""}))->host, "plain");
  EXPECT_FALSE(*choose_proxy(environment, {false, "es", 80, ""}));
  EXPECT_FALSE(*choose_proxy({}, x));
}

TEST(Proxy, TheMachineItselfIsNeverProxied) {
  const ProxyEnvironment environment{"http://secure:1", "http://plain:2", ""};
  EXPECT_FALSE(*choose_proxy(environment, {false, "127.0.0.1", 9200, ""}));
  EXPECT_FALSE(*choose_proxy(environment, {true, "localhost", 9200, ""}));
}

TEST(Proxy, AnUnreadableProxyNamesItsVariable) {
  const auto chosen = choose_proxy({"socks5://p:1", "", ""}, x);
  ASSERT_FALSE(chosen);
  EXPECT_THAT(chosen.error().message, HasSubstr("HTTPS_PROXY"));
}

}  // namespace
}  // namespace mentiond::http
