// The valid name that a misspelt one was probably meant to be. Pure.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace mentiond::config {

// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b);
// The nearest of `names`, where its distance is small against its length.
std::optional<std::string_view> nearest(std::string_view name, std::span<const std::string_view> names);

}  // namespace mentiond::config
