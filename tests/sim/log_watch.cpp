#include "sim/log_watch.h"

#include <array>
#include <cstdio>
#include <stdexcept>

#include <sys/mman.h>
#include <unistd.h>

namespace mentiond::sim {

LogWatch::LogWatch() : file_(memfd_create("log", MFD_CLOEXEC)), stderr_(dup(STDERR_FILENO)) {
  if (file_ < 0 || stderr_ < 0 || dup2(file_, STDERR_FILENO) < 0) throw std::runtime_error("cannot catch stderr");
}

LogWatch::~LogWatch() {
  std::fflush(stderr);
  dup2(stderr_, STDERR_FILENO);
  close(stderr_);
  close(file_);
}

std::optional<std::string> LogWatch::find(const std::vector<std::string_view>& words) {
  std::string text;
  std::array<char, 65'536> chunk{};
  off_t at = 0;
  for (;;) {
    const auto read = pread(file_, chunk.data(), chunk.size(), at);
    if (read <= 0) break;
    text.append(chunk.data(), static_cast<std::size_t>(read));
    at += read;
  }
  // Read is forgotten: both descriptors share one offset.
  if (ftruncate(file_, 0) != 0 || lseek(file_, 0, SEEK_SET) != 0) throw std::runtime_error("cannot empty the log");
  std::size_t begin = 0;
  while (begin < text.size()) {
    const auto end = std::min(text.find('\n', begin), text.size());
    const auto line = std::string_view{text}.substr(begin, end - begin);
    ++lines_;
    for (const auto word : words) {
      if (line.find(word) != std::string_view::npos) return std::string{line};
    }
    begin = end + 1;
  }
  return std::nullopt;
}

}  // namespace mentiond::sim
