// LD_PRELOAD: lookups of names hang while the FIFO that $LOOKUPS_HANG_AT names is there and nobody writes to it, and
// fail for now while the file $LOOKUPS_FAIL_AT is there.
#include <cstdlib>

#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <unistd.h>

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** found) {
  if (const char* place = std::getenv("LOOKUPS_HANG_AT"); place != nullptr) {
    const int gate = open(place, O_RDONLY | O_CLOEXEC);  // a FIFO opens when somebody writes to it
    if (gate >= 0) close(gate);
  }
  if (const char* place = std::getenv("LOOKUPS_FAIL_AT"); place != nullptr && access(place, F_OK) == 0)
    return EAI_AGAIN;
  using Real = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto real = reinterpret_cast<Real>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(node, service, hints, found);
}
