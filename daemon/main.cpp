#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <sys/prctl.h>

#include "daemon/verbs.h"
#include "daemon/version.h"

namespace {

using mentiond::ExitCode;

// The command line under construction: which verb was given, and what each verb does.
class CommandLine {
 public:
  CommandLine() {
    app_.set_version_flag("--version", "mentiond " MENTIOND_VERSION);
    app_.require_subcommand(1);
    add_daemon();
    add_ledger();
    add_operators();
  }

  ExitCode run(int argc, const char* const* argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      const bool asked_for = app_.exit(error) == 0;  // --help, --version
      return asked_for ? ExitCode::done : ExitCode::usage;
    }
    for (const auto& [verb, perform] : verbs_) {
      if (*verb) return perform();
    }
    return ExitCode::usage;
  }

 private:
  CLI::App* verb(CLI::App& parent, const char* name, const char* help, std::function<ExitCode()> perform) {
    CLI::App* made = parent.add_subcommand(name, help);
    made->add_option("--config", config_,
                     "configuration file (else $MENTIOND_CONFIG, else /etc/mentiond/mentiond.yaml)");
    verbs_.emplace_back(made, std::move(perform));
    return made;
  }

  void add_daemon() {
    CLI::App* run = verb(app_, "run", "collect and deliver until told to stop", [this] {
      if (dry_) return mentiond::dry_run(config_);
      return mentiond::run(config_, once_ ? mentiond::RunMode::once : mentiond::RunMode::forever);
    });
    CLI::Option* once = run->add_flag("--once", once_, "one walk per query, drain, exit");
    run->add_flag("--dry-run", dry_, "print what would be sent; change nothing")->excludes(once);
    verb(app_, "check", "validate the configuration and print what is in effect", [this] {
      return mentiond::check(config_, online_);
    })->add_flag("--online", online_, "ask X and Elasticsearch too (reads up to 10 posts a query, which X bills)");
    verb(app_, "status", "how the daemon stands", [this] {
      return mentiond::status(config_, json_);
    })->add_flag("--json", json_, "as JSON");
  }

  void add_ledger() {
    CLI::App* ledger = app_.add_subcommand("ledger", "look at the ledger");
    ledger->require_subcommand(1);
    verb(*ledger, "stats", "what it holds", [this] { return mentiond::ledger_stats(config_); });
    verb(*ledger, "verify", "check its structure and every checksum",
         [this] { return mentiond::ledger_verify(config_); });
    verb(*ledger, "salvage", "save what is whole in a damaged one into a new file",
         [this] { return mentiond::ledger_salvage(config_, file_); })
        ->add_option("FILE", file_, "a file that does not exist yet")
        ->required();
    verb(*ledger, "backup", "copy it to a new file, also while the daemon runs",
         [this] { return mentiond::ledger_backup(config_, file_); })
        ->add_option("FILE", file_, "a file that does not exist yet")
        ->required();
  }

  void add_operators() {
    CLI::App* letters =
        app_.add_subcommand("dead-letters", "what the sink refused for good, and posts nobody can read");
    letters->require_subcommand(1);
    verb(*letters, "list", "show them", [this] {
      return mentiond::dead_letters_list(config_, json_);
    })->add_flag("--json", json_, "as JSON");
    for (const auto& [name, help] : {std::pair{"retry", "send them again"}, {"drop", "give them up"}}) {
      CLI::App* made = verb(*letters, name, help, [this, name] {
        letters_.verb = name;
        return mentiond::dead_letters_change(config_, letters_);
      });
      made->add_option("ID", letters_.ids, "as `dead-letters list` shows them");
      made->add_option("--type", letters_.type, "all of that type");
      made->add_flag("--all", letters_.all, "all there are");
    }
    CLI::App* forget = verb(app_, "forget", "erase tweets, here and in the sink, for good",
                            [this] { return mentiond::forget(config_, ids_, file_); });
    forget->add_option("ID", ids_, "tweet ids");
    forget->add_option("--file", file_, "a file of ids (- is stdin)");
    CLI::App* redeliver = verb(app_, "redeliver", "send tweets once more",
                               [this] { return mentiond::redeliver(config_, from_, to_, all_); });
    redeliver->add_option("--from", from_, "made at that time or later: 2026-01-31, or with a time of day (UTC)");
    redeliver->add_option("--to", to_, "made before that time");
    redeliver->add_flag("--all", all_, "all that the ledger holds");
  }

  CLI::App app_{"Collects mentions of cloud marketplaces from X into Elasticsearch, losing none.", "mentiond"};
  std::vector<std::pair<CLI::App*, std::function<ExitCode()>>> verbs_;
  std::string config_;
  bool once_ = false;
  bool dry_ = false;
  bool online_ = false;
  bool json_ = false;
  bool all_ = false;
  mentiond::DeadLettersChoice letters_;
  std::vector<std::string> ids_;
  std::string file_;
  std::string from_;
  std::string to_;
};

// An exception that nobody on its thread can take: as where not even the word that a call is done finds memory. What is
// in the ledger is whole at any moment.
[[noreturn]] void end_at_once() {
  constexpr std::string_view words = "mentiond: internal error: an exception that nobody took; has memory run out?\n";
  std::fwrite(words.data(), 1, words.size(), stderr);  // unbuffered: needs no memory
  std::_Exit(static_cast<int>(ExitCode::internal));
}

}  // namespace

int main(int argc, char** argv) {
  // Memory and environment hold secrets: no core dump, and no reading of either by way of /proc or a debugger but by
  // root (prctl(2), PR_SET_DUMPABLE).
  prctl(PR_SET_DUMPABLE, 0);
  // A closed pipe and a file-size limit are errors that calls return, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  std::set_terminate(end_at_once);
  try {
    return static_cast<int>(CommandLine{}.run(argc, argv));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "mentiond: internal error: %s\n", error.what());
    return static_cast<int>(ExitCode::internal);
  }
}
