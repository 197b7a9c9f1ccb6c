// read_bulk_reply: what came back from a bulk request, as a verdict on the whole and on each row. Both tables of
// delivery (docs/delivery.md) live here. Pure; any thread; never throws on what the server sent.
//
// The rules behind the tables:
// - A row is delivered only by a parsed item at its own position. Items missing, cut short, too many, unparsable, or
// naming
//   another operation mean that the outcome is unknown, and everything is sent again (which external versions make
//   harmless).
// - An item is judged by (status, error.type, error.reason), and by the chain of caused_by where servers wrap.
// - What an operator can fix never dead-letters. Where a fault is not listed, the reply's status decides: 400 and 422
// speak
//   of the document, so only that row is set aside (as a dead letter it is kept and can be retried, and if it was no
//   document's fault after all, the drift rule sees it in the crowd); any other 4xx speaks of state or rights: the row
//   is tried again, and after five minutes its index is held.
// - Texts that the server may quote from a document never decide: reasons are compared from their beginning, or only
// under
//   types that quote nothing.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>

#include "base/http_message.h"
#include "base/result.h"
#include "elastic/bulk_body.h"
#include "elastic/verdict.h"

namespace mentiond::elastic {

// A proxy may ask for any wait; beyond this we would rather probe.
constexpr Millis longest_retry_after = std::chrono::minutes{5};
// What is kept of the server's words about one row, in bytes: they go to the ledger.
constexpr std::size_t longest_fault_type = 200;
constexpr std::size_t longest_fault_reason = 2'000;

// `sent`: the operations of the request, in order. In `Items` there is one verdict for each of them. A refusal of the
// whole request that names the state of the cluster or an index (flood stage, read-only, and for a request of one row
// the shard limit, a closed index or a wrong template too) is given as `Items` with that verdict for every row.
BulkVerdict read_bulk_reply(const Result<HttpReply, HttpFailure>& outcome, std::span<const Op> sent);

}  // namespace mentiond::elastic
