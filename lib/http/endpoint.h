// Endpoint URLs as operators write them: text to Endpoint and back. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "http/options.h"

namespace mentiond::http {

// Reads http://HOST[:PORT][/PREFIX] or https://...; IPv6 addresses stand in brackets. The port is 80 or 443 where none
// is given, and a trailing slash of the prefix is dropped. Refused, with the remedy: another scheme, credentials in the
// URL (they would end in logs), a query, a fragment, spaces, control characters. The error never repeats credentials.
Result<Endpoint> parse_endpoint(std::string_view url);

// The URL that parse_endpoint reads as this endpoint; the scheme's own port is left out.
std::string to_text(const Endpoint& endpoint);

// "host:port", "[::1]:9200": for messages, and for the Host header and CONNECT.
std::string host_and_port(std::string_view host, std::uint16_t port);

// The machine itself: 127.0.0.0/8, ::1, localhost and names below it (RFC 6761 section 6.3). Such hosts are never
// reached through a proxy, and a secret may go to them in clear text.
bool is_loopback(std::string_view host);
inline bool is_loopback(const Endpoint& endpoint) { return is_loopback(endpoint.host); }

}  // namespace mentiond::http
