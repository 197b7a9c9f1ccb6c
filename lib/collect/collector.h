// Collector brings X into the ledger: it performs what xapi::SearchPoller decides, asks X through a Transport, commits
// each page through the LedgerThread, and tells telemetry. It decides nothing itself.
//
// Promises: nothing of a page is stored before the page above it is committed; a tweet that was appended is fsynced.
// The next page may be under way while one is committed. Pages that X has served (and billed) wait in memory for room
// on the disk, two at most, and count for the day on which they came. All on the event loop's thread; run() once.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/http_message.h"
#include "base/result.h"
#include "base/secret.h"
#include "collect/options.h"
#include "collect/poll_report.h"
#include "ledger/ledger_thread.h"
#include "loop/clock.h"
#include "loop/random.h"
#include "loop/task.h"
#include "loop/transport.h"
#include "telemetry/telemetry.h"
#include "xapi/page_parser.h"
#include "xapi/poller.h"
#include "xapi/reply.h"

namespace mentiond::collect {

// Why run() ended. Without once-mode only `done` (after stop()) and `ledger` (a fatal failure: leave with 74).
enum class CollectEnd : std::uint8_t {
  done,
  unavailable,  // 69: X is down or capped, the budget is used up, or the sink does not keep up
  ledger,       // 74: the ledger failed or its disk is full
  our_fault,    // 78: X refuses our token, or one of our queries
};

class Collector {
 public:
  // What it works with; all of it outlives the collector.
  struct World {
    Transport& x;
    ledger::LedgerThread& ledger;
    Clock& clock;
    Random& random;
    telemetry::Telemetry& telemetry;
    std::function<Result<Secret>()> secret;  // the bearer token; read anew after X refused it
    std::function<void()> on_new_work;       // called after a commit that deliver should hear of; may be empty
    std::function<std::int64_t()> backlog;   // rows waiting for the sink; empty where there is no sink
  };

  Collector(const Options& options, World world, bool once = false);

  Task<CollectEnd> run();
  // Finishes the page in flight; run() then ends with `done`. Safe to call at any time, more than once.
  void stop();

 private:
  struct InHand {  // a reply that came while the page before it was committed, or waited for room
    std::uint64_t ticket = 0;
    Result<HttpReply, HttpFailure> reply;
    Millis took{};
    Now came;  // what X billed for it belongs to that day
  };
  using Committed = ledger::Outcome<ledger::AppendCounts>;

  Task<std::optional<ledger::Failure>> load();
  Task<std::optional<ledger::Failure>> look_at_space();
  Task<void> perform(xapi::Fetch fetch);
  // Each returns the failure that must end the process, if there is one.
  Task<std::optional<ledger::Failure>> keep(xapi::Keep step);
  Task<std::optional<ledger::Failure>> change(xapi::Change step);
  Task<std::optional<ledger::Failure>> note(xapi::Step step);  // SetParked, Remember
  Task<std::optional<ledger::Failure>> load_meter(xapi::LoadMeter step);
  Task<std::optional<ledger::Failure>> perform_commit(const xapi::Step& step);

  Task<void> ask(HttpRequest request, InHand& into);
  Task<Committed> append(const ledger::PageCommit& commit);
  // Commits the page and acts on the outcome.
  Task<std::optional<ledger::Failure>> store(const ledger::PageCommit& commit, std::size_t query);
  // The same beside another task, which a failure ends early: sets `failure`, and throws.
  struct StoreFailed {};
  Task<void> store_or_throw(const ledger::PageCommit& commit, std::size_t query,
                            std::optional<ledger::Failure>& failure);
  void report_page(const ledger::PageCommit& commit, const ledger::AppendCounts& counts);
  std::optional<ledger::Failure> after_append(const Committed& counts, const ledger::PageCommit& commit);
  [[nodiscard]] ledger::PageCommit commit_for(std::size_t query, const xapi::QueryChange& change, Day day) const;
  // The disk was full: the poller knows what to do. Anything else ends the process.
  std::optional<ledger::Failure> failed(const ledger::Failure& failure);
  void report_all();

  xapi::PollerOptions options_;
  World world_;
  PollReport report_;
  std::optional<xapi::SearchPoller> poller_;
  xapi::PageParser parser_;
  xapi::Page page_;
  std::optional<ledger::PageCommit> unstored_;  // the page read last, until it is committed
  Result<Secret> secret_;
  bool secret_read_ = false;
  std::optional<InHand> in_hand_;
  std::int64_t requests_ = 0;  // answered by X with a page, in the budget month that the poller knows
  SteadyTime next_space_look_ = SteadyTime::min();
  Wakeup wakeup_;
  bool stopping_ = false;
};

}  // namespace mentiond::collect
