// How a fuzzer says that a promise is broken. Aborting is what libFuzzer takes for a finding.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace mentiond::fuzz {

inline void require(bool kept, std::string_view promise) {
  if (kept) return;
  std::fprintf(stderr, "broken promise: %.*s\n", static_cast<int>(promise.size()), promise.data());
  std::abort();
}

}  // namespace mentiond::fuzz

// What libFuzzer and the replay call with each input: https://llvm.org/docs/LibFuzzer.html
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size);
