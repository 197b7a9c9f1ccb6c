#include <cstdio>

#include "daemon/ask.h"
#include "daemon/board.h"
#include "daemon/start.h"
#include "daemon/verbs.h"
#include "http/endpoint.h"
#include "ledger/ledger_reader.h"

namespace mentiond {
namespace {

// What the daemon that listens where the configuration says answers; nothing if none does.
std::optional<HttpReply> ask_daemon(const config::Config& config, const char* target) {
  if (config.admin.port == 0 && config.admin.socket.empty()) return std::nullopt;
  http::Options options;
  http::Endpoint endpoint;
  endpoint.host = config.admin.host;
  endpoint.port = config.admin.port;
  if (!config.admin.socket.empty()) endpoint.host = "localhost";
  endpoint.socket = config.admin.socket;
  options.endpoints.push_back(endpoint);
  auto asker = Asker::create(options);
  if (!asker) return std::nullopt;
  HttpRequest request;
  request.target = target;
  request.timeout = std::chrono::seconds{5};
  if (config.admin.token) {
    const auto token = config.admin.token();
    if (token) request.headers.add("Authorization", "Bearer " + token->reveal());
  }
  auto reply = asker->ask(std::move(request));
  if (!reply) return std::nullopt;
  return std::move(*reply);
}

// The board as far as the ledger knows it: no daemon is running, or it cannot be asked.
ledger::Outcome<telemetry::StatusBoard> read_ledger(const config::Config& config) {
  const auto reader = ledger::LedgerReader::open(config.ledger.path);
  if (!reader) return reader.error();
  const auto stats = (*reader)->stats();
  if (!stats) return stats.error();
  const Day today = day_of(wall_now());
  const auto meter = (*reader)->metered_since(month_of(today, config.collect.budget));
  if (!meter) return meter.error();
  return board_of(*stats, config.collect, {today, *meter});
}

std::string place(const admin::Options& admin) {
  return admin.socket.empty() ? http::host_and_port(admin.host, admin.port) : "unix:" + admin.socket;
}

}  // namespace

ExitCode status(const std::string& config, bool json) {
  const auto loaded = load_config(config);
  if (!loaded) return ExitCode::configuration;
  if (json) {
    if (const auto told = ask_daemon(*loaded, "/status"); told && told->status == 200) {
      std::printf("%s\n", told->body.c_str());
      return ExitCode::done;
    }
    const auto board = read_ledger(*loaded);
    if (!board) return report(board.error());
    std::printf("%s\n", to_json(*board, wall_now()).c_str());
    return ExitCode::done;
  }
  const auto ready = ask_daemon(*loaded, "/readyz");
  if (!ready) {
    std::printf("no daemon answers on %s\n", place(loaded->admin).c_str());
  } else {
    std::printf("daemon %s\n", ready->status == 200 ? "ready" : ("not ready: " + ready->body).c_str());
  }
  return ledger_stats(config);
}

}  // namespace mentiond
