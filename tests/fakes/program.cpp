#include "fakes/program.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>

#include <boost/asio/signal_set.hpp>

#include "fakes/fault_server.h"

namespace mentiond::fakes {
namespace {

Result<void> set_own(Flags& flags, std::string_view name, const std::string& value) {
  if (name == "port_file") return flags.port_file = value, Result<void>{};
  const int port = std::atoi(value.c_str());
  if (port < 0 || port > 65535) return fail("--port: not a port: ", value);
  flags.port = static_cast<std::uint16_t>(port);
  return {};
}

}  // namespace

Result<Flags> read_flags(const std::vector<std::string>& arguments, const std::vector<std::string_view>& bare,
                         const std::function<Result<void>(std::string_view, std::string_view)>& set) {
  Flags flags;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--help") {
      flags.help = true;
      continue;
    }
    if (!argument.starts_with("--")) return fail("not a flag: ", argument);
    const auto equals = argument.find('=');
    std::string name = argument.substr(2, equals == std::string::npos ? equals : equals - 2);
    std::ranges::replace(name, '-', '_');
    std::string value = equals == std::string::npos ? "" : argument.substr(equals + 1);
    if (equals == std::string::npos) {
      if (std::ranges::find(bare, name) != bare.end()) {
        value = "true";
      } else if (++i < arguments.size()) {
        value = arguments[i];
      } else {
        return fail(argument, " needs a value");
      }
    }
    const bool own = name == "port" || name == "port_file";
    if (auto done = own ? set_own(flags, name, value) : set(name, value); !done) return done.error();
  }
  return flags;
}

int serve(const Flags& flags, Handler handler) {
  boost::asio::io_context io{1};
  FaultServer server{io, flags.port, std::move(handler)};
  boost::asio::signal_set signals{io, SIGINT, SIGTERM};
  signals.async_wait([&](boost::system::error_code, int) { io.stop(); });
  if (!flags.port_file.empty()) {
    const std::string written = flags.port_file + ".new";
    std::ofstream{written} << server.port() << '\n';
    std::filesystem::rename(written, flags.port_file);
  }
  std::cout << "listening on 127.0.0.1:" << server.port() << std::endl;
  io.run();
  return 0;
}

Time wall_clock() { return std::chrono::floor<Millis>(std::chrono::system_clock::now()); }

}  // namespace mentiond::fakes
