// What the cores of the fakes are asked and what they answer, and how an answer is to go on the wire. Pure values.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/http_message.h"
#include "base/time.h"

namespace mentiond::fakes {

using Parameters = std::vector<std::pair<std::string, std::string>>;

// The value of the first parameter of that name.
std::optional<std::string> find(const Parameters& parameters, std::string_view name);
// "a=1&b=%20" with percent and plus decoded.
Parameters parse_query(std::string_view query);
std::string percent_decode(std::string_view text);

struct Request {
  std::string method = "GET";
  std::string target = "/";
  HttpHeaders headers;
  std::string body;  // as it came, still compressed if it was
  bool chunked = false;

  [[nodiscard]] std::string path() const { return target.substr(0, target.find('?')); }
  [[nodiscard]] Parameters query() const;
};

// The ways in which an answer can go wrong after it left the core.
struct Delivery {
  enum class Kind : std::uint8_t {
    whole,
    cut,      // `after_bytes` of the body, then an orderly close
    stall,    // `after_bytes` of the body, then silence until the client leaves
    reset,    // `after_bytes` of the body, then RST
    slow,     // everything, one byte every `pause`
    close,    // everything, then a close that the head did not announce
    hang_up,  // nothing: closes at once
  };
  Kind kind = Kind::whole;
  std::size_t after_bytes = 0;
  Millis pause{1};
  Millis delay{0};  // before the first byte
};

struct Answer {
  int status = 200;
  HttpHeaders headers;  // without Content-Length, which the server sets
  std::string body;
  Delivery delivery;
};

// A core as the server sees it: one thread, no waiting.
using Handler = std::function<Answer(const Request&)>;

Answer json_answer(int status, std::string body);
std::string_view reason_phrase(int status);

// "500ms", "30s", "15m", "7h", "-2d"; a bare number is seconds.
std::optional<Millis> parse_duration(std::string_view text);

// gzip as RFC 1952 has it; inflating stops with nothing at damage or beyond `limit` bytes.
std::string gzip(std::string_view text);
std::optional<std::string> gunzip(std::string_view bytes, std::size_t limit);

}  // namespace mentiond::fakes
