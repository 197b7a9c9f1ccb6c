// Secret: a text that no log, error or status page can print by accident. Any thread.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace mentiond {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  // The value itself, for the one line that puts it on the wire.
  [[nodiscard]] const std::string& reveal() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }
  bool operator==(const Secret&) const = default;

  friend std::ostream& operator<<(std::ostream& out, const Secret&) { return out << masked; }
  static constexpr std::string_view masked = "***";

 private:
  std::string value_;
};

}  // namespace mentiond
