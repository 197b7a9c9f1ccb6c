// New halves stand on a new configuration: they tell anew what holds them up, and nobody speaks for the queries that
// are asked no more. Gauges of those go, so that no alarm waits for a poll that never comes; totals stay, as totals do.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "telemetry/telemetry.h"

namespace mentiond::telemetry {

struct Reconfigured {
  std::set<std::string> queries;       // by name
  std::optional<std::string> pattern;  // of the sink's indices; nothing: the ledger alone is the store
  void record(Telemetry& to) const;    // no log line: who reloads writes it
};

}  // namespace mentiond::telemetry
