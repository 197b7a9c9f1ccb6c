// `check --online`: asks each service what the daemon would ask it, prints what it learns on stdout, and changes
// nothing.
#pragma once

#include <optional>
#include <string>

#include "config/config.h"
#include "daemon/exit_code.h"

namespace mentiond {

// One page of the least size for each query; X bills its posts. done, configuration (token or query refused) or
// unavailable.
ExitCode check_x(const config::Config& config, const std::optional<std::string>& remembered_vocabulary);
// Product, version, privileges where that endpoint exists, and whether our index template can stand.
ExitCode check_elasticsearch(const config::Config& config);

}  // namespace mentiond
