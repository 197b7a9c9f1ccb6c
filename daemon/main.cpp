#include <csignal>
#include <cstdio>
#include <exception>
#include <string>

#include <CLI/CLI.hpp>
#include <sys/prctl.h>

#include "daemon/verbs.h"
#include "daemon/version.h"

namespace {

using mentiond::ExitCode;

ExitCode read_verb(int argc, const char* const* argv) {
  CLI::App app{"Collects mentions of cloud marketplaces from X into Elasticsearch, losing none.", "mentiond"};
  app.set_version_flag("--version", "mentiond " MENTIOND_VERSION);
  app.require_subcommand(1);
  std::string config;
  const auto verb = [&](CLI::App& parent, const char* name, const char* help) {
    CLI::App* made = parent.add_subcommand(name, help);
    made->add_option("--config", config,
                     "configuration file (else $MENTIOND_CONFIG, else /etc/mentiond/mentiond.yaml)");
    return made;
  };
  bool once = false;
  bool dry = false;
  bool online = false;
  bool json = false;
  CLI::App* run = verb(app, "run", "collect and deliver until told to stop");
  CLI::Option* once_flag = run->add_flag("--once", once, "one walk per query, drain, exit");
  run->add_flag("--dry-run", dry, "print what would be sent; change nothing")->excludes(once_flag);
  CLI::App* check = verb(app, "check", "validate the configuration and print what is in effect");
  check->add_flag("--online", online, "ask X and Elasticsearch too (reads up to 10 posts a query, which X bills)");
  CLI::App* status = verb(app, "status", "how the daemon stands");
  status->add_flag("--json", json, "as JSON");
  CLI::App* ledger = app.add_subcommand("ledger", "look at the ledger");
  ledger->require_subcommand(1);
  CLI::App* stats = verb(*ledger, "stats", "what it holds");
  CLI::App* verify = verb(*ledger, "verify", "check its structure and every checksum");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool asked_for = app.exit(error) == 0;  // --help, --version
    return asked_for ? ExitCode::done : ExitCode::usage;
  }
  if (*run && dry) return mentiond::dry_run(config);
  if (*run) return mentiond::run(config, once ? mentiond::RunMode::once : mentiond::RunMode::forever);
  if (*check) return mentiond::check(config, online);
  if (*status) return mentiond::status(config, json);
  if (*stats) return mentiond::ledger_stats(config);
  if (*verify) return mentiond::ledger_verify(config);
  return ExitCode::usage;
}

}  // namespace

int main(int argc, char** argv) {
  // Memory and environment hold secrets: no core dump, and no reading of either by way of /proc or a debugger but by
  // root (prctl(2), PR_SET_DUMPABLE).
  prctl(PR_SET_DUMPABLE, 0);
  // A closed pipe and a file-size limit are errors that calls return, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    return static_cast<int>(read_verb(argc, argv));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "mentiond: internal error: %s\n", error.what());
    return static_cast<int>(ExitCode::internal);
  }
}
