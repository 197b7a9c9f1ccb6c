#include "sim/trace.h"

#include <cstdio>

namespace mentiond::sim {

void Trace::note(Time now, std::string_view what) {
  std::string line = to_iso8601(now) + "  " + std::string{what};
  for (const char c : line) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  ++count_;
  if (all_) {
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);  // a history that hangs shows where
  }
  if (lines_.size() == kept) lines_.pop_front();
  lines_.push_back(std::move(line));
}

std::string without(std::string text, const std::string& path) {
  const auto at = text.find(path);
  return at == std::string::npos ? text : text.erase(at, path.size());
}

std::string Trace::last_lines() const {
  std::string text;
  for (const auto& line : lines_) text += "  " + line + '\n';
  return text;
}

}  // namespace mentiond::sim
