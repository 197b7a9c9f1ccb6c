// Any answer to a bulk request: a row is delivered only by an item at its own position that says so, every row gets a
// verdict or the outcome is unknown, and nothing but a 200 delivers. Input: "200 iid" (status, then an index or a
// delete for each row sent), headers, body.
#include "elastic/bulk_reply.h"

#include <string>
#include <variant>
#include <vector>

#include "fuzz/oracle.h"
#include "fuzz/promise.h"

namespace mentiond::fuzz {
namespace {

using namespace elastic;

std::vector<Op> ops_of(std::string_view letters) {
  std::vector<Op> ops;
  for (const char letter : letters) {
    if (letter != 'i' && letter != 'd') continue;
    Op& op = ops.emplace_back();
    op.kind = letter == 'd' ? Op::Kind::erase : Op::Kind::index;
    op.root = TweetId{1'800'000'000'000'000'000 + ops.size()};
    op.revision = ops.size();
    op.index = "cloud_marketplace_data_20260131";
  }
  return ops;
}

// What the item must say for its row to count as delivered.
bool says_delivered(const Json& item, const Op& op, const Delivered& delivered) {
  if (item.members().size() != 1 || item.members().front().first != action_name(op.kind)) return false;
  const Json& outcome = item.members().front().second;
  const auto status = outcome.integer_at("status");
  const bool erased = op.kind == Op::Kind::erase;
  const Json* const error = outcome.find("error");
  switch (delivered.how) {
    case Delivered::How::created:
      return status == 201 && error == nullptr && !erased;
    case Delivered::How::updated:
      return status == 200 && error == nullptr && !erased;
    case Delivered::How::deleted:
      return (status == 200 || status == 404) && error == nullptr && erased;
    case Delivered::How::conflict:
      return status == 409 && error != nullptr;
  }
  return false;
}

void check_fault(const Fault& fault) {
  require(fault.type.size() <= longest_fault_type && fault.reason.size() <= longest_fault_reason,
          "a fault's words are cut to what the ledger keeps");
}

void check_items(const Items& items, const HttpReply& reply, const std::vector<Op>& sent) {
  require(items.verdicts.size() == sent.size(), "one verdict for each row sent");
  const auto root = reply.status == 200 ? read_json(reply.body) : std::nullopt;
  const Json* const list = root ? root->find("items") : nullptr;
  if (root) {
    require(list != nullptr && list->items().size() == sent.size(), "as many items as rows sent");
  }
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const ItemVerdict& verdict = items.verdicts[i];
    std::visit(
        [](const auto& outcome) {
          if constexpr (requires { outcome.fault; }) check_fault(outcome.fault);
        },
        verdict);
    const auto* delivered = std::get_if<Delivered>(&verdict);
    if (delivered == nullptr) continue;
    require(reply.status == 200, "only a 200 delivers");
    require(list == nullptr || says_delivered(list->items()[i], sent[i], *delivered),
            "a row is delivered only by an item at its own position");
  }
}

void check(const BulkVerdict& verdict, const HttpReply& reply, const std::vector<Op>& sent) {
  const bool is_items = std::holds_alternative<Items>(verdict);
  const bool is_unknown = std::holds_alternative<Unknown>(verdict);
  if (is_items) check_items(std::get<Items>(verdict), reply, sent);
  if (reply.status == 200) require(is_items || is_unknown, "a 200 is read item by item, or its outcome is unknown");
  if (reply.status < 400 || reply.status >= 500) require(is_items || is_unknown, "the outcome is unknown");
  if (const auto* throttled = std::get_if<Throttled>(&verdict); throttled && throttled->retry_after) {
    require(*throttled->retry_after >= Millis{0} && *throttled->retry_after <= longest_retry_after,
            "a wait is between nothing and five minutes");
  }
}

// The strict reader knows a whole reply in which every row succeeded: the verdict must know it too.
void check_plain_success(const BulkVerdict& verdict, const HttpReply& reply, const std::vector<Op>& sent) {
  std::string plain = R"({"errors":false,"items":[)";
  for (std::size_t i = 0; i < sent.size(); ++i) {
    plain.append(i == 0 ? "{\"" : ",{\"").append(action_name(sent[i].kind)).append("\":{\"status\":200}}");
  }
  plain += "]}";
  if (reply.status != 200 || reply.body != plain) return;
  require(std::holds_alternative<Items>(verdict), "a plain success is understood");
}

}  // namespace
}  // namespace mentiond::fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  using namespace mentiond;
  const auto [reply, letters] = fuzz::read_typed_reply(fuzz::text_of(bytes, size));
  const auto sent = fuzz::ops_of(letters);
  const auto verdict = elastic::read_bulk_reply(Result<HttpReply, HttpFailure>{reply}, sent);
  fuzz::check(verdict, reply, sent);
  fuzz::check_plain_success(verdict, reply, sent);
  return 0;
}
