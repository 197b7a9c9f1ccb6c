// What a reload may change while the daemon runs, and what it may not. Pure.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"

namespace mentiond {

// The keys in which the two differ and that only a restart can change, each with what to do about it; empty: none.
std::vector<std::string> needs_restart(const config::Config& now, const config::Config& fresh);

}  // namespace mentiond
