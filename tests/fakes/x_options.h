// Everything about the fake X that can be chosen, by flag at its start or through POST /_sim/config. README.md has the
// list.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "fakes/x_presets.h"
#include "fakes/x_render.h"

namespace mentiond::fakes {

enum class Accepted : std::uint8_t { tweet, post, both };

struct XOptions {
  std::string token;  // empty: any bearer
  std::uint64_t tweets = 0;
  std::uint64_t seed = 1;
  Millis span = std::chrono::days{6};
  double live = 0;                                // posts per second
  unsigned noise = 5, late = 0, short_pages = 0;  // percent
  Millis index_delay{0};
  Millis late_by = std::chrono::minutes{1};
  Accepted vocabulary = Accepted::both;
  ErrorShape error_shape = ErrorShape::nested;
  std::int64_t rate_limit = 450;  // X's own for an app-only token on recent search; 0: none
  Millis rate_window = std::chrono::minutes{15};
  Millis window = std::chrono::days{7};
  Millis edge{0};
  Millis token_ttl{0};
  std::size_t max_query = 512;  // code points; self-serve limit of recent search
  Millis clock_offset{0};
  std::string reject_query;
  bool lazy = false;

  // Sets one by its name with underscores. `now` is the real time: `clock` is kept as an offset to it.
  Result<void> set(std::string_view name, std::string_view value, Time now);
  [[nodiscard]] std::string to_json() const;
  [[nodiscard]] bool accepts(Vocabulary asked) const;
};

}  // namespace mentiond::fakes
