// SocketPlace: how to name a Unix socket whose path is longer than the 107 bytes that an address holds: by way of its
// folder, which is kept open meanwhile (unix(7), proc(5)). Internal to the room.
#pragma once

#include <string>
#include <utility>

#include <boost/asio/local/stream_protocol.hpp>

#include "base/result.h"

namespace mentiond::admin {

class SocketPlace {
 public:
  // Fails if the folder cannot be opened, or if the name alone is too long.
  static Result<SocketPlace> of(const std::string& path);
  SocketPlace(SocketPlace&& other) noexcept
      : folder_(std::exchange(other.folder_, -1)), endpoint_(std::move(other.endpoint_)) {}
  SocketPlace& operator=(SocketPlace&&) = delete;
  ~SocketPlace();

  [[nodiscard]] const boost::asio::local::stream_protocol::endpoint& endpoint() const { return endpoint_; }

 private:
  SocketPlace() = default;
  int folder_ = -1;
  boost::asio::local::stream_protocol::endpoint endpoint_;
};

}  // namespace mentiond::admin
