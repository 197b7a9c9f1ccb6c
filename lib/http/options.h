// How to reach one service; lib/config fills it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "http/fingerprint.h"

namespace mentiond::http {

struct Endpoint {
  bool tls = false;
  std::string host;  // a name or an address; IPv6 without brackets
  std::uint16_t port = 80;
  std::string path;  // put before every target: "" or "/prefix", without a trailing slash
  // The path of a Unix socket, which is connected to instead; `host` is then what the Host header says.
  std::string socket = {};
  bool operator==(const Endpoint&) const = default;
};

struct Proxy {
  std::string host;
  std::uint16_t port = 3128;
  std::string authorization;  // "Basic ..." or empty; never printed
};

// HTTPS_PROXY, HTTP_PROXY and NO_PROXY (also in lower case), as the environment has them. HTTP_PROXY in capitals is
// used too: mentiond is no CGI program.
struct ProxyEnvironment {
  std::string https_proxy;
  std::string http_proxy;
  std::string no_proxy;
  bool operator==(const ProxyEnvironment&) const = default;
};

// Which authorities may vouch for a server: those of the system's certificate store, or, where any are pinned, these
// instead of the store's; and those of `ca_file`.
struct Trust {
  std::string ca_file;                       // PEM; empty: none
  std::vector<Fingerprint> ca_fingerprints;  // of CAs that the server presents itself
  bool operator==(const Trust&) const = default;
};

struct Options {
  std::vector<Endpoint> endpoints;  // of one service; the next is tried where one cannot be reached
  Trust trust;
  ProxyEnvironment proxy;
  std::chrono::milliseconds connect_timeout{10'000};  // name, TCP, proxy and TLS together
  std::chrono::milliseconds header_timeout{60'000};   // from the last byte sent to the first line of the reply
  std::chrono::milliseconds read_timeout{30'000};     // between two reads of the body, or two writes of a request
  std::chrono::milliseconds idle_timeout{50'000};     // a kept connection is closed after that
  std::size_t max_header_bytes = 64 * 1024;
  std::size_t max_body_bytes = 32 * 1024 * 1024;  // as it comes over the wire
  std::size_t max_inflated_bytes = 64 * 1024 * 1024;
  bool operator==(const Options&) const = default;
};

}  // namespace mentiond::http
