#include "mention/tags.h"

#include <algorithm>

namespace mentiond {

bool TagSet::add(std::string_view name) {
  const auto at = std::ranges::lower_bound(names_, name, std::less<>{});
  if (at != names_.end() && *at == name) return false;
  names_.emplace(at, name);
  return true;
}

bool TagSet::contains(std::string_view name) const { return std::ranges::binary_search(names_, name, std::less<>{}); }

}  // namespace mentiond
