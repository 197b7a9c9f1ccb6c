// Process: one life of mentiond, wired as the daemon wires it: the shipped Collector and Deliverer on one event loop of
// virtual time, over the models. Ends by itself when the ledger gives up, when it is asked to, or when the world says
// that it is gone; then it is dropped as it stands.
#pragma once

#include <memory>
#include <optional>

#include <boost/asio/io_context.hpp>

#include "collect/collector.h"
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
  };

  explicit Process(Parts parts);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void run_for(Millis span);
  // SIGTERM: as the daemon does it.
  void stop(Millis grace);
  void step_wall(Millis by) { clock_.step_wall(by); }
  void set_room(bool room) { watched_->room = room; }
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] LedgerFacts facts() { return watched_->facts(); }
  [[nodiscard]] const telemetry::StatusBoard& board() const { return board_; }

 private:
  void start(std::uint64_t seed);
  void on_end(const std::exception_ptr& thrown, bool fatal, bool last);

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
  bool ended_ = false;
  bool stopping_ = false;
  Millis grace_{};
};

}  // namespace mentiond::sim
