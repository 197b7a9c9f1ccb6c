// The body of a bulk request: an action line and a source line for each row, in the strict form of Elasticsearch 9
// (every line ends in a newline, nothing after an action, nothing pretty). Pure; any thread.
//
//   append_index(body, op, [&](std::string& out) { documents.append(out, tweet, ...); });
//
// https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/http_message.h"
#include "elastic/auth.h"
#include "mention/tweet_id.h"

namespace mentiond::elastic {

// `external`: written only if the revision is greater than the stored one, so a repeat costs nothing and answers 409.
// `external_gte` also rewrites an equal one: for an explicit redelivery, after the derived fields got better.
enum class VersionType : std::uint8_t { external, external_gte };

// One row of a bulk request. Its `_id` is the root id, its version the revision.
struct Op {
  enum class Kind : std::uint8_t {
    index,  // write the document
    erase,  // a tombstone: op `delete`, no source line
  };
  Kind kind = Kind::index;
  TweetId root;
  std::uint64_t revision = 0;  // 1 to 2^63 - 1
  std::string index;
  VersionType version_type = VersionType::external;
};

// The key that the action line and the item of the reply bear: "index" or "delete".
std::string_view action_name(Op::Kind kind);

void append_action(std::string& body, const Op& op);

// Action, source and newline. `append_source` gets the body and appends one JSON object without a newline in it.
template <class AppendSource>
void append_index(std::string& body, const Op& op, AppendSource&& append_source) {
  append_action(body, op);
  append_source(body);
  body += '\n';
}
// A delete is its action line.
inline void append_erase(std::string& body, const Op& op) { append_action(body, op); }

// What the reply is filtered down to. `items.*.status` must stay, or successful items vanish and with them the
// positions. `result` is not asked: 200 and 201 tell updated from created, and a delete that found nothing is the only
// 404 without an error. `failure_store` is the one sign that a 201 was a rejection.
constexpr std::string_view bulk_target = "/_bulk?filter_path=errors,items.*.error,items.*.status,items.*.failure_store";

// The server may wait a minute for each of making the index, updating its mapping and finding its shard (its `timeout`
// parameter) before it answers: giving up earlier would only send the same rows again.
constexpr std::chrono::milliseconds bulk_timeout = std::chrono::seconds{200};

// Plain application/x-ndjson: the versioned media types of one product are a 400 or 406 on the others.
HttpRequest bulk_request(std::string body, bool gzip, const Authorization& authorization);

}  // namespace mentiond::elastic
