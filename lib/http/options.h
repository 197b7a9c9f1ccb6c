// How to reach one service; lib/config fills it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mentiond::http {

struct Endpoint {
  bool tls = false;
  std::string host;  // a name or an address; IPv6 without brackets
  std::uint16_t port = 80;
  std::string path;  // put before every target: "" or "/prefix", without a trailing slash
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

struct Options {
  std::vector<Endpoint> endpoints;  // of one service; the next is tried where one cannot be reached
  std::string ca_file;              // besides the system's certificate store; empty: the store alone
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
