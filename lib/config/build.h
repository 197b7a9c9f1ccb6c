// A checked Draft becomes a Config: the rooms' options filled in, and the files of secrets looked into.
#pragma once

#include <string>

#include "config/config.h"

namespace mentiond::config {

// `draft` has no mistakes by itself; what is wrong with secrets and proxies is added to `mistakes`.
Config build(Draft draft, const std::string& file, const Environment& environment, Mistakes& mistakes);

}  // namespace mentiond::config
