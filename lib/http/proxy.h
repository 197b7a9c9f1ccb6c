// Which proxy stands between us and an endpoint, as the environment says. Pure; any thread.
// The customs are curl's: https://everything.curl.dev/usingcurl/proxies/env.html
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "http/options.h"

namespace mentiond::http {

// Reads [http://][USER:PASSWORD@]HOST[:PORT]; user and password may be percent-encoded. Another scheme (https, socks5)
// is an error: only plain HTTP proxies are spoken to. No error repeats the text, which may hold a password.
Result<Proxy> parse_proxy(std::string_view url);

// True where NO_PROXY takes this host out: entries are split by commas or blanks; "*" takes all out; "example.org",
// ".example.org" and "*.example.org" take the name (but for the last) and all names below it; an entry with ":port"
// holds for that port alone; an address holds for exactly that address.
bool bypasses_proxy(std::string_view no_proxy, const Endpoint& endpoint);

// The proxy for this endpoint: none for a loopback host, for one that NO_PROXY takes out, or if none is set for its
// scheme.
Result<std::optional<Proxy>> choose_proxy(const ProxyEnvironment& environment, const Endpoint& endpoint);

}  // namespace mentiond::http
