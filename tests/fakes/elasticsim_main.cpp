// elasticsim: Elasticsearch on loopback. README.md lists the flags.
#include <iostream>

#include "fakes/elasticsim.h"
#include "fakes/program.h"

int main(int argc, char** argv) {
  using namespace mentiond::fakes;
  ElasticOptions options;
  const std::vector<std::string_view> bare{"flood_stage", "create_blocked", "discard_source"};
  const auto flags = read_flags({argv + 1, argv + argc}, bare, [&](std::string_view name, std::string_view value) {
    return options.set(name, value);
  });
  if (!flags || flags->help) {
    std::cerr << (flags ? "elasticsim plays Elasticsearch; see tests/fakes/README.md for its flags"
                        : "elasticsim: " + flags.error().message)
              << '\n';
    return flags ? 0 : 64;
  }
  try {
    ElasticSim sim{options};
    return serve(*flags, [&](const Request& request) { return sim.handle(request, wall_clock()); });
  } catch (const std::exception& error) {
    std::cerr << "elasticsim: " << error.what() << '\n';
    return 69;
  }
}
