#include "config/nearest.h"

#include <array>

#include <gtest/gtest.h>

namespace mentiond::config {
namespace {

TEST(Nearest, DistanceCountsInsertionsDeletionsReplacementsAndSwaps) {
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("overlap", "overlap"), 0U);
  EXPECT_EQ(edit_distance("overlp", "overlap"), 1U);
  EXPECT_EQ(edit_distance("ovrelap", "overlap"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(Nearest, FindsWhatWasProbablyMeantAndNothingElse) {
  const std::array<std::string_view, 3> names = {"max_pages", "page_size", "overlap"};
  EXPECT_EQ(nearest("maxpages", names), "max_pages");
  EXPECT_EQ(nearest("page-size", names), "page_size");
  EXPECT_EQ(nearest("colour", names), std::nullopt);
  EXPECT_EQ(nearest(std::string(100'000, 'a'), names), std::nullopt);
}

}  // namespace
}  // namespace mentiond::config
