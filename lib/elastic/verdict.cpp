#include "elastic/verdict.h"

namespace mentiond::elastic {
namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

std::string_view delivered_name(Delivered::How how) {
  switch (how) {
    case Delivered::How::created:
      return "created";
    case Delivered::How::updated:
      return "updated";
    case Delivered::How::conflict:
      return "conflict";
    case Delivered::How::deleted:
      return "deleted";
  }
  return "unknown";
}

}  // namespace

std::string_view to_text(PauseReason reason) {
  switch (reason) {
    case PauseReason::auth:
      return "auth";
    case PauseReason::template_:
      return "template";
    case PauseReason::flood_stage:
      return "flood_stage";
    case PauseReason::refused:
      return "refused";
    case PauseReason::other_writer:
      return "other_writer";
    case PauseReason::unreachable:
      return "unreachable";
  }
  return "unknown";
}

std::string_view to_text(HoldReason reason) {
  switch (reason) {
    case HoldReason::shard_limit:
      return "shard_limit";
    case HoldReason::read_only:
      return "read_only";
    case HoldReason::closed:
      return "closed";
    case HoldReason::not_found:
      return "not_found";
    case HoldReason::overloaded:
      return "overloaded";
    case HoldReason::drift:
      return "drift";
  }
  return "unknown";
}

std::optional<HoldReason> parse_hold_reason(std::string_view text) {
  for (const HoldReason reason : hold_reasons) {
    if (to_text(reason) == text) return reason;
  }
  return std::nullopt;
}

std::string_view outcome_name(const ItemVerdict& verdict) {
  return std::visit(Overloaded{[](const Delivered& done) { return delivered_name(done.how); },
                               [](const RetryItem&) -> std::string_view { return "retry"; },
                               [](const HoldIndex&) -> std::string_view { return "held"; },
                               [](const PauseSink&) -> std::string_view { return "paused"; },
                               [](const CannotIndex&) -> std::string_view { return "dead"; }},
                    verdict);
}

std::string_view outcome_name(const BulkVerdict& verdict) {
  return std::visit(Overloaded{[](const Items&) -> std::string_view { return "ok"; },
                               [](const Unknown&) -> std::string_view { return "unknown"; },
                               [](const Unreachable&) -> std::string_view { return "unreachable"; },
                               [](const Unconnected&) -> std::string_view { return "no_connection"; },
                               [](const Throttled&) -> std::string_view { return "throttled"; },
                               [](const TooLarge&) -> std::string_view { return "too_large"; },
                               [](const Malformed&) -> std::string_view { return "malformed"; },
                               [](const Denied&) -> std::string_view { return "denied"; },
                               [](const WrongEndpoint&) -> std::string_view { return "wrong_endpoint"; }},
                    verdict);
}

}  // namespace mentiond::elastic
