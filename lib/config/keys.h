// The keys of the configuration, once: the reader, the search for the nearest key, effective() and the test of
// docs/configuration.md all go by this table. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mentiond::config {

enum class Type : std::uint8_t {
  text,
  name,    // letters, digits, - and _
  query,   // at most 512 characters
  secret,  // masked wherever it is shown
  path,
  url,  // http or https, without credentials
  cloud_id,
  index,        // an index name's pattern
  fingerprint,  // of a certificate: SHA-256 in hex
  listen,       // address:port
  duration,     // least and most are milliseconds
  size,         // least and most are bytes
  count,
  amount,  // least and most are whole units
  flag,
  choice,
  time_of_day,
};
// As docs/configuration.md says it: "duration", "list of urls", "auto, tweet or post".
struct Key;
std::string describe_type(const Key& key);

enum class Shape : std::uint8_t { one, list };

// `path` is "section.key", "key", or "queries[].key" for those of each query. `fallback` is the default as it would be
// written; empty where there is none. Bounds are inclusive.
struct Key {
  std::string_view path;
  Type type = Type::text;
  std::string_view fallback;
  std::string_view doc;  // its effect, in one line
  std::int64_t least = 0;
  std::int64_t most = 0;
  std::string_view choices = {};  // "auto|tweet|post"
  Shape shape = Shape::one;
};

// In the order in which effective() prints them.
std::span<const Key> all_keys();
const Key* find_key(std::string_view path);
// The names that may stand directly below `prefix` ("", "x.", "queries[]."): keys and sections.
std::vector<std::string_view> names_below(std::string_view prefix);

inline constexpr std::string_view query_prefix = "queries[].";

}  // namespace mentiond::config
