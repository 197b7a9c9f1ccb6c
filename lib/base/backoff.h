// Backoff: how long to wait before the next try, growing exponentially with jitter, so that many clients of a server in
// trouble do not come back at once. Pure: the random number is an argument.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace mentiond {

class Backoff {
 public:
  enum class Jitter : std::uint8_t {
    full,   // anywhere in (0, delay]: spreads best
    equal,  // in (delay/2, delay]: where too short a wait would hurt
  };

  constexpr Backoff(std::chrono::milliseconds first, std::chrono::milliseconds cap, Jitter jitter = Jitter::full)
      : first_(first), cap_(cap), jitter_(jitter), delay_(first) {}

  // The wait before the next try; each call doubles the delay up to the cap. `random` lies in [0, 1). At least 1 ms.
  std::chrono::milliseconds next(double random) {
    const auto span = static_cast<double>(delay_.count());
    const double wait = jitter_ == Jitter::full ? span * (1.0 - random) : span * (1.0 - random / 2);
    delay_ = std::min(delay_ * 2, cap_);
    ++tries_;
    return std::max(std::chrono::milliseconds{static_cast<std::int64_t>(wait)}, std::chrono::milliseconds{1});
  }
  // It worked: the next trouble starts small again.
  void reset() {
    delay_ = first_;
    tries_ = 0;
  }
  [[nodiscard]] int tries() const { return tries_; }

 private:
  std::chrono::milliseconds first_;
  std::chrono::milliseconds cap_;
  Jitter jitter_;
  std::chrono::milliseconds delay_;
  int tries_ = 0;
};

}  // namespace mentiond
