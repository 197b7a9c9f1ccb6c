// How the program ends, after sysexits.h: scripts and service managers tell from it whether to try again.
#pragma once

namespace mentiond {

enum class ExitCode : int {
  done = 0,
  usage = 64,          // the command line
  bad_data = 65,       // damage in the ledger
  unavailable = 69,    // X capped or down, the sink down, a port taken
  internal = 70,       // a mistake of ours
  ledger_io = 74,      // the ledger cannot be read, written or synced
  locked = 75,         // another daemon holds the ledger
  configuration = 78,  // the configuration, the token or a query
};

}  // namespace mentiond
