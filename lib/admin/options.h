// What an operator may set about the admin server; lib/config fills it.
#pragma once

#include <cstdint>
#include <string>

namespace mentiond::admin {

struct Options {
  std::string host = "127.0.0.1";
  std::uint16_t port = 9464;  // 0: a free one, which the log names
};

}  // namespace mentiond::admin
