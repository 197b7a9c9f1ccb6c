#include "base/http_message.h"

#include <algorithm>
#include <sstream>

#include <gtest/gtest.h>

#include "base/result.h"
#include "base/secret.h"

namespace mentiond {
namespace {

TEST(HttpHeaders, NamesCompareWithoutCaseAndTheFirstWins) {
  HttpHeaders headers;
  EXPECT_TRUE(headers.empty());
  headers.add("X-Rate-Limit-Remaining", "449");
  headers.add("x-rate-limit-remaining", "0");
  EXPECT_EQ(headers.find("x-RATE-limit-remaining"), "449");
  EXPECT_FALSE(headers.find("x-rate-limit"));
  EXPECT_FALSE(headers.find("x_rate_limit_remaining"));
}

TEST(HttpHeaders, NumbersAreWholeOrNothing) {
  HttpHeaders headers;
  headers.add("good", "1750000000");
  headers.add("negative", "-5");
  headers.add("huge", "99999999999999999999");
  headers.add("text", "12s");
  headers.add("empty", "");
  headers.add("blank", " 5");
  EXPECT_EQ(headers.find_number("Good"), 1750000000);
  EXPECT_EQ(headers.find_number("negative"), -5);
  for (const std::string name : {"huge", "text", "empty", "blank", "absent"})
    EXPECT_FALSE(headers.find_number(name)) << name;
}

TEST(HttpFailure, EveryKindHasItsOwnWord) {
  using Kind = HttpFailure::Kind;
  std::vector<std::string_view> words;
  for (const Kind kind : {Kind::resolve, Kind::connect, Kind::tls, Kind::timeout, Kind::cut, Kind::malformed,
                          Kind::too_large, Kind::cancelled, Kind::no_connection}) {
    EXPECT_EQ(std::ranges::find(words, to_text(kind)), words.end());
    words.push_back(to_text(kind));
  }
}

TEST(Result, AnErrorSaysWhatItWasMadeOf) {
  const Result<int> result = fail("no such column: ", std::string{"x"}, std::string_view{"!"});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "no such column: x!");
  EXPECT_THROW((void)result.value(), std::logic_error);
}

TEST(Secret, PrintsAsStars) {
  const Secret secret{"hunter2"};
  std::ostringstream out;
  out << secret;
  EXPECT_EQ(out.str(), "***");
  EXPECT_EQ(secret.reveal(), "hunter2");
  EXPECT_FALSE(secret.empty());
  EXPECT_TRUE(Secret{}.empty());
}

}  // namespace
}  // namespace mentiond
