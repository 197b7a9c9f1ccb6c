// xsim: X search on loopback. README.md lists the flags.
#include <iostream>

#include "fakes/program.h"
#include "fakes/xsim.h"

int main(int argc, char** argv) {
  using namespace mentiond::fakes;
  XOptions options;
  const auto flags = read_flags({argv + 1, argv + argc}, {"lazy"}, [&](std::string_view name, std::string_view value) {
    return options.set(name, value, wall_clock());
  });
  if (!flags || flags->help) {
    std::cerr << (flags ? "xsim plays X search; see tests/fakes/README.md for its flags"
                        : "xsim: " + flags.error().message)
              << '\n';
    return flags ? 0 : 64;
  }
  try {
    XSim sim{options, wall_clock()};
    return serve(*flags, [&](const Request& request) { return sim.handle(request, wall_clock()); });
  } catch (const std::exception& error) {
    std::cerr << "xsim: " << error.what() << '\n';
    return 69;
  }
}
