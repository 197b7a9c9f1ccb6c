// One request at a time to one service, waited for: what the short verbs need of the network.
#pragma once

#include <memory>

#include <boost/asio/io_context.hpp>

#include "base/http_message.h"
#include "base/result.h"
#include "http/client.h"

namespace mentiond {

class Asker {
 public:
  // Fails as HttpClient::create does.
  static Result<Asker> create(http::Options options);
  Result<HttpReply, HttpFailure> ask(HttpRequest request);

 private:
  Asker() : loop_(std::make_unique<boost::asio::io_context>()) {}
  std::unique_ptr<boost::asio::io_context> loop_;
  std::unique_ptr<http::HttpClient> client_;
};

}  // namespace mentiond
