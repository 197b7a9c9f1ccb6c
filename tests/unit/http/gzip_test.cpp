#include "http/gzip.h"

#include <gtest/gtest.h>

namespace mentiond::http {
namespace {

constexpr std::size_t ample = 1U << 20U;

TEST(Gzip, RoundTripsAnyLength) {
  for (const std::size_t size : {0U, 1U, 100U, 65'535U, 65'536U, 65'537U, 1'000'000U}) {
    std::string text(size, 'x');
    for (std::size_t i = 0; i < size; i += 7) text[i] = static_cast<char>(i * i % 251);
    EXPECT_EQ(gunzip(gzip(text), ample), text) << size;
  }
}

TEST(Gzip, PiecesOfAnySizeUnpackToTheSame) {
  const std::string text(10'000, 'y');
  const std::string packed = gzip(text);
  Gunzip stream{ample};
  std::string out;
  for (const char& byte : packed) {
    EXPECT_NE(stream.feed({&byte, 1}, out), Gunzip::State::broken);
  }
  EXPECT_EQ(stream.feed("", out), Gunzip::State::at_end);
  EXPECT_EQ(out, text);
}

TEST(Gzip, MembersInARowAreOneBody) { EXPECT_EQ(gunzip(gzip("one ") + gzip("two"), ample), "one two"); }

TEST(Gzip, EveryCutIsNotWhole) {
  const std::string packed = gzip("a text that is long enough to be cut");
  for (std::size_t at = 0; at < packed.size(); ++at) EXPECT_FALSE(gunzip(packed.substr(0, at), ample)) << at;
}

TEST(Gzip, DamageIsFoundAndStaysFound) {
  Gunzip stream{ample};
  std::string out;
  EXPECT_EQ(stream.feed("no gzip", out), Gunzip::State::broken);
  EXPECT_EQ(stream.feed(gzip("fine"), out), Gunzip::State::broken);
}

TEST(Gzip, TheLimitHoldsToTheByte) {
  const std::string packed = gzip(std::string(100'000, '\0'));
  EXPECT_TRUE(gunzip(packed, 100'000));
  Gunzip stream{99'999};
  std::string out;
  EXPECT_EQ(stream.feed(packed, out), Gunzip::State::too_large);
  EXPECT_EQ(out.size(), 99'999U);
  EXPECT_EQ(stream.feed(packed, out), Gunzip::State::too_large);
}

}  // namespace
}  // namespace mentiond::http
