// Fingerprint: the SHA-256 of a certificate's DER form, as operators write it and as Elasticsearch prints it at its
// first start. Pure value; any thread.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mentiond::http {

using Fingerprint = std::array<unsigned char, 32>;

// 64 hexadecimal digits in either case, with or without ':' between pairs.
Result<Fingerprint> parse_fingerprint(std::string_view text);
// Small letters without ':'.
std::string to_text(const Fingerprint& fingerprint);

}  // namespace mentiond::http
