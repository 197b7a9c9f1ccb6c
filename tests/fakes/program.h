// What the two programs share: flags, the port they tell, the signals that end them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "fakes/message.h"

namespace mentiond::fakes {

struct Flags {
  std::uint16_t port = 0;
  std::string port_file;
  bool help = false;
};

// Reads `--name value` and `--name=value`; --port, --port-file and --help are its own, everything else goes to `set`
// with dashes turned into underscores. `bare` names the flags that take no value.
Result<Flags> read_flags(const std::vector<std::string>& arguments, const std::vector<std::string_view>& bare,
                         const std::function<Result<void>(std::string_view, std::string_view)>& set);

// Serves until SIGTERM or SIGINT; the exit code. Says where on stdout and in the port file.
int serve(const Flags& flags, Handler handler);

// The wall clock, for the programs: the cores are told the time.
Time wall_clock();

}  // namespace mentiond::fakes
