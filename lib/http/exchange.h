// One request and its reply on an open stream. Internal to this room; loop's thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/http_message.h"
#include "base/result.h"
#include "http/connect.h"
#include "http/options.h"
#include "http/stream.h"

namespace mentiond::http {

// A request as it goes on the wire; the same bytes serve every attempt on one route.
struct WireRequest {
  std::string head;
  std::string body;
  bool expects_body = true;  // false for HEAD
};

// Puts the head together for this route: absolute form through a proxy without TLS, else path and query. `body_size` is
// that of the body as sent. Fails, naming the field, on a control character: a newline in a token would let it write
// headers of its own. The failure repeats no value.
Result<std::string, HttpFailure> make_head(const HttpRequest& request, const Route& route,
                                           const std::string& user_agent, std::size_t body_size);

struct ExchangeLimits {
  const Options& options;
  SteadyTime total;                   // the request's own end
  std::chrono::milliseconds timeout;  // the same as a duration, for messages
};

struct Outcome {
  enum class Next : std::uint8_t {
    keep,    // the stream may carry another request
    drop,    // it may not
    repeat,  // it broke before the first byte of a reply: if it was a kept one, a fresh one may do better
  };
  Result<HttpReply, HttpFailure> result;
  Next next;
};

Task<Outcome> exchange(Stream& stream, const Route& route, const WireRequest& request, const ExchangeLimits& limits);

}  // namespace mentiond::http
