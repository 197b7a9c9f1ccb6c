// The root of the source tree, for tests that read its files: the nearest folder above the test program that holds the
// project's presets. (__FILE__ will not do: a compiler cache may make it relative to anywhere.)
#pragma once

#include <filesystem>
#include <stdexcept>

namespace mentiond {

inline std::filesystem::path source_dir() {
  for (auto at = std::filesystem::canonical("/proc/self/exe"); at != at.root_path(); at = at.parent_path()) {
    if (std::filesystem::exists(at / "CMakePresets.json")) return at;
  }
  throw std::runtime_error("the test program lies outside the source tree");
}

}  // namespace mentiond
