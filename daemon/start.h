// What verbs begin with: find and load the configuration, and say on stderr what is wrong.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "config/config.h"
#include "daemon/exit_code.h"
#include "elastic/document.h"
#include "ledger/row.h"

namespace mentiond {

// The configuration, or nothing after its mistakes were printed, each on a line: leave with ExitCode::configuration.
std::optional<config::Config> load_config(const std::string& option);
// The same for who has a place of its own to say what is wrong.
Result<config::Config, std::vector<std::string>> read_config(const std::string& option);
// Prints the failure and says how to leave: 74, 75 or 78.
ExitCode report(const ledger::Failure& failure);
ExitCode exit_code_of(ledger::Failure::Kind kind);
// Prints the error and passes the code on.
ExitCode refuse(const Error& error, ExitCode code);

Time wall_now();
// The configured queries, as documents care for them.
std::vector<elastic::QueryText> query_texts(const collect::Options& collect);

// "mentiond/0.1.0"
std::string user_agent();

}  // namespace mentiond
