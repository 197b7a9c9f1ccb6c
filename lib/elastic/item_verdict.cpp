#include "elastic/item_verdict.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace mentiond::elastic {
namespace {

// Types that say "not now" whatever their status: some versions report them as 400, 429, 500 or 503.
constexpr std::array<std::string_view, 4> passing_types{"es_rejected_execution_exception", "circuit_breaking_exception",
                                                        "task_cancelled_exception",
                                                        "resource_already_exists_exception"};

// The mapping or the settings are wrong for everybody: beginnings of an illegal_argument_exception's reason.
constexpr std::array<std::string_view, 3> template_faults{
    "Limit of total fields", "only write ops with an op_type of create are allowed in data streams",
    "pipeline with id ["};

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// Since Elasticsearch 7 a validation_exception, before it an illegal_argument_exception, whose reasons may quote a
// document: there only the beginning counts.
bool names_shard_limit(const Cause& cause) {
  constexpr std::string_view limit = "this action would add [";
  const std::string_view reason = cause.reason;
  const bool validation = reason.starts_with("Validation Failed: ");
  if (cause.type == "validation_exception") return contains(reason, limit);
  if (cause.type != "illegal_argument_exception") return false;
  return reason.starts_with(limit) || (validation && contains(reason, limit));
}

std::optional<PauseReason> pause_of(const Cause& cause) {
  if (cause.type == "cluster_block_exception" &&
      (contains(cause.reason, "[TOO_MANY_REQUESTS/12/") || contains(cause.reason, "[FORBIDDEN/12/"))) {
    return PauseReason::flood_stage;
  }
  if (cause.type == "security_exception") return PauseReason::auth;
  const bool is_template =
      cause.type == "illegal_argument_exception" &&
      std::ranges::any_of(template_faults, [&](auto start) { return cause.reason.starts_with(start); });
  return is_template ? std::optional{PauseReason::template_} : std::nullopt;
}

std::optional<HoldReason> hold_of(int status, const Cause& cause) {
  // 429 and 503 blocks (no master yet, state not recovered) lift by themselves.
  if (cause.type == "cluster_block_exception" && status == 403) return HoldReason::read_only;
  if (cause.type == "index_create_block_exception") return HoldReason::read_only;
  if (cause.type == "index_closed_exception") return HoldReason::closed;
  if (cause.type == "index_not_found_exception") return HoldReason::not_found;
  if (names_shard_limit(cause)) return HoldReason::shard_limit;
  return std::nullopt;
}

bool passes(int status, const std::string& type) {
  return status == 429 || status >= 500 || std::ranges::find(passing_types, type) != passing_types.end();
}

// "[1]: version conflict, current version [7] is higher or equal to the one provided [5]"
std::optional<std::uint64_t> current_version(std::string_view reason) {
  constexpr std::string_view mark = "current version [";
  const auto at = reason.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = reason.substr(at + mark.size());
  std::uint64_t version = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), version);
  const bool closed = end != rest.data() + rest.size() && *end == ']';
  return error == std::errc{} && closed ? std::optional{version} : std::nullopt;
}

// What no row of the table names. A 2xx with an error, a 409 of another kind, a 404 while a shard moves: none speaks of
// the document.
ItemVerdict judge_unlisted(int status, Fault fault) {
  if (status == 401 || status == 403) return PauseSink{PauseReason::auth, std::move(fault)};
  // Without a type the server has not said that it is the document.
  const bool about_document = (status == 400 || status == 422) && !fault.type.empty();
  if (about_document) return CannotIndex{std::move(fault)};
  return RetryItem{std::move(fault)};
}

}  // namespace

ItemVerdict judge_error(int status, const ServerError& error) {
  Cause outermost = error.outermost();
  if (status == 409 && outermost.type == "version_conflict_engine_exception") {
    return Delivered{Delivered::How::conflict, current_version(outermost.reason)};
  }
  if (status >= 300) {
    // In the words of the cause that decided: those around it may quote the document.
    for (const Cause& cause : error.causes) {
      if (const auto why = pause_of(cause)) return PauseSink{*why, {status, cause.type, cause.reason}};
      if (const auto why = hold_of(status, cause)) return HoldIndex{*why, {status, cause.type, cause.reason}};
    }
  }
  Fault fault{status, std::move(outermost.type), std::move(outermost.reason)};
  if (passes(status, fault.type)) return RetryItem{std::move(fault)};
  return judge_unlisted(status, std::move(fault));
}

ItemVerdict judge_item(const ItemReply& item, Op::Kind kind) {
  if (item.error) return judge_error(item.status, *item.error);
  const bool erased = kind == Op::Kind::erase;
  // A delete that finds nothing is a 404 without an error, and done: there is nothing left to hide.
  if (erased && (item.status == 200 || item.status == 404)) return Delivered{Delivered::How::deleted, {}};
  if (!erased && (item.status == 200 || item.status == 201)) {
    if (item.failure_store_used) {
      return CannotIndex{{item.status, "failure_store", "rejected into the data stream's failure store"}};
    }
    return Delivered{item.status == 201 ? Delivered::How::created : Delivered::How::updated, {}};
  }
  return judge_error(item.status, ServerError{});
}

}  // namespace mentiond::elastic
