// Where a process of the crash tests dies: FAIL_AT=name[:n] in its environment means the n-th passage (the first, if it
// says no n) of the seam of that name. Exit code 137, so that a death asked for is told from any other.
#include "base/failpoint.h"

#include <atomic>
#include <cstdlib>
#include <string>
#include <string_view>

#include <unistd.h>

namespace mentiond {
namespace {

constexpr int as_if_killed = 128 + 9;

struct Wanted {
  std::string name;
  std::atomic<int> passages_left = 1;

  Wanted() {
    const char* text = std::getenv("FAIL_AT");
    if (text == nullptr) return;
    name = text;
    const auto colon = name.find(':');
    if (colon == std::string::npos) return;
    passages_left = std::atoi(name.c_str() + colon + 1);
    name.resize(colon);
  }
};

}  // namespace

void failpoint(const char* name) {
  static Wanted wanted;
  if (wanted.name == name && --wanted.passages_left == 0) _exit(as_if_killed);
}

}  // namespace mentiond
