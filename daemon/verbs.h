// The verbs of the command line. Each parses nothing more than its arguments, wires the rooms, prints, and returns the
// program's exit code.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

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
// A consistent copy in a new file.
ExitCode ledger_backup(const std::string& config, const std::string& file);
// Whatever is whole in a damaged ledger, as a new one.
ExitCode ledger_salvage(const std::string& config, const std::string& file);

// What a person does about dead letters: shown from the ledger; retried or dropped through the daemon, where one runs.
ExitCode dead_letters_list(const std::string& config, bool json);
struct DeadLettersChoice {
  std::string verb;  // retry, drop
  std::vector<std::string> ids;
  std::string type;
  bool all = false;
};
ExitCode dead_letters_change(const std::string& config, const DeadLettersChoice& choice);
// Ids on the command line or in a file ("-": stdin), one or more a line.
ExitCode forget(const std::string& config, std::vector<std::string> ids, const std::string& file);
// Tweets made from one time to another; empty: from the first, to the last.
ExitCode redeliver(const std::string& config, const std::string& from, const std::string& to, bool all);

}  // namespace mentiond
