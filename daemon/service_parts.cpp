// What a run is made of: the clients of both services, deliver, and the admin port.
#include "daemon/service.h"
#include "daemon/start.h"

namespace mentiond {

std::optional<ExitCode> Service::prepare() {
  auto x = http::HttpClient::create(loop_.get_executor(), config_.x_http, user_agent());
  if (!x) return refuse(x.error(), ExitCode::configuration);
  x_ = std::move(*x);
  if (config_.elasticsearch) {
    if (const auto made = make_deliverer(*config_.elasticsearch); !made) {
      return refuse(made.error(), ExitCode::configuration);
    }
  }
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

Result<void> Service::make_deliverer(const config::Elasticsearch& sink) {
  auto client = http::HttpClient::create(loop_.get_executor(), sink.http, user_agent());
  if (!client) return client.error();
  elasticsearch_ = std::move(*client);
  deliver::Deliverer::Context context{*elasticsearch_, [&sink] { return sink.credentials.authorization(); },
                                      *ledger_,        clock_,
                                      random_,         telemetry_,
                                      stored_,         query_texts(config_.collect)};
  auto deliverer = deliver::Deliverer::create(sink.deliver, std::move(context));
  if (!deliverer) return deliverer.error();
  deliverer_ = std::move(*deliverer);
  board_.sink.emplace();  // not ready before it has answered once
  board_.sink->pattern = sink.deliver.index;
  return {};
}

}  // namespace mentiond
