// From an endpoint to a stream that can carry requests: name, TCP, proxy, TLS. Internal to this room; loop's thread.
#pragma once

#include <optional>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "base/http_message.h"
#include "base/result.h"
#include "base/time.h"
#include "http/options.h"
#include "http/proxy.h"
#include "http/stream.h"

namespace mentiond::http {

// An endpoint and the way to it.
struct Route {
  Endpoint endpoint;
  std::optional<Proxy> proxy;
  std::string place;  // how messages name it: "api.x.com:443" or "api.x.com:443 through the proxy proxy:3128"
};
Result<Route> make_route(const Endpoint& endpoint, const ProxyEnvironment& environment);

inline HttpFailure failure(HttpFailure::Kind kind, const Route& route, std::string_view cause) {
  return {kind, std::string{route.place}.append(": ").append(cause)};
}

// Opens the fresh `stream`; nothing if that worked. All of it together ends at `deadline`: a name lookup that hangs
// cannot be cancelled and is left behind. Of several addresses each gets its share of the time that is left.
Task<std::optional<HttpFailure>> open(Stream& stream, const Route& route, boost::asio::ssl::context* tls,
                                      SteadyTime deadline);

}  // namespace mentiond::http
