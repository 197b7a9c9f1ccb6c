// The YAML side of the configuration: text to Draft. Knows the keys by their table alone, and reports all that is wrong
// with each of them by itself.
#pragma once

#include <string>
#include <string_view>

#include "config/draft.h"
#include "config/environment.h"
#include "config/mistake.h"

namespace mentiond::config {

// Adds to `mistakes`. After a YAML syntax error the draft is empty.
Draft read_draft(std::string_view yaml, const std::string& file, const Environment& environment, Mistakes& mistakes);

}  // namespace mentiond::config
