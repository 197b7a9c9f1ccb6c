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

TEST(Secret, MatchesItselfAlone) {
  const Secret secret{"hunter2"};
  EXPECT_TRUE(secret.matches("hunter2"));
  for (const auto* const wrong : {"", "hunter", "hunter22", "hunter3", "Hunter2", "hunter2hunter2"}) {
    EXPECT_FALSE(secret.matches(wrong)) << wrong;
  }
  EXPECT_FALSE(Secret{}.matches(""));
  EXPECT_FALSE(Secret{}.matches("x"));
}

TEST(Secret, WipesAllThatATextHadRoomFor) {
  for (const std::size_t size : {std::size_t{7}, std::size_t{100}}) {
    std::string text(size, 's');
    const char* const bytes = text.data();
    Secret::wipe(text);
    EXPECT_TRUE(text.empty());
    EXPECT_EQ(text.data(), bytes);
    EXPECT_EQ(std::count(bytes, bytes + text.capacity(), 's'), 0);
  }
}

TEST(Secret, LeavesNothingBehindWhereItWasMovedFrom) {
  Secret from{"hunter2"};  // which lies in the string object itself
  const char* const before = from.reveal().data();
  const Secret to{std::move(from)};
  EXPECT_EQ(to.reveal(), "hunter2");
  EXPECT_NE(before[1], 'u');
}

TEST(Secret, IsCopiedAndAssignedWhole) {
  Secret one{"one"};
  Secret two{std::string(100, '2')};
  const Secret copy = two;
  one = two;
  EXPECT_EQ(one, copy);
  two = Secret{"three"};
  EXPECT_EQ(two.reveal(), "three");
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
