// Random: the one source of randomness, handed to the shells, which pass its numbers to the deciders. Seeded
// explicitly, so that a history can be played again. Not for secrets. One thread.
#pragma once

#include <cstdint>
#include <random>

namespace mentiond {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  // In [0, 1).
  double uniform() { return std::uniform_real_distribution<double>{0.0, 1.0}(engine_); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace mentiond
