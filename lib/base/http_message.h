// An HTTP request, its reply, and what can keep the reply away: the words that pure rooms and the transport share.
// Facts only: what a status means is decided elsewhere. Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mentiond {

// Name-value pairs in the order in which they stand on the wire; names compare without case.
class HttpHeaders {
 public:
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  // The first value of that name.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  // The same, read as a whole decimal number; nothing if absent, not a number or beyond 64 bits.
  [[nodiscard]] std::optional<std::int64_t> find_number(std::string_view name) const;
  [[nodiscard]] auto begin() const { return fields_.begin(); }
  [[nodiscard]] auto end() const { return fields_.end(); }
  [[nodiscard]] bool empty() const { return fields_.empty(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// `target` is path and query as they go on the wire ("/2/tweets/search/recent?query=..."); scheme, host and port are
// the transport's. Credentials stand in `headers` and never in `target`. `gzip_body` asks the transport to compress the
// body.
struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";
  HttpHeaders headers;
  std::string body;
  bool gzip_body = false;
  // Only over the connection that carried the last reply: whoever has just looked at who answers there must not talk to
  // somebody else unawares. Without such a connection: HttpFailure::Kind::no_connection.
  bool same_connection = false;
  std::chrono::milliseconds timeout{60'000};  // from the first byte of the connection attempt to the last of the body
};

// A complete reply: its body arrived whole, and is inflated.
struct HttpReply {
  int status = 0;
  HttpHeaders headers;
  std::string body;
};

// Why there is no complete reply. For everything but `resolve`, `connect` and `tls` the server may have acted on the
// request: the outcome is unknown.
struct HttpFailure {
  enum class Kind : std::uint8_t {
    resolve,        // no address for the name
    connect,        // refused, unreachable, or no answer in time
    tls,            // the handshake or the peer's certificate; `message` says which
    timeout,        // a deadline passed after the connection stood
    cut,            // the peer closed or reset in the middle
    malformed,      // not HTTP, or a broken content encoding
    too_large,      // beyond the limit on headers, compressed or inflated size
    cancelled,      // we are shutting down
    no_connection,  // HttpRequest::same_connection, and there is none, or it ended before the first byte of a reply
  };
  Kind kind = Kind::connect;
  std::string message;  // for the log: host and cause, no secret
};

std::string_view to_text(HttpFailure::Kind kind);

}  // namespace mentiond
