// ${NAME} in a value becomes that variable's value. Done on scalars after YAML was parsed, so that no value can bring
// in YAML of its own, and never on what was expanded. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "config/environment.h"

namespace mentiond::config {

// "$${" stands for a literal "${"; any other "$" for itself. Fails for an unset variable and a malformed name.
Result<std::string> expand(std::string_view text, const Environment& environment);
// What expand() turns back into `text`.
std::string escape(std::string_view text);

}  // namespace mentiond::config
