// What operators' verbs ask of the running daemon.
#include "admin/options.h"
#include "admin/orders.h"
#include "daemon/service.h"

namespace mentiond {

using telemetry::Level;

// Without the socket the verbs have to wait until the daemon is stopped; that is no reason not to collect.
void Service::take_orders() {
  const auto path = admin::control_path(config_.ledger.path);
  auto control = admin::ControlServer::listen(loop_.get_executor(), path,
                                              [this](admin::Order order) { return perform(std::move(order)); });
  if (control) {
    control_ = std::move(*control);
  } else {
    log_.write(Level::error, "control_unavailable", {{"detail", control.error().message}});
  }
}

Task<admin::Answer> Service::perform(admin::Order order) {
  const std::string verb = order.empty() ? "" : order.front();
  admin::Answer answer = co_await admin::perform(std::move(order), *ledger_, clock_);
  log_.write(Level::info, "order", {{"verb", verb}, {"outcome", admin::to_text(answer.outcome)}});
  stored_.notify();
  co_return answer;
}

}  // namespace mentiond
