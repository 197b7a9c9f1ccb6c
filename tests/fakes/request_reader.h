// RequestReader: an HTTP/1.1 request out of the bytes of a connection. Feed what arrived, take what is whole. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fakes/message.h"

namespace mentiond::fakes {

class RequestReader {
 public:
  enum class State : std::uint8_t { head, body, chunks, broken };

  void feed(std::string_view bytes) { buffer_.append(bytes); }
  // The next whole request. Nothing: more bytes are needed, or the peer does not speak HTTP (`broken`).
  std::optional<Request> take();
  [[nodiscard]] bool broken() const { return state_ == State::broken; }
  // True once for each request that says "Expect: 100-continue" and whose head is read.
  bool wants_continue();

 private:
  bool read_head();
  bool read_chunks();

  State state_ = State::head;
  std::string buffer_;
  std::size_t body_left_ = 0;  // Content-Length
  bool wants_continue_ = false;
  Request request_;
};

}  // namespace mentiond::fakes
