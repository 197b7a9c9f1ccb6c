#include "base/time.h"
#include "daemon/operate.h"
#include "daemon/start.h"
#include "daemon/verbs.h"

namespace mentiond {
namespace {

// "2026-01-31" is its beginning, UTC. Nothing: no time at all.
std::optional<std::string> as_time(const std::string& text) {
  if (text.empty()) return "-";
  if (const auto day = parse_day(text)) return to_iso8601(Time{*day});
  const auto time = parse_iso8601(text);
  return time ? std::optional{to_iso8601(*time)} : std::nullopt;
}

}  // namespace

ExitCode redeliver(const std::string& config, const std::string& from, const std::string& to, bool all) {
  if (all != from.empty() || (all && !to.empty())) {
    return refuse(fail("say which: --from T [--to T], or --all"), ExitCode::usage);
  }
  const auto first = as_time(from);
  const auto end = as_time(to);
  if (!first || !end) {
    return refuse(fail("no time: ", first ? to : from, "; write 2026-01-31 or 2026-01-31T12:00:00Z"), ExitCode::usage);
  }
  const auto loaded = load_config(config);
  if (!loaded) return ExitCode::configuration;
  return operate(*loaded, {"redeliver", *first, *end});
}

}  // namespace mentiond
