// The admin server's token: who is let in, and what the others learn.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admin/admin.h"
#include "loop/virtual_clock.h"

namespace mentiond::admin {
namespace {

using testing::HasSubstr;
using testing::Not;

class TokenTest : public testing::Test {
 protected:
  TokenTest() { board.started = clock.now().wall; }

  HttpReply get(const std::string& target, const std::string& authorization, const std::string& method = "GET") {
    http::HttpServerRequest request;
    request.method = method;
    request.target = target;
    if (!authorization.empty()) request.headers.add("Authorization", authorization);
    return answers.answer(request);
  }

  boost::asio::io_context loop;
  VirtualClock clock{loop, Time{std::chrono::sys_days{std::chrono::year{2026} / 1 / 31}}};
  telemetry::Metrics metrics{"1.2.3"};
  telemetry::StatusBoard board;
  Result<Secret> token = Secret{"open-sesame"};
  Answers answers{Sources{metrics, board, clock}, [this] { return token; }};
};

TEST_F(TokenTest, TheTokenOpensEveryEndpoint) {
  for (const auto* const target : {"/metrics", "/readyz", "/status", "/healthz"}) {
    EXPECT_EQ(get(target, "Bearer open-sesame").status, 200) << target;
  }
  EXPECT_EQ(get("/status", "bearer open-sesame").status, 200);
}

TEST_F(TokenTest, WithoutItOnlyHealthIsTold) {
  EXPECT_EQ(get("/healthz", "").status, 200);
  for (const auto* const target : {"/metrics", "/readyz", "/status", "/nothing", "/healthz/", "http://x/healthz"}) {
    const auto refused = get(target, "");
    EXPECT_EQ(refused.status, 401) << target;
    EXPECT_EQ(refused.headers.find("WWW-Authenticate"), "Bearer realm=\"mentiond\"");
    EXPECT_THAT(refused.body, Not(HasSubstr("open-sesame")));
  }
}

TEST_F(TokenTest, WhatIsNotQuiteTheTokenIsRefused) {
  for (const auto* const wrong :
       {"Bearer", "Bearer ", "Bearer open-sesam", "Bearer open-sesame2", "Bearer open-sesamf", "Bearer xpen-sesame",
        "Bearer  open-sesame", "Bearer OPEN-SESAME", "open-sesame", "Basic open-sesame", "Bearer\topen-sesame"}) {
    EXPECT_EQ(get("/status", wrong).status, 401) << wrong;
  }
}

TEST_F(TokenTest, AMethodIsNotJudgedBeforeTheToken) { EXPECT_EQ(get("/status", "", "POST").status, 401); }

TEST_F(TokenTest, ATokenInTheQueryStringIsNone) { EXPECT_EQ(get("/status?token=open-sesame", "").status, 401); }

TEST_F(TokenTest, ARotatedTokenCountsAtOnce) {
  token = Secret{"other"};
  EXPECT_EQ(get("/status", "Bearer open-sesame").status, 401);
  EXPECT_EQ(get("/status", "Bearer other").status, 200);
}

TEST_F(TokenTest, ATokenMayBeAskedForFromNowOnOrNoLonger) {
  answers.set_token({});
  EXPECT_EQ(get("/status", "").status, 200);
  answers.set_token([] { return Result<Secret>{Secret{"other"}}; });
  EXPECT_EQ(get("/status", "").status, 401);
  EXPECT_EQ(get("/status", "Bearer other").status, 200);
}

TEST_F(TokenTest, WhileItCannotBeReadNobodyIsLetIn) {
  token = Error{"/etc/token has mode 0644"};
  const auto refused = get("/status", "Bearer ");
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.body, Not(HasSubstr("/etc/token")));
  EXPECT_EQ(get("/healthz", "").status, 200);
}

}  // namespace
}  // namespace mentiond::admin
