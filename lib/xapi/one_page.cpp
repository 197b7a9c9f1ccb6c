#include "xapi/one_page.h"

#include <utility>

#include "xapi/walk.h"

namespace mentiond::xapi {

OnePage::Next OnePage::on_answer(const Answer& answer) {
  if (std::holds_alternative<WrongVocabulary>(answer) && std::exchange(may_change_vocabulary_, false)) {
    request_.vocabulary = other(request_.vocabulary);
    return Next::other_vocabulary;
  }
  if (std::holds_alternative<StaleSinceId>(answer) && request_.since_id) {
    request_.since_id.reset();
    return Next::without_since_id;
  }
  return Next::settled;
}

std::optional<TweetId> first_since_id(const std::optional<TweetId>& cursor, Millis overlap) {
  return Walk::newest(cursor, overlap, 0, 1).asked().since_id;
}

}  // namespace mentiond::xapi
