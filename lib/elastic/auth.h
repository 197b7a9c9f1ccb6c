// How mentiond proves to Elasticsearch who it is: the value of the Authorization header, made once from the configured
// secret and added to every request. Pure; any thread. The value is a secret: nothing here prints it.
// https://www.elastic.co/docs/api/doc/elasticsearch/authentication
#pragma once

#include <string_view>

#include "base/http_message.h"
#include "base/result.h"
#include "base/secret.h"

namespace mentiond::elastic {

// "ApiKey ..." or "Basic ..."; empty for a cluster that is open to everybody.
using Authorization = Secret;

// RFC 7617: a user name cannot hold a colon, and neither part a control character. The password may be empty, the name
// not.
Result<Authorization> basic_authorization(std::string_view user, const Secret& password);

// Adds the header, or nothing if `authorization` is empty.
void authorize(HttpRequest& request, const Authorization& authorization);

}  // namespace mentiond::elastic
