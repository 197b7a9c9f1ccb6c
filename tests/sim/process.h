// Process: one life of mentiond, wired as the daemon wires it: the shipped Collector and Deliverer on one event loop of
// virtual time, over the models. Ends by itself when the ledger gives up, when it is asked to, when all is done
// (--once), or when the world says that it is gone; then it is dropped as it stands. What the daemon does around its
// sockets (service_reload.cpp, service_halves.cpp, service_orders.cpp) is done here likewise, since those want real
// ones.
#pragma once

#include <memory>
#include <optional>

#include <boost/asio/io_context.hpp>

#include "admin/orders.h"
#include "collect/collector.h"
#include "daemon/ending.h"
#include "deliver/deliverer.h"
#include "sim/model_elastic.h"
#include "sim/model_x.h"
#include "sim/plan.h"
#include "sim/watched_ledger.h"
#include "sim/world.h"

namespace mentiond::sim {

class Process {
 public:
  struct Parts {
    World& world;
    const Plan& plan;
    ModelX& x;
    ModelElastic& sink;
    std::unique_ptr<WatchedLedger> ledger;
    Millis clock_error{};  // of the machine's wall clock
    std::uint64_t seed = 0;
    RunMode mode = RunMode::forever;
  };

  explicit Process(Parts parts);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void run_for(Millis span);
  // SIGTERM: as the daemon does it.
  void stop();
  // SIGHUP, with another configuration: two new halves on the same ledger.
  void reload(const Plan& plan);
  // What a person asks of the running daemon. Nothing: it died over it.
  std::optional<admin::Answer> order(admin::Order order);
  void step_wall(Millis by) { clock_.step_wall(by); }
  void set_room(bool room) { watched_->room = room; }
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] RunMode mode() const { return mode_; }
  // How the program leaves, where it does so by itself.
  [[nodiscard]] std::optional<ExitCode> exit_code() const { return code_; }
  [[nodiscard]] LedgerFacts facts() { return watched_->facts(); }
  [[nodiscard]] const telemetry::StatusBoard& board() const { return board_; }

 private:
  void make_halves(const Plan& plan);
  void start_halves();
  void on_collect_end(collect::CollectEnd end);
  void on_deliver_end(deliver::DeliverEnd end);
  void on_thrown(const std::exception_ptr& thrown);
  void finish(ExitCode code);
  template <class T>
  std::optional<T> perform(Task<T> task);
  // A reload is the operator's word that nobody else writes to the sink.
  Task<bool> take_word();
  // Until that is so, or nothing goes on any more; false after `span`.
  template <class Done>
  bool run_until(Done done, Millis span);

  World& world_;
  ModelX& x_;
  ModelElastic& sink_;
  collect::Options collect_options_;
  WatchedLedger* watched_;
  std::unique_ptr<boost::asio::io_context> loop_;
  VirtualClock clock_;
  Random random_;
  telemetry::Log log_;
  telemetry::Metrics metrics_;
  telemetry::StatusBoard board_;
  telemetry::Telemetry telemetry_{log_, metrics_, board_};
  std::unique_ptr<ledger::LedgerThread> ledger_;
  Wakeup stored_;
  std::unique_ptr<collect::Collector> collector_;
  std::unique_ptr<deliver::Deliverer> deliverer_;
  RunMode mode_;
  Ending ending_;
  bool ended_ = false;
  bool replacing_ = false;  // the halves end to be replaced
  bool collect_over_ = false, deliver_over_ = false;
  std::optional<ExitCode> code_;
};

}  // namespace mentiond::sim
