// The Cloud ID that Elastic Cloud shows for a deployment, and the address it stands for. Pure; any thread.
//
//   cloud-id = [label ":"] base64( host [":" port] "$" es-uuid [":" port] [ "$" kibana-uuid ... ] )
//   address  = "https://" es-uuid "." host ":" port        the part's own port, else the host's, else 443
//
// The rules are those of Elastic's own shippers, but a missing Kibana part is accepted (we do not need it):
// https://github.com/elastic/beats/blob/main/libbeat/cloudid/cloudid.go
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mentiond::elastic {

constexpr std::uint16_t default_cloud_port = 443;

// "https://cec6f2.us-east-1.aws.found.io:443". The label may hold colons, base64 padding and the white space around may
// be there or not. Characters that would change the meaning of the address (# @ ? / \ spaces, controls) are refused: a
// Cloud ID comes by mail and chat, and must not send our key elsewhere.
Result<std::string> decode_cloud_id(std::string_view cloud_id);

}  // namespace mentiond::elastic
