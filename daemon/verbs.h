// The verbs of the command line. Each parses nothing more than its arguments, wires the rooms, prints, and returns the
// program's exit code.
#pragma once

#include <cstdint>
#include <string>

#include "daemon/exit_code.h"

namespace mentiond {

enum class RunMode : std::uint8_t { forever, once };

// `config` is what --config said; empty: $MENTIOND_CONFIG, else the installed default.
ExitCode run(const std::string& config, RunMode mode);
// One page a query, printed as the NDJSON that would be sent; the cost on stderr. No lock, no change anywhere.
ExitCode dry_run(const std::string& config);
// Validates and prints the effective configuration; `online` asks X and Elasticsearch as well.
ExitCode check(const std::string& config, bool online);
// What the running daemon says of itself; where none answers, what the ledger holds.
ExitCode status(const std::string& config, bool json);
ExitCode ledger_stats(const std::string& config);
ExitCode ledger_verify(const std::string& config);

}  // namespace mentiond
