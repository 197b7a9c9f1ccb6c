// read_reply: the verdict table of the collector, from a reply's bytes to what it means (reply.h). Pure; one thread at
// a time for one parser.
#pragma once

#include "base/http_message.h"
#include "base/result.h"
#include "xapi/page.h"
#include "xapi/page_parser.h"
#include "xapi/reply.h"

namespace mentiond::xapi {

// `page` holds the page if the answer is GotPage, and is empty otherwise; it points into `parser`, valid until that
// parser's next parse. No text of the Reply holds a tweet's text, a body that is not X's JSON, or anything that looks
// like a token.
Reply read_reply(const Result<HttpReply, HttpFailure>& reply, PageParser& parser, Page& page);

}  // namespace mentiond::xapi
