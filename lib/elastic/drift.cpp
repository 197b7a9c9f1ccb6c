#include "elastic/drift.h"

#include <algorithm>
#include <utility>

namespace mentiond::elastic {

void DriftWatch::push(Judged judged) {
  // Only the latest judgement on a row counts: what has been delivered since must not be held again.
  std::erase_if(judged_, [&](const Judged& old) { return old.root == judged.root; });
  judged_.push_back(std::move(judged));
  if (judged_.size() > window) judged_.pop_front();
}

void DriftWatch::accepted(TweetId root) {
  // While nothing is ever refused there is nothing to count, and nothing to remember.
  if (judged_.empty()) return;
  push({root, std::nullopt});
  if (std::ranges::none_of(judged_, [](const Judged& judged) { return judged.refused.has_value(); })) judged_.clear();
}

std::vector<AsideRow> DriftWatch::refused(AsideRow row) {
  const std::string type = row.fault.type;
  const TweetId root = row.key.root;
  push({root, std::move(row)});
  std::vector<AsideRow> same;
  for (const Judged& judged : judged_) {
    if (judged.refused && judged.refused->fault.type == type) same.push_back(*judged.refused);
  }
  if (same.size() < limit) same.clear();
  return same;
}

void DriftWatch::forget(std::string_view fault_type) {
  std::erase_if(judged_,
                [&](const Judged& judged) { return judged.refused && judged.refused->fault.type == fault_type; });
}

}  // namespace mentiond::elastic
