// Secret: a text that no log, error or status page can print by accident, and that leaves no copy of its own behind in
// freed memory. Any thread.
#pragma once

#include <cstring>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace mentiond {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) { wipe(value); }
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { wipe(other.value_); }
  Secret& operator=(const Secret& other) { return *this = Secret{other}; }
  Secret& operator=(Secret&& other) noexcept {
    value_.swap(other.value_);  // each is wiped by the destructor of its new owner
    return *this;
  }
  ~Secret() { wipe(value_); }

  // The value itself, for the one line that puts it on the wire.
  [[nodiscard]] const std::string& reveal() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }
  bool operator==(const Secret&) const = default;
  // Whether a stranger's guess is right. How long that takes depends on the guess's length, not on how much of it is.
  [[nodiscard]] bool matches(std::string_view guess) const {
    volatile unsigned char difference = value_.size() == guess.size() && !value_.empty() ? 0 : 1;
    for (std::size_t i = 0; i < guess.size(); ++i) {
      const char expected = value_.empty() ? '\0' : value_[i % value_.size()];
      difference = static_cast<unsigned char>(difference | static_cast<unsigned char>(expected ^ guess[i]));
    }
    return difference == 0;
  }

  friend std::ostream& operator<<(std::ostream& out, const Secret&) { return out << masked; }
  static constexpr std::string_view masked = "***";

  // Zeroes all that `text` has room for, in a way that no optimiser takes out, and leaves it empty. A short text lies
  // in the string object itself, and stays there when it was moved from.
  static void wipe(std::string& text) noexcept {
    text.resize(text.capacity());
    explicit_bzero(text.data(), text.size());
    text.clear();
  }

 private:
  std::string value_;
};

}  // namespace mentiond
