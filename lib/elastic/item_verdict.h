// The table of item faults: what (status, error.type, error.reason) of one row says about it. Private to lib/elastic;
// bulk_reply.h has the rules behind the table. Pure; any thread.
#pragma once

#include "elastic/reply_json.h"
#include "elastic/verdict.h"

namespace mentiond::elastic {

// The verdict on an item of the operation `kind`, which the caller has compared with what was sent.
ItemVerdict judge_item(const ItemReply& item, Op::Kind kind);

// The same for an error object alone, whatever bore it: HoldIndex, PauseSink, RetryItem or CannotIndex (or Delivered,
// for a version conflict).
ItemVerdict judge_error(int status, const ServerError& error);

}  // namespace mentiond::elastic
