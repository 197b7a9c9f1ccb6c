#include "daemon/finding.h"
#include "elastic/cluster_info.h"
#include "elastic/privileges.h"

namespace mentiond {
namespace {

using deliver::TemplateChoice;
using elastic::Privileges;
using elastic::TemplateState;

std::string about(const elastic::IndexPattern& pattern, TemplateState state) {
  return "index template " + pattern.alias() + ": " + std::string{to_text(state)};
}

}  // namespace

Finding unanswered(const HttpFailure& failure) { return {ExitCode::unavailable, failure.message}; }

Finding judge_cluster(const HttpReply& reply, const std::string& address) {
  if (reply.status == 401) return {ExitCode::configuration, "the credentials are refused (401)"};
  const auto info = elastic::read_cluster_info(reply);
  if (!info) return {ExitCode::unavailable, info.error().message};
  return {ExitCode::done, address + " is " + std::string{to_text(info->product)} + " " + info->version + ", cluster " +
                              (info->cluster_uuid.empty() ? "unknown" : info->cluster_uuid)};
}

Finding judge_privileges(const HttpReply& reply, const elastic::IndexPattern& pattern, bool installs_template) {
  switch (elastic::judge_privileges(reply)) {
    case Privileges::all:
      return {ExitCode::done, "the credentials have every privilege needed"};
    case Privileges::missing:
      return {ExitCode::configuration,
              "privileges are missing of " + privileges_needed(pattern, installs_template) + ": " + reply.body};
    case Privileges::refused:
      return {ExitCode::configuration, "the credentials are refused (" + std::to_string(reply.status) + ")"};
    case Privileges::unknown:
      break;
  }
  return {ExitCode::done, "has no security API: privileges not checked"};
}

Finding judge_template(TemplateState state, const elastic::IndexPattern& pattern, TemplateChoice choice) {
  const std::string words = about(pattern, state);
  if (choice == TemplateChoice::none) return {ExitCode::done, words + " (template: none)"};
  const auto action = elastic::template_action(state, choice == TemplateChoice::install);
  if (action == elastic::TemplateAction::wait_for_person) {
    return {ExitCode::configuration,
            words + "; install by hand: PUT /_index_template/" + pattern.alias() + " " + template_json(pattern)};
  }
  if (action == elastic::TemplateAction::ask_again) return {ExitCode::unavailable, words};
  return {ExitCode::done, words};
}

Finding judge_simulation(const HttpReply& reply, const elastic::IndexPattern& pattern) {
  const std::string words = about(pattern, TemplateState::absent);
  if (reply.status == 400) return {ExitCode::configuration, words + "; another template is in its way: " + reply.body};
  return {ExitCode::done, words + ", to be installed"};
}

}  // namespace mentiond
