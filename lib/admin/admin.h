// Admin: the HTTP face for operators and for what watches over mentiond.
//
//   GET /metrics   200  Prometheus' text format
//   GET /healthz   200  "ok": the loop turns, or nobody would answer
//   GET /readyz    200 or 503  {"ready": false, "reasons": ["query aws is parked: ...", ...]}
//   GET /status    200  the status board as JSON
//
// HEAD works likewise; any other method is 405, any other path 404. With a token, all but /healthz want it in an
// "Authorization: Bearer" header, or answer 401; 503 while the token itself cannot be read. Without one it belongs on
// this machine or into a closed network. All on the event loop's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>

#include "admin/options.h"
#include "base/result.h"
#include "http/server.h"
#include "loop/clock.h"
#include "telemetry/metrics.h"
#include "telemetry/status_board.h"

namespace mentiond::admin {

// What the server reads at each request; all of it must outlive the server.
struct Sources {
  telemetry::Metrics& metrics;
  const telemetry::StatusBoard& board;
  const Clock& clock;
};

// Brings the gauges that say how things stand in line with the board, so that a scrape and /status never disagree.
class GaugeRefresh {
 public:
  // Every reason there is stands at 0 from the first scrape on: an alert on it needs no "absent".
  GaugeRefresh();
  void refresh(const telemetry::StatusBoard& board, telemetry::Metrics& metrics);

 private:
  std::set<std::pair<telemetry::Half, std::string>> paused_;  // (half, reason) shown: 0 while it does not last
};

// The answer to one request.
class Answers {
 public:
  explicit Answers(Sources sources, Token token = {}) : sources_(sources), token_(std::move(token)) {}
  HttpReply answer(const http::HttpServerRequest& request);
  void set_token(Token token) { token_ = std::move(token); }

 private:
  // The refusal that the request deserves; nothing if it may be answered.
  [[nodiscard]] std::optional<HttpReply> refuse(const http::HttpServerRequest& request) const;

  Sources sources_;
  Token token_;
  GaugeRefresh gauges_;
};

class Admin {
 public:
  // Binds and serves at once. The error names the address and the remedy (a port that is taken).
  static Result<std::unique_ptr<Admin>> listen(boost::asio::any_io_executor executor, const Options& options,
                                               Sources sources);

  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  [[nodiscard]] std::string address() const { return server_->address(); }  // for the log: "127.0.0.1:9464"
  // For all requests from now on: another place to read the token from, or none any more.
  void set_token(Token token) { answers_->set_token(std::move(token)); }
  // Accepts no more; what is under way is answered.
  void stop() { server_->stop(); }

 private:
  Admin(std::shared_ptr<Answers> answers, std::unique_ptr<http::HttpServer> server)
      : answers_(std::move(answers)), server_(std::move(server)) {}
  std::shared_ptr<Answers> answers_;
  std::unique_ptr<http::HttpServer> server_;
};

}  // namespace mentiond::admin
