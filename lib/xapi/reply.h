// What an answer of X means: the verdict table of the collector. read_reply() turns a reply into a Reply; the poller
// decides what to do about it. Pure.
// Errors: https://docs.x.com/x-api/fundamentals/response-codes-and-errors  Limits: .../fundamentals/rate-limits
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/http_message.h"
#include "base/time.h"
#include "xapi/page.h"

namespace mentiond::xapi {

// A page: `Page` itself stays with the parser; this is what a walk needs to know of it.
struct GotPage {
  std::size_t posts = 0;     // items read, unparsable ones included
  std::vector<TweetId> ids;  // of every item whose id could be read, as X sent them: the walk judges them
  std::string next_token;
  bool bears_asked_field = false;
};
// Connect, TLS or read failure, 408, 5xx, broken JSON, HTML, a 200 that is no page.
struct Retry {
  std::string why;
};
// 429 with x-rate-limit-remaining = 0: wait until the reset.
struct RateLimited {};
// 429 usage-capped, 402, 403 SpendCapReached: until `until`, else until the next UTC day.
struct Capped {
  enum class By : std::uint8_t { cap, credits, spend_cap };
  By by = By::cap;
  std::optional<Day> until;
};
// 429 that says neither of these.
struct TooManyRequests {};
// 400 for a since_id older than X's window. `bound`: the id that X names as the least it accepts.
struct StaleSinceId {
  std::optional<TweetId> bound;
};
struct StaleUntilId {};   // 400 naming until_id: the whole gap lies outside the window
struct BadNextToken {};   // 400 naming next_token (or pagination_token): go on by until_id
struct WrongVocabulary {  // 400 naming a fields parameter, or an expansion of the other vocabulary
  std::string parameter;
};
struct BadQuery {  // any other 400: park this query
  std::string detail;
};
struct AuthFailed {  // 401, 403 otherwise, and whatever is not listed (3xx, 404, 410): every 5 min, re-reading the
                     // secret
  int status = 0;
  std::string detail;
};

using Answer = std::variant<GotPage, Retry, RateLimited, Capped, TooManyRequests, StaleSinceId, StaleUntilId,
                            BadNextToken, WrongVocabulary, BadQuery, AuthFailed>;

struct Reply {
  Answer answer;
  // The Date header, where the answer is surely X's own (a page, or a problem in X's JSON): the time for resets, caps
  // and budget days. A proxy's 502 has a clock of its own.
  std::optional<Time> date;
  std::optional<std::int64_t> remaining;  // x-rate-limit-remaining
  std::optional<Time> reset;              // x-rate-limit-reset
};

// Stable names for mentiond_x_requests_total{outcome} and logs: page, retry, rate_limited, capped, too_many_requests,
// stale_since_id, stale_until_id, bad_next_token, wrong_vocabulary, bad_query, auth_failed.
std::string_view outcome_name(const Answer& answer);

}  // namespace mentiond::xapi
