// Pinned authorities, with the meaning that Beats gave to them: a CA certificate that the server itself presents and
// whose fingerprint is pinned becomes a trust root; then everything is verified as ever (dates, name or address, key
// usage, signatures). A server that does not send its CA cannot be verified so.
// https://github.com/elastic/beats/pull/29229
// Internal to this room; loop's thread.
#pragma once

#include <string>
#include <vector>

#include <openssl/ssl.h>

#include "http/fingerprint.h"

namespace mentiond::http {

// From now on handshakes of this context take these as roots where they are presented, besides what the context trusts
// already. Owned by the context.
void pin_authorities(SSL_CTX* context, std::vector<Fingerprint> pins);

// For a handshake that found no trusted root: what was presented, whether any of it was a CA, and the remedy. Empty for
// a context without pins, and before certificates have come.
std::string describe_presented(SSL* ssl);

}  // namespace mentiond::http
