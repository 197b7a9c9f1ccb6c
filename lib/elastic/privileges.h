// Whether our key may do what delivery needs: asked by `check --online`, never by the daemon, which learns it from its
// own requests. Servers without security (OpenSearch has another API) do not answer. Pure; any thread.
// https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-security-has-privileges
#pragma once

#include <cstdint>
#include <string>

#include "base/http_message.h"
#include "elastic/auth.h"
#include "elastic/index_name.h"

namespace mentiond::elastic {

// `monitor` is what GET / wants: without it nobody notices that another cluster answers.
// `installs_template`: the key must also be allowed to install index templates.
HttpRequest privileges_request(const IndexPattern& pattern, bool installs_template, const Authorization& authorization);
// The privileges that the request asks for, for people: "create_index, index and delete on data_*, monitor on
// the cluster".
std::string privileges_needed(const IndexPattern& pattern, bool installs_template);

enum class Privileges : std::uint8_t {
  all,
  missing,  // the body lists which
  refused,  // 401 or 403: the credentials themselves
  unknown,  // there is no such API here
};
Privileges judge_privileges(const HttpReply& reply);

}  // namespace mentiond::elastic
