// What holds between keys: which exclude or need each other, and where a secret must not go. Pure.
#pragma once

#include <string>

#include "config/draft.h"
#include "config/mistake.h"

namespace mentiond::config {

// Adds a mistake for each rule that the draft breaks. Keys that are wrong by themselves break no rule.
void check_rules(const Draft& draft, const std::string& file, Mistakes& mistakes);

}  // namespace mentiond::config
