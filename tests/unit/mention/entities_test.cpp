#include "mention/entities.h"

#include <gtest/gtest.h>

namespace mentiond {
namespace {

TEST(DecodeEntities, DecodesTheThreeThatXEscapes) {
  EXPECT_EQ(decode_entities("R&amp;D &lt;3 a &gt; b"), "R&D <3 a > b");
  EXPECT_EQ(decode_entities("&amp;&amp;&lt;&gt;"), "&&<>");
}

TEST(DecodeEntities, DecodesOnce) {
  EXPECT_EQ(decode_entities("&amp;lt;"), "&lt;");
  EXPECT_EQ(decode_entities("&amp;amp;amp;"), "&amp;amp;");
}

TEST(DecodeEntities, LeavesEverythingElse) {
  for (const std::string_view text :
       {"", "&", "a & b", "&quot;&#39;&nbsp;", "&AMP;", "&amp", "&lt", "&&lt", "no entity"}) {
    EXPECT_EQ(decode_entities(text), text);
  }
}

TEST(DecodeEntities, AppendsToWhatIsThere) {
  std::string out = "x&amp;";
  append_decoded(out, "&gt;y");
  EXPECT_EQ(out, "x&amp;>y");
}

}  // namespace
}  // namespace mentiond
