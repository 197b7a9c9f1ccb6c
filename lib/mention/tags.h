// TagSet: a sorted set of short names. A row of the ledger bears two: the clouds whose queries found the tweet, and the
// names of those queries. Pure value.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace mentiond {

class TagSet {
 public:
  TagSet() = default;
  TagSet(std::initializer_list<std::string_view> names) {
    for (const auto name : names) add(name);
  }

  // True if the name was not there before.
  bool add(std::string_view name);
  [[nodiscard]] bool contains(std::string_view name) const;
  [[nodiscard]] bool empty() const { return names_.empty(); }
  [[nodiscard]] std::size_t size() const { return names_.size(); }
  [[nodiscard]] auto begin() const { return names_.begin(); }  // in sorted order
  [[nodiscard]] auto end() const { return names_.end(); }
  bool operator==(const TagSet&) const = default;

 private:
  std::vector<std::string> names_;
};

using CloudSet = TagSet;  // "AWS", "Azure", "GCP": as the configuration spells them
using QuerySet = TagSet;

}  // namespace mentiond
