#include "deliver/sink_check.h"

#include <utility>

namespace mentiond::deliver {
namespace {

using elastic::TemplateAction;
using elastic::TemplateState;
namespace checked = elastic::checked;

using Trouble = std::optional<elastic::CheckOutcome>;

Trouble failed(const std::string& why) { return checked::Failed{why}; }
Trouble denied(int status) { return checked::Denied{{status, "denied", "the sink does not accept our credentials"}}; }
Trouble bad_template(int status, const char* type, std::string reason) {
  return checked::BadTemplate{{status, type, std::move(reason)}};
}

// What a look at the template asks for: nothing more to do, trouble, or installing it.
struct Look {
  Trouble trouble;
  bool install = false;
};

Trouble blocked(TemplateState state, int status, const std::string& name) {
  if (state == TemplateState::absent)
    return bad_template(404, template_fault::absent, "there is no index template " + name);
  if (state == TemplateState::foreign)
    return bad_template(0, template_fault::foreign, "the index template " + name + " is not ours");
  return bad_template(status, template_fault::denied, "our key may not look at index templates");
}

Look judge(const HttpReply& reply, const elastic::IndexPattern& pattern, TemplateChoice choice) {
  if (reply.status == 401) return {denied(401)};
  const TemplateState state = elastic::judge_template(reply, pattern);
  switch (elastic::template_action(state, choice == TemplateChoice::install)) {
    case TemplateAction::none:
      return {};
    case TemplateAction::install:
      return {{}, true};
    case TemplateAction::wait_for_person:
      return {blocked(state, reply.status, pattern.alias())};
    case TemplateAction::ask_again:
      break;
  }
  return {failed("no answer about the index template: status " + std::to_string(reply.status))};
}

Trouble judge_install(const HttpReply& reply) {
  const auto refusal = elastic::template_refusal(reply);
  if (!refusal) return std::nullopt;
  if (reply.status == 401) return denied(401);
  if (reply.status == 403) return bad_template(403, template_fault::denied, "our key may not install index templates");
  if (reply.status == 400) return checked::BadTemplate{*refusal};
  return failed("the index template could not be installed: status " + std::to_string(reply.status));
}

}  // namespace

Task<SinkCheck::Outcome> SinkCheck::run(Send send, const elastic::IndexPattern& pattern, TemplateChoice choice,
                                        elastic::Authorization authorization) {
  Outcome outcome;
  HttpRequest who = elastic::cluster_info_request(authorization);
  const auto answer = co_await send(std::move(who));
  if (!answer) {
    outcome.trouble = failed(answer.error().message);
  } else if (answer->status == 401) {
    outcome.trouble = denied(401);
  } else if (auto info = elastic::read_cluster_info(*answer)) {
    outcome.info = std::move(*info);
  } else {
    outcome.trouble = failed("GET / " + info.error().message);
  }
  if (outcome.trouble || choice == TemplateChoice::none) co_return outcome;

  HttpRequest get = elastic::get_template_request(pattern, authorization);
  const auto found = co_await send(std::move(get));
  if (!found) {
    outcome.trouble = failed(found.error().message);
    co_return outcome;
  }
  const Look look = judge(*found, pattern, choice);
  outcome.trouble = look.trouble;
  if (!look.install) co_return outcome;

  HttpRequest put = elastic::put_template_request(pattern, authorization);
  const auto installed = co_await send(std::move(put));
  outcome.trouble = installed ? judge_install(*installed) : failed(installed.error().message);
  if (!outcome.trouble) {
    outcome.index_template = found->status == 200 ? Outcome::Template::replaced : Outcome::Template::installed;
  }
  co_return outcome;
}

}  // namespace mentiond::deliver
