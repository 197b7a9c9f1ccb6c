#include "http/endpoint.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include <boost/asio/ip/address.hpp>

#include "base/ascii.h"

namespace mentiond::http {
namespace {

bool printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7F; });
}

Result<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || port == 0) {
    return fail("port '", text, "' is not a number from 1 to 65535");
  }
  return port;
}

// Splits HOST[:PORT] or [ADDRESS][:PORT] into the endpoint, whose port keeps its default where none is named.
Result<void> read_authority(std::string_view authority, Endpoint& endpoint) {
  std::string_view host = authority;
  std::string_view rest;
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos) return fail("the '[' of an IPv6 address is not closed");
    host = authority.substr(1, end - 1);
    rest = authority.substr(end + 1);
    boost::system::error_code error;
    boost::asio::ip::make_address_v6(std::string{host}, error);
    if (error) return fail("'", host, "' is not an IPv6 address");
  } else {
    const auto colon = authority.find(':');
    host = authority.substr(0, colon);
    if (colon != std::string_view::npos) rest = authority.substr(colon);
    if (rest.find(':', 1) != std::string_view::npos)
      return fail("'", authority, "' has more than one colon; expected HOST:PORT, or an IPv6 address in brackets");
    if (host.find_first_of("[]\\<>\"^`{|}%") != std::string_view::npos) return fail("'", host, "' is no host name");
  }
  if (host.empty()) return fail("the host is missing");
  endpoint.host = lower(host);
  if (rest.empty()) return {};
  if (!rest.starts_with(':')) return fail("'", rest, "' after the address is not a port");
  const auto port = parse_port(rest.substr(1));
  if (!port) return port.error();
  endpoint.port = *port;
  return {};
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view url) {
  if (url.empty()) return fail("empty URL; write http://HOST:PORT or https://HOST");
  const auto colon = url.find("://");
  const std::string scheme = lower(url.substr(0, colon == std::string_view::npos ? 0 : colon));
  if (scheme != "http" && scheme != "https") return fail("a URL must begin with http:// or https://");
  Endpoint endpoint;
  endpoint.tls = scheme == "https";
  endpoint.port = endpoint.tls ? 443 : 80;

  const std::string_view rest = url.substr(colon + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  std::string_view path = rest.substr(authority.size());
  // Before anything that would quote the text: from here on it holds no password.
  if (authority.find('@') != std::string_view::npos) {
    return fail(
        "credentials do not belong in a URL, where logs would show them; use username and password(_file) or "
        "api_key(_file)");
  }
  if (!printable(rest)) return fail("a URL must not hold spaces or control characters");
  if (path.find_first_of("?#") != std::string_view::npos)
    return fail("a URL here has no query ('?') and no fragment ('#')");
  if (const auto read = read_authority(authority, endpoint); !read) return read.error();
  while (path.ends_with('/')) path.remove_suffix(1);
  endpoint.path = path;
  return endpoint;
}

std::string host_and_port(std::string_view host, std::uint16_t port) {
  std::string out;
  const bool v6 = host.find(':') != std::string_view::npos;
  if (v6) out += '[';
  out += host;
  if (v6) out += ']';
  return out.append(":").append(std::to_string(port));
}

std::string to_text(const Endpoint& endpoint) {
  std::string out = endpoint.tls ? "https://" : "http://";
  out += host_and_port(endpoint.host, endpoint.port);
  if (endpoint.port == (endpoint.tls ? 443 : 80)) out.erase(out.rfind(':'));
  return out += endpoint.path;
}

bool is_loopback(std::string_view host) {
  std::string name = lower(host);
  if (name.ends_with('.')) name.pop_back();
  if (name == "localhost" || name.ends_with(".localhost")) return true;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(name, error);
  if (error) return false;
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6()).is_loopback();
  }
  return address.is_loopback();
}

}  // namespace mentiond::http
