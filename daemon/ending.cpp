#include "daemon/ending.h"

#include <algorithm>

namespace mentiond {
namespace {

using collect::CollectEnd;
using deliver::DeliverEnd;
using deliver::Deliverer;

ExitCode exit_code_of(CollectEnd end) {
  switch (end) {
    case CollectEnd::done:
      return ExitCode::done;
    case CollectEnd::unavailable:
      return ExitCode::unavailable;
    case CollectEnd::ledger:
      return ExitCode::ledger_io;
    case CollectEnd::our_fault:
      return ExitCode::configuration;
  }
  return ExitCode::internal;
}

}  // namespace

std::optional<SteadyTime> Ending::begin_stop(SteadyTime now) {
  if (cut_at_) return std::nullopt;
  cut_at_ = now + grace_;
  return cut_at_;
}

Ending::Next Ending::collect_ended(CollectEnd end, SteadyTime now) {
  collected_ = exit_code_of(end);
  collect_has_ended_ = true;
  if (!delivers_) return Leave{collected_};
  // A daemon that cannot trust its disk has nothing to wait for; a run that ends by itself still delivers what it can.
  if (end == CollectEnd::ledger && mode_ == RunMode::forever) return CutDeliver{};
  if (!cut_at_) return Drain{grace_, Deliverer::Grace::while_progressing};
  return Drain{std::max(std::chrono::duration_cast<Millis>(*cut_at_ - now), Millis{0}), Deliverer::Grace::in_all};
}

ExitCode Ending::deliver_ended(DeliverEnd end) const {
  if (end == DeliverEnd::ledger_fatal) return ExitCode::ledger_io;
  if (mode_ == RunMode::forever) return collected_;
  if (end == DeliverEnd::ledger_full) return ExitCode::ledger_io;
  // Whoever stops a run knows that something may be left over.
  const bool left_over = end != DeliverEnd::drained && !cut_at_;
  return left_over && collected_ == ExitCode::done ? ExitCode::unavailable : collected_;
}

}  // namespace mentiond
