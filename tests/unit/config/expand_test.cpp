#include "config/expand.h"

#include <gtest/gtest.h>

#include "unit/config/loading.h"

namespace mentiond::config {
namespace {

const Variables variables = {{"NAME", "value"}, {"OTHER_2", "${NAME}"}, {"EMPTY", ""}};

std::string expanded(std::string_view text) { return expand(text, environment_of(variables)).value(); }
std::string refused(std::string_view text) { return expand(text, environment_of(variables)).error().message; }

TEST(Expand, PutsVariablesInAnywhereInAText) {
  EXPECT_EQ(expanded("${NAME}"), "value");
  EXPECT_EQ(expanded("a${NAME}b${NAME}"), "avaluebvalue");
  EXPECT_EQ(expanded("[${EMPTY}]"), "[]");
}

TEST(Expand, WhatAVariableHoldsIsNotExpandedAgain) { EXPECT_EQ(expanded("${OTHER_2}"), "${NAME}"); }

TEST(Expand, ADoubledDollarBeforeABraceIsALiteralAndOthersStandForThemselves) {
  EXPECT_EQ(expanded("$${NAME}"), "${NAME}");
  EXPECT_EQ(expanded("$AMZN and $$ and $"), "$AMZN and $$ and $");
}

TEST(Expand, AnUnsetVariableIsNamed) {
  EXPECT_EQ(refused("x ${NOT_SET}"),
            "the environment variable NOT_SET is not set; set it, or write $${ for a literal ${");
}

TEST(Expand, ABraceWithoutANameIsRefused) {
  for (const auto* const text : {"${", "${NAME", "${}", "${1A}", "${A-B}", "${A B}"}) {
    EXPECT_NE(refused(text).find("names no variable"), std::string::npos) << text;
  }
}

TEST(Expand, EscapeIsTheWayBack) {
  for (const auto* const text : {"${NAME}", "$${NAME}", "$", "$$", "plain", "a${b${c"}) {
    EXPECT_EQ(expanded(escape(text)), text);
  }
}

}  // namespace
}  // namespace mentiond::config
