// Literal answers of Elasticsearch, and short ways to ask read_bulk_reply about them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "elastic/bulk_reply.h"

namespace mentiond::elastic::test {

inline Op index_op(std::uint64_t id = 1800000000000000000, std::uint64_t revision = 5) {
  Op op;
  op.root = TweetId{id};
  op.revision = revision;
  op.index = "cloud_marketplace_data_20240610";
  return op;
}

inline Op erase_op() {
  Op op = index_op();
  op.kind = Op::Kind::erase;
  return op;
}

using Outcome = Result<HttpReply, HttpFailure>;

inline HttpReply reply(int status, std::string body) {
  HttpReply result;
  result.status = status;
  result.body = std::move(body);
  return result;
}

inline BulkVerdict ask(const HttpReply& answer, const std::vector<Op>& sent) {
  return read_bulk_reply(Outcome{answer}, sent);
}
inline BulkVerdict ask(int status, std::string body, const std::vector<Op>& sent = {index_op()}) {
  return ask(reply(status, std::move(body)), sent);
}

// {"type":..,"reason":..}; neither may need escaping.
inline std::string error_json(std::string_view type, std::string_view reason, std::string_view caused_by = {}) {
  std::string json = R"({"type":")" + std::string{type} + R"(","reason":")" + std::string{reason} + '"';
  if (!caused_by.empty()) json += R"(,"caused_by":)" + std::string{caused_by};
  return json + '}';
}

inline std::string item_json(int status, std::string_view error = {}, std::string_view action = "index") {
  std::string json = R"({")" + std::string{action} + R"(":{"status":)" + std::to_string(status);
  if (!error.empty()) json += R"(,"error":)" + std::string{error};
  return json + "}}";
}

inline std::string items_json(const std::vector<std::string>& items) {
  std::string json = R"({"errors":true,"items":[)";
  for (const auto& item : items) json += (json.ends_with('[') ? "" : ",") + item;
  return json + "]}";
}

inline std::string refusal_json(int status, std::string_view error) {
  return R"({"error":)" + std::string{error} + R"(,"status":)" + std::to_string(status) + '}';
}

// The verdict on the one item of a reply to one operation; fails the test (and returns an odd verdict) if there is
// none.
inline ItemVerdict judge_one(const std::string& item, const Op& op = index_op()) {
  const BulkVerdict verdict = ask(200, items_json({item}), {op});
  const auto* items = std::get_if<Items>(&verdict);
  if (items == nullptr || items->verdicts.size() != 1) {
    ADD_FAILURE() << "no single verdict for " << item << " but " << outcome_name(verdict);
    return RetryItem{{0, "test", "no verdict"}};
  }
  return items->verdicts.front();
}
inline ItemVerdict judge_one(int status, std::string_view type, std::string_view reason) {
  return judge_one(item_json(status, error_json(type, reason)));
}

template <class T>
T expect_verdict(const ItemVerdict& verdict) {
  const auto* found = std::get_if<T>(&verdict);
  if (found == nullptr) {
    ADD_FAILURE() << "got " << outcome_name(verdict);
    return T{};
  }
  return *found;
}
template <class T>
T expect_verdict(const BulkVerdict& verdict) {
  const auto* found = std::get_if<T>(&verdict);
  if (found == nullptr) {
    ADD_FAILURE() << "got " << outcome_name(verdict);
    return T{};
  }
  return *found;
}

}  // namespace mentiond::elastic::test
