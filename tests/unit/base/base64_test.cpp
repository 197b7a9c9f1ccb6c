#include "base/base64.h"

#include <gtest/gtest.h>

namespace mentiond {
namespace {

// The vectors of RFC 4648, section 10.
TEST(Base64, AgreesWithTheStandard) {
  const std::vector<std::pair<std::string, std::string>> table = {{"", ""},
                                                                  {"f", "Zg=="},
                                                                  {"fo", "Zm8="},
                                                                  {"foo", "Zm9v"},
                                                                  {"foob", "Zm9vYg=="},
                                                                  {"fooba", "Zm9vYmE="},
                                                                  {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : table) {
    EXPECT_EQ(base64_encode(plain), coded);
    EXPECT_EQ(base64_decode(coded), plain);
  }
}

TEST(Base64, EveryByteRoundTrips) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  for (std::size_t length = 0; length <= bytes.size(); ++length) {
    const std::string part = bytes.substr(0, length);
    EXPECT_EQ(base64_decode(base64_encode(part)), part);
  }
}

TEST(Base64, PaddingMayBeLeftOut) {
  EXPECT_EQ(base64_decode("Zg"), "f");
  EXPECT_EQ(base64_decode("Zm8"), "fo");
}

TEST(Base64, WhatEncodingWouldNotWriteIsRefused) {
  for (const std::string text :
       {"Z", "Zg=", "Zg===", "=", "====", "Zm9v=", "Z g=", "Zm9v\n", "Zm-v", "Zm_v", "Zh==", "Zm9=", "Zg==Zg=="}) {
    EXPECT_FALSE(base64_decode(text)) << text;
  }
}

}  // namespace
}  // namespace mentiond
