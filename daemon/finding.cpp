#include "daemon/finding.h"

#include <variant>

#include "collect/poller_options.h"
#include "xapi/budget.h"

namespace mentiond {

Finding judge(const xapi::Answer& answer) {
  if (std::holds_alternative<xapi::GotPage>(answer)) return {ExitCode::done, "accepted"};
  if (const auto* bad = std::get_if<xapi::BadQuery>(&answer)) {
    return {ExitCode::configuration, "X refuses this query: " + bad->detail};
  }
  if (const auto* denied = std::get_if<xapi::AuthFailed>(&answer)) {
    return {ExitCode::configuration, "X refuses the token (" + std::to_string(denied->status) + "): " + denied->detail};
  }
  if (const auto* wrong = std::get_if<xapi::WrongVocabulary>(&answer)) {
    return {ExitCode::configuration, "X refuses " + wrong->parameter + "; set x.vocabulary to auto"};
  }
  if (const auto* retry = std::get_if<xapi::Retry>(&answer)) return {ExitCode::unavailable, retry->why};
  return {ExitCode::unavailable, "X answers " + std::string{xapi::outcome_name(answer)}};
}

ExitCode worse(ExitCode one, ExitCode other) {
  if (one == ExitCode::configuration || other == ExitCode::configuration) return ExitCode::configuration;
  return one == ExitCode::done ? other : one;
}

double cost_usd(const collect::Budget& prices, std::int64_t posts, std::int64_t users) {
  return xapi::Budget{collect::limits(prices), Day{}, posts, users}.usd();
}

}  // namespace mentiond
