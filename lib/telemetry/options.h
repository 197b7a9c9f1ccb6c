// What an operator may set about logs; lib/config fills it.
#pragma once

#include <cstdint>

namespace mentiond::telemetry {

enum class Level : std::uint8_t { debug, info, warn, error };
// `automatic`: text on a terminal, logfmt otherwise.
enum class Format : std::uint8_t { automatic, text, logfmt, json };

struct Options {
  Level level = Level::info;
  Format format = Format::automatic;
};

}  // namespace mentiond::telemetry
