// Chance: every decision of the simulation is drawn from here, so that a seed is a history.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>

#include "base/time.h"
#include "fakes/x_corpus.h"

namespace mentiond::sim {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : random_(seed) {}

  std::uint64_t next() { return random_.next(); }
  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(most - least + 1)));
  }
  // In (0, 1].
  double unit() { return random_.unit(); }
  bool happens(double probability) { return random_.unit() <= probability; }
  // Exponentially distributed, as waits between independent events are.
  Millis about(Millis mean) {
    return Millis{1 + static_cast<std::int64_t>(-std::log(random_.unit()) * static_cast<double>(mean.count()))};
  }
  Millis up_to(Millis most) { return Millis{between(0, most.count())}; }
  template <class Values>
  const auto& one_of(const Values& values) {
    return values[random_.below(std::size(values))];
  }

 private:
  fakes::Random random_;
};

}  // namespace mentiond::sim
