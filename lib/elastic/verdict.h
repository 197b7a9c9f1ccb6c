// What the answer to a bulk request means, for the request as a whole and for each item. read_bulk_reply() applies the
// tables; BulkSender decides what follows. Pure values.
// https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.h"

namespace mentiond::elastic {

// Why the whole sink pauses; the names of mentiond_paused{half="deliver"}.
enum class PauseReason : std::uint8_t { auth, template_, flood_stage, refused, other_writer, unreachable };
// Why one index waits (drift: one kind of fault). `overloaded`: item retries that lasted five minutes.
enum class HoldReason : std::uint8_t { shard_limit, read_only, closed, not_found, overloaded, drift };

inline constexpr std::array pause_reasons{PauseReason::auth,    PauseReason::template_,    PauseReason::flood_stage,
                                          PauseReason::refused, PauseReason::other_writer, PauseReason::unreachable};
inline constexpr std::array hold_reasons{HoldReason::shard_limit, HoldReason::read_only,  HoldReason::closed,
                                         HoldReason::not_found,   HoldReason::overloaded, HoldReason::drift};
std::string_view to_text(PauseReason reason);  // "auth", "template", ...
std::string_view to_text(HoldReason reason);
std::optional<HoldReason> parse_hold_reason(std::string_view text);

// The words of the server about one item that failed: for dead letters, holds and logs. Elasticsearch may quote the
// document in `reason`: it is stored, and never logged at the default level.
struct Fault {
  int status = 0;
  std::string type;
  std::string reason;
};

// 200, 201; 409 on our external version; 404 not_found for a delete.
struct Delivered {
  enum class How : std::uint8_t { created, updated, conflict, deleted };
  How how = How::created;
  // On a conflict: the version that the reason names. One beyond all that the ledger ever drew means another writer.
  std::optional<std::uint64_t> current_version;
};
struct RetryItem {
  Fault fault;
};  // 429, 5xx
struct HoldIndex {
  HoldReason why = HoldReason::not_found;
  Fault fault;
};
struct PauseSink {
  PauseReason why = PauseReason::refused;
  Fault fault;
};
struct CannotIndex {
  Fault fault;
};  // 400: this document can never index (unless the template drifted)

using ItemVerdict = std::variant<Delivered, RetryItem, HoldIndex, PauseSink, CannotIndex>;

// The whole request.
struct Items {
  std::vector<ItemVerdict> verdicts;
};  // one a row sent, in order
struct Unknown {
  std::string why;
};  // send again: connect, TLS, read, 408, 5xx, 3xx, not JSON, items missing or of another number
struct Unreachable {
  std::string why;
};  // no connection at all: as Unknown, but nothing was written
// The connection on which the sink was looked at is gone, as idle ones go: no trouble, but it has to be looked at
// again.
struct Unconnected {};
struct Throttled {
  std::optional<Millis> retry_after;
};  // 429; clamped to 5 min
struct TooLarge {};  // 413
struct Malformed {
  Fault fault;
};  // 400 for the request: bisect
struct Denied {
  Fault fault;
};  // 401, 403
struct WrongEndpoint {
  Fault fault;
};  // 404, 405, 406 and other 4xx
using BulkVerdict =
    std::variant<Items, Unknown, Unreachable, Unconnected, Throttled, TooLarge, Malformed, Denied, WrongEndpoint>;

// Stable names for mentiond_bulk_items_total{outcome}: created, updated, conflict, deleted, retry, held, paused, dead.
std::string_view outcome_name(const ItemVerdict& verdict);
// For mentiond_bulk_requests_total{outcome}: ok, unknown, unreachable, throttled, too_large, malformed, denied,
// wrong_endpoint. What found no connection is no request, and not counted.
std::string_view outcome_name(const BulkVerdict& verdict);

}  // namespace mentiond::elastic
