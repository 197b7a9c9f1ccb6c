// Simulation: one seed's history from its first day to the quiet one after the last, and the verdict. What mentiond
// promises is checked all along; in the end everything is mended, two days pass, and nothing may be left over.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/log_watch.h"
#include "sim/memory_disk.h"
#include "sim/model_elastic.h"
#include "sim/model_x.h"
#include "sim/oracle.h"
#include "sim/plan.h"
#include "sim/process.h"
#include "sim/world.h"

namespace mentiond::sim {

struct Verdict {
  std::string failure;  // empty: every promise was kept
  std::string trace;    // the last things that happened before
  std::uint64_t hash = 0;
  std::int64_t events = 0, mentions = 0, documents = 0, dead = 0, pages = 0, crashes = 0;
  int days = 0;
};

class Simulation {
 public:
  struct Options {
    std::uint64_t seed = 1;
    std::optional<int> days;
    bool trace = false;
  };
  // `folder`: for the files of the ledger that are not SQLite's (the lock).
  Simulation(const Options& options, std::string folder);
  ~Simulation();

  Verdict run();

 private:
  // What happens by itself every so often. Never, where the plan has no mean.
  struct Event {
    Millis mean{};
    void (Simulation::*happen)() = nullptr;
    Time next{};
  };
  void draw_events();
  void let_events_happen();
  void one_slice(Millis span);
  void start_process();
  void end_process();
  void watch_log();

  void x_weather();
  void sink_weather();
  void power_cut();
  void fill_disk();
  void break_sync();
  void step_clock();
  void restart();
  void replace_cluster();
  void restore_ledger();
  void burst();
  void full_for_a_moment();

  // simulation_operator.cpp
  std::optional<admin::Answer> order(const admin::Order& order);
  void forget_some();
  void forget_what_is_left();
  void redeliver_some();
  void lose_index();
  void restore_lost();
  void handle_letters();
  void reload();
  void run_once_for_a_while();

  // simulation_end.cpp: the quiet days and the last look
  void quieten();
  void check_stored_posts();
  void check_end();
  void check_gone(TweetId root);
  void check_document(const LedgerFacts::Post& post);
  void check_rest();

  Options options_;
  std::string path_;
  World world_;
  Plan plan_;
  LogWatch log_;
  MemoryDisk disk_;
  Oracle oracle_;
  ModelX x_;
  ModelElastic sink_;
  std::unique_ptr<Process> process_;
  std::vector<Event> events_;
  MemoryDisk::Cut cut_ = MemoryDisk::Cut::kill;
  Millis clock_error_{};
  Time down_until_{};
  std::optional<Time> disk_full_until_;
  struct Backup {
    MemoryDisk::Image image;
    Oracle::Known known;
  };
  std::optional<Backup> backup_;
  std::vector<std::string> forgotten_;                  // the ids that the operator wanted forgotten
  bool forget_again_ = false;                           // perhaps they are not
  std::vector<ModelElastic::Lost> lost_, redelivered_;  // indices: still to be sent again, and those that were ordered
  Time once_until_{};
  Time started_{};
  Time last_rise_{};
  int poisoned_ = 0;
  std::int64_t crashes_ = 0;
  std::int64_t dead_ = 0;
  std::int64_t documents_ = 0;
};

}  // namespace mentiond::sim
