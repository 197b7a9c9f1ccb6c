// What an operator may set about the admin server; lib/config fills it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace mentiond::admin {

// The token that clients must bring, as it is now: asked at each request, so that a rotated one counts at once.
// Nothing: anybody may ask.
using Token = std::function<Result<Secret>()>;

struct Options {
  std::string host = "127.0.0.1";
  std::uint16_t port = 9464;  // 0: a free one, which the log names
  std::string socket = {};    // the path of a Unix socket, instead of the two; empty: none
  Token token = {};
};

// Where the daemon of that ledger listens for operators' verbs; no other socket may lie there.
inline std::string control_path(const std::string& ledger_path) { return ledger_path + ".sock"; }

}  // namespace mentiond::admin
