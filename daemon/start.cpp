#include "daemon/start.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "daemon/version.h"

namespace mentiond {

Result<config::Config, std::vector<std::string>> read_config(const std::string& option) {
  const config::Environment environment = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>{value};
  };
  const auto path = config::find_config(option.empty() ? std::nullopt : std::optional{option}, environment);
  if (!path) return std::vector{"mentiond: " + path.error().message};
  auto loaded = config::load_file(*path, environment);
  if (loaded) return std::move(*loaded);
  std::vector<std::string> mistakes;
  for (const auto& mistake : loaded.error()) mistakes.push_back(to_text(mistake));
  return mistakes;
}

std::optional<config::Config> load_config(const std::string& option) {
  auto loaded = read_config(option);
  if (loaded) return std::move(*loaded);
  for (const auto& mistake : loaded.error()) std::fprintf(stderr, "%s\n", mistake.c_str());
  return std::nullopt;
}

ExitCode exit_code_of(ledger::Failure::Kind kind) {
  switch (kind) {
    case ledger::Failure::Kind::locked:
      return ExitCode::locked;
    case ledger::Failure::Kind::newer_schema:
    case ledger::Failure::Kind::not_a_ledger:
      return ExitCode::configuration;
    case ledger::Failure::Kind::cannot_open:
    case ledger::Failure::Kind::full:
    case ledger::Failure::Kind::damaged:
    case ledger::Failure::Kind::fatal:
      break;
  }
  return ExitCode::ledger_io;
}

ExitCode report(const ledger::Failure& failure) { return refuse(Error{failure.message}, exit_code_of(failure.kind)); }

ExitCode refuse(const Error& error, ExitCode code) {
  std::fprintf(stderr, "mentiond: %s\n", error.message.c_str());
  return code;
}

Time wall_now() { return std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now()); }

std::vector<elastic::QueryText> query_texts(const collect::Options& collect) {
  std::vector<elastic::QueryText> texts;
  for (const auto& query : collect.queries) texts.push_back({query.name, query.cloud, query.text});
  return texts;
}

std::string user_agent() { return "mentiond/" MENTIOND_VERSION; }

}  // namespace mentiond
