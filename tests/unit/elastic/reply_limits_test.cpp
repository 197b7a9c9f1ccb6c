// How much of an answer is kept, whoever sends it.
#include <string>

#include <gtest/gtest.h>

#include "elastic/reply_json.h"

namespace mentiond::elastic {
namespace {

std::string templates(int count) {
  std::string body = R"({"index_templates":[)";
  for (int i = 0; i < count; ++i) body += std::string{i == 0 ? "" : ","} + R"({"name":"t","index_template":{}})";
  return body + "]}";
}

TEST(ReplyLimits, AListOfTemplatesWithoutEndIsNotRead) {
  const auto honest = read_template_list(templates(1'000));
  ASSERT_TRUE(honest);
  EXPECT_EQ(honest->size(), 1'000U);
  EXPECT_FALSE(read_template_list(templates(1'001)));
}

TEST(ReplyLimits, APageThatIsNotOursIsQuotedInPartAndWithoutControls) {
  EXPECT_EQ(excerpt(std::string(10'000, 'x')), std::string(200, 'x'));
  EXPECT_EQ(excerpt("a\x1b[31m\nb"), "a [31m b");
}

}  // namespace
}  // namespace mentiond::elastic
