#include "admin/admin.h"

#include "base/ascii.h"
#include "base/json_writer.h"

namespace mentiond::admin {

namespace {

constexpr std::string_view plain_type = "text/plain; charset=utf-8";
constexpr std::string_view json_type = "application/json";
// https://prometheus.io/docs/instrumenting/exposition_formats/#basic-info
constexpr std::string_view metrics_type = "text/plain; version=0.0.4; charset=utf-8";

HttpReply reply(int status, std::string_view type, std::string body) {
  HttpReply made;
  made.status = status;
  made.headers.add("Content-Type", std::string{type});
  // What stands between must not answer for us: each of these is about this very moment.
  made.headers.add("Cache-Control", "no-store");
  made.body = std::move(body);
  return made;
}

HttpReply readiness(const telemetry::StatusBoard& board, Time now) {
  const auto reasons = telemetry::not_ready_reasons(board, now);
  std::string body;
  JsonWriter json{body};
  json.begin_object().key("ready").boolean(reasons.empty()).key("reasons").begin_array();
  for (const auto& reason : reasons) json.text(reason);
  json.end_array().end_object();
  return reply(reasons.empty() ? 200 : 503, json_type, body + '\n');
}

// What follows "Bearer " in the Authorization header (RFC 6750, 2.1); empty: there is none.
std::string_view brought_token(const HttpHeaders& headers) {
  constexpr std::string_view scheme = "bearer ";
  const auto value = headers.find("Authorization");
  if (!value || lower(value->substr(0, scheme.size())) != scheme) return {};
  return value->substr(scheme.size());
}

}  // namespace

std::optional<HttpReply> Answers::refuse(const http::HttpServerRequest& request) const {
  if (!token_) return std::nullopt;
  const auto token = token_();
  if (!token) return reply(503, plain_type, "the admin token cannot be read; mentiond check says why\n");
  if (token->matches(brought_token(request.headers))) return std::nullopt;
  HttpReply refused = reply(401, plain_type, "a token is needed: Authorization: Bearer ...\n");
  refused.headers.add("WWW-Authenticate", "Bearer realm=\"mentiond\"");
  return refused;
}

HttpReply Answers::answer(const http::HttpServerRequest& request) {
  const std::string_view target = request.target;
  const std::string_view path = target.substr(0, target.find('?'));
  if (path != "/healthz") {
    if (auto refused = refuse(request)) return std::move(*refused);
  }
  const bool known = path == "/metrics" || path == "/healthz" || path == "/readyz" || path == "/status";
  if (!known) return reply(404, plain_type, "not found; there are /metrics /healthz /readyz /status\n");
  if (request.method != "GET" && request.method != "HEAD") {
    HttpReply refused = reply(405, plain_type, "only GET and HEAD\n");
    refused.headers.add("Allow", "GET, HEAD");
    return refused;
  }
  if (path == "/healthz") return reply(200, plain_type, "ok\n");
  if (path == "/metrics") {
    gauges_.refresh(sources_.board, sources_.metrics);
    return reply(200, metrics_type, sources_.metrics.expose());
  }
  const Time now = sources_.clock.now().wall;
  if (path == "/readyz") return readiness(sources_.board, now);
  return reply(200, json_type, telemetry::to_json(sources_.board, now) + '\n');
}

Result<std::unique_ptr<Admin>> Admin::listen(boost::asio::any_io_executor executor, const Options& options,
                                             Sources sources) {
  http::ServerOptions server_options;
  server_options.host = options.host;
  server_options.port = options.port;
  server_options.socket = options.socket;
  auto answers = std::make_shared<Answers>(sources, options.token);
  auto server =
      http::HttpServer::listen(std::move(executor), std::move(server_options),
                               [answers](const http::HttpServerRequest& request) { return answers->answer(request); });
  if (!server) return fail("admin.listen: ", server.error().message);
  return std::unique_ptr<Admin>{new Admin{answers, std::move(*server)}};
}

}  // namespace mentiond::admin
