// Feeds the files named, and those of the folders named, to the fuzzer that this is linked with, once each.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/promise.h"

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_of(const fs::path& place) {
  if (!fs::is_directory(place)) return {place};
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator{place}) files.push_back(entry.path());
  return files;
}

void replay(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  const std::vector<char> bytes{std::istreambuf_iterator<char>{in}, {}};
  std::printf("%s\n", file.c_str());
  std::fflush(stdout);
  // A block of exactly this size, so that a sanitizer sees whoever reads beyond it.
  LLVMFuzzerTestOneInput(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

}  // namespace

int main(int count, char** arguments) {
  std::size_t replayed = 0;
  for (int i = 1; i < count; ++i) {
    if (std::string_view{arguments[i]}.starts_with('-')) continue;  // libFuzzer's options mean nothing here
    for (const fs::path& file : files_of(arguments[i])) {
      replay(file);
      ++replayed;
    }
  }
  std::printf("%zu inputs replayed\n", replayed);
  return replayed == 0 ? 64 : 0;
}
