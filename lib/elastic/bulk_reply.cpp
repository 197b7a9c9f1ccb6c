#include "elastic/bulk_reply.h"

#include <algorithm>
#include <string>
#include <utility>

#include "elastic/item_verdict.h"
#include "elastic/reply_json.h"

namespace mentiond::elastic {
namespace {

BulkVerdict judge_failure(const HttpFailure& failure) {
  std::string why{to_text(failure.kind)};
  why.append(": ").append(failure.message);
  switch (failure.kind) {
    case HttpFailure::Kind::resolve:
    case HttpFailure::Kind::connect:
    case HttpFailure::Kind::tls:
      return Unreachable{std::move(why)};
    case HttpFailure::Kind::no_connection:
      return Unconnected{};
    case HttpFailure::Kind::timeout:
    case HttpFailure::Kind::cut:
    case HttpFailure::Kind::malformed:
    case HttpFailure::Kind::too_large:
    case HttpFailure::Kind::cancelled:
      break;
  }
  return Unknown{std::move(why)};
}

BulkVerdict judge_items(std::string_view body, std::span<const Op> sent) {
  const auto items = read_items(body, sent.size());
  if (!items) return Unknown{items.error().message};
  Items result;
  result.verdicts.reserve(sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const ItemReply& item = (*items)[i];
    if (item.kind != sent[i].kind) {
      return Unknown{"item " + std::to_string(i) + " of the reply is not about the operation sent there"};
    }
    result.verdicts.push_back(judge_item(item, sent[i].kind));
  }
  return result;
}

// Seconds, or a date to be read against the server's own clock. What is neither says nothing.
std::optional<Millis> retry_after(const HttpHeaders& headers) {
  const auto clamp = [](Millis wait) { return std::clamp(wait, Millis{0}, longest_retry_after); };
  if (const auto seconds = headers.find_number("Retry-After")) {
    if (*seconds < 0) return std::nullopt;
    constexpr auto most = std::chrono::duration_cast<std::chrono::seconds>(longest_retry_after);
    return clamp(std::min(std::chrono::seconds{*seconds}, most));
  }
  const auto date = parse_http_date(headers.find("Retry-After").value_or(""));
  const auto now = parse_http_date(headers.find("Date").value_or(""));
  if (!date || !now) return std::nullopt;
  return clamp(*date - *now);
}

// A refusal of the whole request that names the state of the cluster or an index stands for each of its rows. Those
// of a 400 wait until bisecting has shown whose row it is.
std::optional<Items> judge_for_all(int status, const ServerError& error, std::size_t rows) {
  const bool attributable = status == 403 || status == 429 || (status == 400 && rows == 1);
  if (!attributable || rows == 0) return std::nullopt;
  const ItemVerdict verdict = judge_error(status, error);
  const auto* pause = std::get_if<PauseSink>(&verdict);
  const bool names_state = std::holds_alternative<HoldIndex>(verdict) || (pause && pause->why != PauseReason::auth);
  if (!names_state) return std::nullopt;
  return Items{std::vector<ItemVerdict>(rows, verdict)};
}

// Everything but 200.
BulkVerdict judge_refusal(const HttpReply& reply, std::span<const Op> sent) {
  const int status = reply.status;
  if (status == 413) return TooLarge{};
  if (status < 400 || status == 408 || status >= 500) return Unknown{"HTTP " + std::to_string(status)};
  const auto error = read_error(reply.body);
  if (error) {
    if (auto items = judge_for_all(status, *error, sent.size())) return std::move(*items);
  }
  if (status == 429) return Throttled{retry_after(reply.headers)};
  Cause words = error ? error->outermost() : Cause{};
  if (words.type.empty() && words.reason.empty()) words.reason = excerpt(reply.body);
  Fault fault{status, std::move(words.type), std::move(words.reason)};
  if (status == 400) return Malformed{std::move(fault)};
  if (status == 401 || status == 403) return Denied{std::move(fault)};
  return WrongEndpoint{std::move(fault)};
}

}  // namespace

BulkVerdict read_bulk_reply(const Result<HttpReply, HttpFailure>& outcome, std::span<const Op> sent) {
  if (!outcome) return judge_failure(outcome.error());
  return outcome->status == 200 ? judge_items(outcome->body, sent) : judge_refusal(*outcome, sent);
}

}  // namespace mentiond::elastic
