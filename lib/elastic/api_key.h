// The forms in which people are handed an API key, and the one header that all of them become. Pure; any thread.
//
//   id:key           as two fields of the answer that made the key      -> ApiKey base64(id:key)
//   base64(id:key)   the field `encoded`, what Kibana shows             -> ApiKey, as it stands
//   essu_...         a key of Elastic Cloud, not tied to one deployment -> ApiKey, as it stands
//
// https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-security-create-api-key
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "elastic/auth.h"

namespace mentiond::elastic {

// White space around the key is cut off (files end in a newline). Anything that is none of the three forms is an error
// that says what was expected and never shows the key: a wrong key found at start costs less than a paused sink.
Result<Authorization> api_key_authorization(const Secret& key);

}  // namespace mentiond::elastic
