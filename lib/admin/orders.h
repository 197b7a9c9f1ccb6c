// Orders: what operators' verbs do to a ledger, the same in the running daemon (which other words reach over its
// control socket) and on a ledger that a verb has opened itself. On the event loop's thread.
//
//   retry|drop all               every dead letter
//   retry|drop type T            those of one type
//   retry|drop ids ID...         those named; all of them or none
//   forget ID...
//   redeliver FROM TO            tweets made from then (ISO 8601, or "-": from the first) to then (or "-": to the last)
#pragma once

#include "admin/control.h"
#include "ledger/ledger_thread.h"
#include "loop/clock.h"

namespace mentiond::admin {

// Performs an order. Much of it is done in parts, between which collect and deliver have their turn; a failure midway
// says how far it came.
Task<Answer> perform(Order order, ledger::LedgerThread& ledger, const Clock& clock);

// Ids, or dead letters, in one transaction.
inline constexpr std::size_t order_chunk = 500;

}  // namespace mentiond::admin
