// OnePage: what to ask X where one page of a query is all that is wanted, beside the daemon and without a trace of it:
// `check --online` and `run --dry-run`. The same page that a poll would begin with, and the same two ways round a
// refusal that the poller knows. Pure; one thread.
//
//   OnePage page{request, true};
//   do answer = ask(page.request()); while (page.on_answer(answer) != OnePage::Next::settled);
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "mention/tweet_id.h"
#include "xapi/reply.h"
#include "xapi/request.h"

namespace mentiond::xapi {

class OnePage {
 public:
  // `may_change_vocabulary`: the configuration leaves it to us.
  OnePage(SearchRequest first, bool may_change_vocabulary)
      : request_(std::move(first)), may_change_vocabulary_(may_change_vocabulary) {}

  enum class Next : std::uint8_t {
    settled,           // this answer stands
    other_vocabulary,  // ask request() again: X refused the fields of the first vocabulary
    without_since_id,  // ask request() again: X refused since_id as older than it serves
  };
  // Each way is tried once: X bills no refusal, but neither does it change its mind.
  Next on_answer(const Answer& answer);

  [[nodiscard]] const SearchRequest& request() const { return request_; }

 private:
  SearchRequest request_;
  bool may_change_vocabulary_;
};

// Where a poll of a query with this cursor begins; nothing: its very first walk.
std::optional<TweetId> first_since_id(const std::optional<TweetId>& cursor, Millis overlap);

}  // namespace mentiond::xapi
