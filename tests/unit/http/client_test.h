// What every test of HttpClient needs: a loop, and a client for a given server.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "http/client.h"
#include "raw_server.h"
#include "run.h"

namespace mentiond::http {

class ClientTest : public ::testing::Test {
 protected:
  using Reply = Result<HttpReply, HttpFailure>;

  std::unique_ptr<HttpClient> client(Options options) {
    auto made = HttpClient::create(loop.get_executor(), std::move(options), "mentiond/test");
    if (!made) throw std::runtime_error(made.error().message);
    return std::move(*made);
  }
  static Options options_for(const RawServer& server) {
    Options options;
    options.endpoints = {server.endpoint()};
    return options;
  }
  Reply send(HttpClient& from, HttpRequest request = {}) { return run(loop, from.send(std::move(request))); }
  // A GET on a client of its own.
  Reply get(const RawServer& server) { return get(options_for(server)); }
  Reply get(Options options) { return send(*client(std::move(options))); }

  boost::asio::io_context loop;
};

// For EXPECT_EQ: the kind of the failure, or what came instead.
inline std::string kind_of(const Result<HttpReply, HttpFailure>& reply) {
  return reply ? "status " + std::to_string(reply->status) : std::string{to_text(reply.error().kind)};
}

}  // namespace mentiond::http
