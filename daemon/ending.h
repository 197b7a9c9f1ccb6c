// Ending decides how a run comes to its end: whom to stop once the other half has ended, how long deliver may go on,
// and with which exit code the program leaves. Pure: what happened goes in, what to do comes out; Service does it.
//
//   a signal            -> begin_stop(): collect finishes its page; at `cut_at` everything under way is cut
//   collect has ended   -> collect_ended(): Leave, CutDeliver or Drain
//   deliver has ended   -> deliver_ended(): the exit code
#pragma once

#include <optional>
#include <variant>

#include "base/time.h"
#include "collect/collector.h"
#include "daemon/exit_code.h"
#include "daemon/verbs.h"
#include "deliver/deliverer.h"

namespace mentiond {

class Ending {
 public:
  // `grace`: shutdown_grace. `delivers`: there is a sink.
  Ending(RunMode mode, bool delivers, Millis grace) : mode_(mode), delivers_(delivers), grace_(grace) {}

  [[nodiscard]] bool stopping() const { return cut_at_.has_value(); }
  // By a signal, or because collect has ended by itself: there is nothing left to reload.
  [[nodiscard]] bool begun() const { return stopping() || collect_has_ended_; }
  // The time at which to cut what is still under way; nothing if the run is being stopped already.
  std::optional<SteadyTime> begin_stop(SteadyTime now);

  struct Leave {
    ExitCode code = ExitCode::done;
  };
  struct CutDeliver {};
  struct Drain {
    Millis grace{};
    deliver::Deliverer::Grace kind = deliver::Deliverer::Grace::in_all;
  };
  using Next = std::variant<Leave, CutDeliver, Drain>;
  Next collect_ended(collect::CollectEnd end, SteadyTime now);
  ExitCode deliver_ended(deliver::DeliverEnd end) const;

 private:
  RunMode mode_;
  bool delivers_;
  Millis grace_;
  std::optional<SteadyTime> cut_at_;  // set: a signal came
  ExitCode collected_ = ExitCode::done;
  bool collect_has_ended_ = false;
};

}  // namespace mentiond
