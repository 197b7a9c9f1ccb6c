#include "http/echo.h"

#include <string>
#include <string_view>

#include "base/secret.h"

namespace mentiond::http {
namespace {

// Shorter ones are no secrets, and stand in tweets by chance.
constexpr std::size_t shortest_secret = 16;

void mask(std::string& text, std::string_view secret) {
  std::string masked;
  std::size_t from = 0;
  for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, from)) {
    masked.append(text, from, at - from).append(Secret::masked);
    from = at + secret.size();
  }
  if (from > 0) text = masked.append(text, from);
}

}  // namespace

void mask_echo(const HttpRequest& request, HttpReply& reply) {
  const auto header = request.headers.find("Authorization");
  if (!header) return;
  const std::string_view secret = header->substr(header->find(' ') + 1);  // without the scheme
  if (secret.size() < shortest_secret) return;
  mask(reply.body, secret);
  if (secret.find('/') == std::string_view::npos) return;
  std::string escaped;  // as some write it in JSON
  for (const char c : secret) escaped.append(c == '/' ? "\\/" : std::string(1, c));
  mask(reply.body, escaped);
  Secret::wipe(escaped);
}

}  // namespace mentiond::http
