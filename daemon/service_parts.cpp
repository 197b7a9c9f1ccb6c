// What a run is made of: the clients of both services, deliver, and the admin port.
#include "daemon/service.h"
#include "daemon/start.h"
#include "telemetry/reconfigured.h"

namespace mentiond {

std::optional<ExitCode> Service::prepare() {
  auto parts = make_parts(config_, nullptr);
  if (!parts) return refuse(parts.error(), ExitCode::configuration);
  install(std::move(*parts));
  if (mode_ == RunMode::forever) {  // a run that ends by itself has nothing to be asked, and may stand beside a daemon
    const admin::Sources sources{metrics_, board_, clock_};
    auto admin = admin::Admin::listen(loop_.get_executor(), config_.admin, sources);
    if (!admin) return refuse(admin.error(), ExitCode::unavailable);
    admin_ = std::move(*admin);
    log_.write(telemetry::Level::info, "admin_listening", {{"address", admin_->address()}});
  }
  take_orders();
  for (const auto& warning : config_.warnings) {
    log_.write(telemetry::Level::warn, "configuration", {{"warning", warning}});
  }
  return std::nullopt;
}

Result<Service::Parts> Service::make_parts(const config::Config& config, const config::Config* old) {
  Parts parts;
  auto x = http::HttpClient::create(loop_.get_executor(), config.x_http, user_agent());
  if (!x) return x.error();
  parts.x = std::move(*x);
  parts.keep_x = old != nullptr && config.x_http == old->x_http;
  if (!config.elasticsearch) return parts;
  const auto& sink = *config.elasticsearch;
  if (old == nullptr || !old->elasticsearch || sink.http != old->elasticsearch->http) {
    auto client = http::HttpClient::create(loop_.get_executor(), sink.http, user_agent());
    if (!client) return client.error();
    parts.elasticsearch = std::move(*client);
  }
  const auto authorization = [this]() -> Result<Secret> {
    return config_.elasticsearch ? config_.elasticsearch->credentials.authorization()
                                 : fail("elasticsearch is no longer configured");
  };
  deliver::Deliverer::Context context{parts.elasticsearch ? *parts.elasticsearch : *elasticsearch_,
                                      authorization,
                                      *ledger_,
                                      clock_,
                                      random_,
                                      telemetry_,
                                      stored_,
                                      query_texts(config.collect)};
  auto deliverer = deliver::Deliverer::create(sink.deliver, std::move(context));
  if (!deliverer) return deliverer.error();
  parts.deliverer = std::move(*deliverer);
  return parts;
}

// The old halves have ended by now.
void Service::install(Parts parts) {
  collector_.reset();
  deliverer_ = std::move(parts.deliverer);
  if (!parts.keep_x) x_ = std::move(parts.x);
  if (parts.elasticsearch || !deliverer_) elasticsearch_ = std::move(parts.elasticsearch);
  telemetry::Reconfigured reconfigured;
  for (const auto& query : config_.collect.queries) reconfigured.queries.insert(query.name);
  if (deliverer_) reconfigured.pattern = config_.elasticsearch->deliver.index;
  telemetry_.emit(reconfigured);
}

}  // namespace mentiond
