// Unix sockets under the same streams as TCP: what a stream does with its socket (read, write, wait, shut down) is the
// same for both, so that a descriptor made here goes into a Tcp::socket or an acceptor by assign(). Loop's thread.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace mentiond::http {

// An address holds 107 bytes (unix(7)), and a fresh socket is made beside its place under a name with ".new".
inline constexpr std::size_t max_socket_path = 103;

// A listening socket at `path`, mode 0600 from its first moment on: others than its owner (and root) cannot connect. A
// dead program's socket gives way; a live one's, and whatever is no socket, is an error. The descriptor is the
// caller's.
Result<int> listen_unix(const std::string& path);

// A connected socket; the descriptor is the caller's. Does not wait: a listener whose queue is full is an error.
Result<int> connect_unix(const std::string& path);

}  // namespace mentiond::http
