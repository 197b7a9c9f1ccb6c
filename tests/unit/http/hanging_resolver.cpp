#include "hanging_resolver.h"

#include <condition_variable>
#include <mutex>
#include <string_view>

#include <dlfcn.h>
#include <netdb.h>

namespace {

std::mutex lock;
std::condition_variable released;
bool hanging = false;

}  // namespace

// Stands before the C library's, which it calls.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** found) {
  if (node != nullptr && std::string_view{node} == "hang.invalid") {
    std::unique_lock held{lock};
    released.wait(held, [] { return !hanging; });
    return EAI_AGAIN;
  }
  using Real = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto real = reinterpret_cast<Real>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(node, service, hints, found);
}

namespace mentiond::http {

HangingLookups::HangingLookups() {
  const std::lock_guard held{lock};
  hanging = true;
}

HangingLookups::~HangingLookups() {
  const std::lock_guard held{lock};
  hanging = false;
  released.notify_all();
}

}  // namespace mentiond::http
