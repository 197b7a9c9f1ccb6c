// What a server, or a proxy before it, repeats of our own credentials in its reply.
#pragma once

#include "base/http_message.h"

namespace mentiond::http {

// Puts *** in their place in the reply's body, so that its words may be logged, stored and shown.
void mask_echo(const HttpRequest& request, HttpReply& reply);

}  // namespace mentiond::http
