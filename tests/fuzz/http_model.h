// Reads HTTP/1 messages from bytes that are all there: MessageParser fed piece by piece, without a socket.
#pragma once

#include <algorithm>
#include <string_view>

#include <boost/beast/http/error.hpp>

#include "http/message_parser.h"

namespace mentiond::fuzz {

// Small, so that a fuzzer meets them.
inline constexpr http::ParseLimits small_limits{.head_bytes = 1024, .body_bytes = 4096, .inflated_bytes = 8192};

enum class Arrival : std::uint8_t {
  whole,
  refused,    // `error` says why
  too_large,  // more than a head's worth of bytes that the parser has not taken
  cut,        // the bytes end before the message does
};

// What a peer says and no message has taken yet. The first `held` bytes are in the reader's buffer already: they came
// with the message before. How large a head may be depends on them to the byte, as a full buffer ends it.
struct Incoming {
  std::string_view bytes;
  std::size_t held = 0;
};

// Takes one message off the front, as if at most `piece` bytes came at a time, and into a buffer as large as a head may
// be. At the bytes' end the peer closes.
template <bool is_request>
Arrival feed(http::MessageParser<is_request>& parser, Incoming& incoming, std::size_t piece, std::size_t buffer_size,
             boost::beast::error_code& error) {
  auto& [bytes, held] = incoming;
  for (;;) {
    error = {};
    if (held > 0) {
      const std::size_t taken = parser.put(bytes.substr(0, held), error);
      bytes.remove_prefix(taken);
      held -= taken;
      if (error && error != boost::beast::http::error::need_more) return Arrival::refused;
    }
    if (parser.is_done()) return Arrival::whole;
    if (held == buffer_size) return Arrival::too_large;
    if (held == bytes.size()) break;
    held += std::min({piece, bytes.size() - held, buffer_size - held});
  }
  if (is_request || !parser.is_header_done() || !parser.need_eof()) return Arrival::cut;
  error = {};
  parser.put_eof(error);
  return error ? Arrival::refused : Arrival::whole;
}

}  // namespace mentiond::fuzz
