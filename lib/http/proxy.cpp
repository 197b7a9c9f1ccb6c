#include "http/proxy.h"

#include <algorithm>
#include <charconv>
#include <string>

#include <boost/asio/ip/address.hpp>

#include "base/ascii.h"
#include "base/base64.h"
#include "http/endpoint.h"

namespace mentiond::http {
namespace {

// %41 is A; a '%' that two hex digits do not follow stands for itself.
std::string percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    const char* digits = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() && std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2) {
      out += static_cast<char>(value);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string without_brackets(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return lower(host);
}

// Compares addresses as such, so that ::1 and 0:0:0:0:0:0:0:1 are one.
std::optional<bool> same_address(const std::string& a, const std::string& b) {
  boost::system::error_code not_a;
  boost::system::error_code not_b;
  const auto left = boost::asio::ip::make_address(a, not_a);
  const auto right = boost::asio::ip::make_address(b, not_b);
  if (not_a && not_b) return std::nullopt;
  return !not_a && !not_b && left == right;
}

bool entry_matches(std::string_view entry, const Endpoint& endpoint) {
  if (entry == "*") return true;
  const auto colon = entry.rfind(':');
  const bool has_port = colon != std::string_view::npos && (entry.find(':') == colon || entry[colon - 1] == ']');
  if (has_port) {
    if (entry.substr(colon + 1) != std::to_string(endpoint.port)) return false;
    entry = entry.substr(0, colon);
  }
  std::string name = without_brackets(entry);
  std::string host = lower(endpoint.host);
  if (const auto same = same_address(name, host)) return *same;
  if (host.ends_with('.')) host.pop_back();
  if (name.starts_with("*.")) return host.ends_with(std::string_view{name}.substr(1));
  if (name.starts_with('.')) name.erase(0, 1);
  return !name.empty() && (host == name || host.ends_with("." + name));
}

}  // namespace

Result<Proxy> parse_proxy(std::string_view url) {
  constexpr std::string_view form = "write it as http://HOST:PORT or http://USER:PASSWORD@HOST:PORT";
  if (const auto colon = url.find("://"); colon != std::string_view::npos) {
    if (lower(url.substr(0, colon)) != "http") return fail("only http:// proxies are supported; ", form);
    url.remove_prefix(colon + 3);
  }
  Proxy proxy;
  if (const auto at = url.rfind('@'); at != std::string_view::npos) {
    const std::string_view user = url.substr(0, at);
    const auto colon = user.find(':');
    const std::string name = percent_decode(user.substr(0, colon));
    const std::string password = colon == std::string_view::npos ? "" : percent_decode(user.substr(colon + 1));
    proxy.authorization = "Basic " + base64_encode(name + ":" + password);
    url.remove_prefix(at + 1);
  }
  while (url.ends_with('/')) url.remove_suffix(1);
  const bool names_port =
      url.find(':', url.starts_with('[') ? std::min(url.find(']'), url.size()) : 0) != std::string_view::npos;
  const auto place = parse_endpoint(std::string{"http://"}.append(url));
  if (!place || !place->path.empty()) return fail("the proxy's host or port cannot be read; ", form);
  proxy.host = place->host;
  if (names_port) proxy.port = place->port;
  return proxy;
}

bool bypasses_proxy(std::string_view no_proxy, const Endpoint& endpoint) {
  constexpr std::string_view separators = ", \t";
  while (!no_proxy.empty()) {
    const auto end = std::min(no_proxy.find_first_of(separators), no_proxy.size());
    if (end > 0 && entry_matches(no_proxy.substr(0, end), endpoint)) return true;
    no_proxy.remove_prefix(std::min(end + 1, no_proxy.size()));
  }
  return false;
}

Result<std::optional<Proxy>> choose_proxy(const ProxyEnvironment& environment, const Endpoint& endpoint) {
  const std::string& url = endpoint.tls ? environment.https_proxy : environment.http_proxy;
  if (url.empty() || is_loopback(endpoint) || bypasses_proxy(environment.no_proxy, endpoint)) {
    return std::optional<Proxy>{};
  }
  auto proxy = parse_proxy(url);
  if (!proxy) return fail(endpoint.tls ? "HTTPS_PROXY: " : "HTTP_PROXY: ", proxy.error().message);
  return std::optional<Proxy>{std::move(*proxy)};
}

}  // namespace mentiond::http
