#include "ledger/salvage.h"

#include <cinttypes>
#include <cstdio>

#include "daemon/start.h"
#include "daemon/verbs.h"

namespace mentiond {

ExitCode ledger_salvage(const std::string& config, const std::string& file) {
  const auto loaded = load_config(config);
  if (!loaded) return ExitCode::configuration;
  const auto saved = ledger::salvage(loaded->ledger.path, file, wall_now());
  if (!saved) return report(saved.error());
  std::printf("%s: %" PRId64 " rows: %" PRId64 " intact, %" PRId64 " tombstones, %" PRId64 " without text, %" PRId64
              " damaged before they were delivered (dead letters)\n",
              file.c_str(), saved->rows, saved->intact, saved->tombstones, saved->pruned, saved->damaged);
  std::printf("%" PRId64 " rows without clouds, %" PRId64 " unparsable posts, %" PRId64 " queries, %" PRId64
              " gaps, %" PRId64 " sinks, %" PRId64 " broken records\n",
              saved->untagged, saved->unparsed, saved->queries, saved->gaps, saved->sinks, saved->broken_records);
  if (!saved->gaps_certain) {
    std::printf("gaps may be lost: each query reads the last seven days anew, which X bills\n");
  }
  return ExitCode::done;
}

}  // namespace mentiond
