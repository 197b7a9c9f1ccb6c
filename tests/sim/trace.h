// Trace: what happened, in order: the last lines for whoever has to understand a failure, and a number that two runs of
// one seed must agree on.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "base/time.h"

namespace mentiond::sim {

// The folder has another name each time, and a trace must not.
std::string without(std::string text, const std::string& path);

class Trace {
 public:
  // `all`: every line goes to stdout at once.
  explicit Trace(bool all) : all_(all) {}

  void note(Time now, std::string_view what);
  [[nodiscard]] std::uint64_t hash() const { return hash_; }
  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] std::string last_lines() const;

 private:
  static constexpr std::size_t kept = 60;
  bool all_;
  std::deque<std::string> lines_;
  std::uint64_t hash_ = 0xCBF29CE484222325ULL;
  std::int64_t count_ = 0;
};

}  // namespace mentiond::sim
