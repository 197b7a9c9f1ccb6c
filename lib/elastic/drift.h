// DriftWatch looks at the last documents that the sink judged: a fault that hits many of them speaks of the template,
// not of the documents. Twenty faults of one type among the last forty are drift. Pure; one thread.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "elastic/bulk_sender_step.h"

namespace mentiond::elastic {

class DriftWatch {
 public:
  static constexpr std::size_t window = 40;
  static constexpr std::size_t limit = 20;

  // A document was accepted.
  void accepted(TweetId root);
  // A document was refused for good. The rows to hold instead of burying them: empty, or at the moment of drift all of
  // that type within the window, this one included.
  std::vector<AsideRow> refused(AsideRow row);
  // The operator has mended it: what is judged from now on counts anew.
  void forget(std::string_view fault_type);
  void clear() { judged_.clear(); }

 private:
  struct Judged {
    TweetId root;
    std::optional<AsideRow> refused;
  };
  void push(Judged judged);
  std::deque<Judged> judged_;
};

}  // namespace mentiond::elastic
