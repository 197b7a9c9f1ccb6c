// Environment: the process's environment as a function, so that loading a configuration stays a function of its
// arguments.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace mentiond::config {

// The value of a variable; nothing where it is not set. Called on the loader's thread alone.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

}  // namespace mentiond::config
