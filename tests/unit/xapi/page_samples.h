// What the tests of the page parser share: pages made of a few words, and a fixture that holds parser and page.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/source_dir.h"
#include "xapi/page_parser.h"

namespace mentiond::xapi {

inline std::string fixture(std::string_view name) {
  std::ifstream file{source_dir() / "tests" / "fixtures" / "x" / name};
  EXPECT_TRUE(file) << "no fixture " << name;
  return {std::istreambuf_iterator<char>{file}, {}};
}

// A page around items, with the right count.
inline std::string page_of(std::string_view items, int count) {
  return R"({"data":[)" + std::string{items} + R"(],"meta":{"result_count":)" + std::to_string(count) + "}}";
}

// A post with more members than id and text.
inline std::string post_with(std::string_view members) {
  return R"({"id":"2083157183716917301","text":"t",)" + std::string{members} + "}";
}

class PageParserTest : public testing::Test {
 protected:
  // The only tweet of a page; a failure if there is none.
  Tweet tweet_of(std::string_view item) {
    body_ = page_of(item, 1);
    const auto parsed = parser_.parse_page(body_, page_);
    EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().message);
    EXPECT_EQ(page_.tweets.size(), 1U) << (page_.bad.empty() ? "" : page_.bad.front().reason);
    return page_.tweets.empty() ? Tweet{} : page_.tweets.front();
  }
  // The only bad post of a page.
  BadPost bad_of(std::string_view item) {
    body_ = page_of(item, 1);
    const auto parsed = parser_.parse_page(body_, page_);
    EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().message);
    EXPECT_EQ(page_.bad.size(), 1U);
    EXPECT_TRUE(page_.tweets.empty());
    return page_.bad.empty() ? BadPost{} : page_.bad.front();
  }

  PageParser parser_;
  Page page_;
  std::string body_;
};

}  // namespace mentiond::xapi
