// LogWatch: what the program under test writes to stderr while this lives, searched for words that must not be there.
// Failures of the simulation itself go to stdout. One at a time.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mentiond::sim {

class LogWatch {
 public:
  LogWatch();
  ~LogWatch();
  LogWatch(const LogWatch&) = delete;
  LogWatch& operator=(const LogWatch&) = delete;

  // The first line written since the last call that bears one of these.
  std::optional<std::string> find(const std::vector<std::string_view>& words);
  [[nodiscard]] std::size_t lines() const { return lines_; }

 private:
  int file_;
  int stderr_;
  std::size_t lines_ = 0;
};

}  // namespace mentiond::sim
