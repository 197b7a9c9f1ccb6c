#include <cstdio>

#include "daemon/ask.h"
#include "daemon/check_online.h"
#include "daemon/finding.h"
#include "daemon/start.h"
#include "elastic/cluster_info.h"
#include "elastic/privileges.h"
#include "http/endpoint.h"

namespace mentiond {
namespace {

// What is asked, and in whose name.
struct Sink {
  Asker asker;
  elastic::Authorization authorization;
  elastic::IndexPattern pattern;
  deliver::TemplateChoice choice;
};

Finding look_at_cluster(Sink& sink, const std::string& address) {
  const auto reply = sink.asker.ask(elastic::cluster_info_request(sink.authorization));
  return reply ? judge_cluster(*reply, address) : unanswered(reply.error());
}

Finding look_at_privileges(Sink& sink) {
  const bool installs = sink.choice == deliver::TemplateChoice::install;
  const auto reply = sink.asker.ask(privileges_request(sink.pattern, installs, sink.authorization));
  return reply ? judge_privileges(*reply, sink.pattern, installs) : unanswered(reply.error());
}

Finding look_at_template(Sink& sink) {
  const auto reply = sink.asker.ask(get_template_request(sink.pattern, sink.authorization));
  if (!reply) return unanswered(reply.error());
  const auto state = judge_template(*reply, sink.pattern);
  if (sink.choice != deliver::TemplateChoice::install || state != elastic::TemplateState::absent) {
    return judge_template(state, sink.pattern, sink.choice);
  }
  const auto tried = sink.asker.ask(simulate_template_request(sink.pattern, sink.authorization));
  return tried ? judge_simulation(*tried, sink.pattern) : unanswered(tried.error());
}

ExitCode say(const Finding& finding) {
  std::printf("elasticsearch: %s\n", finding.words.c_str());
  return finding.code;
}

}  // namespace

ExitCode check_elasticsearch(const config::Config& config) {
  if (!config.elasticsearch) return say({ExitCode::done, "not configured: the ledger alone is the store"});
  const auto& sink = *config.elasticsearch;
  auto asker = Asker::create(sink.http);
  auto authorization = sink.credentials.authorization();
  auto pattern = elastic::IndexPattern::parse(sink.deliver.index);
  if (!asker) return say({ExitCode::configuration, asker.error().message});
  if (!authorization) return say({ExitCode::configuration, authorization.error().message});
  if (!pattern) return say({ExitCode::configuration, pattern.error().message});

  Sink asked{*std::move(asker), *std::move(authorization), *std::move(pattern), sink.deliver.index_template};
  const ExitCode answers = say(look_at_cluster(asked, http::to_text(sink.http.endpoints.front())));
  if (answers != ExitCode::done) return answers;
  const ExitCode allowed = say(look_at_privileges(asked));
  return worse(allowed, say(look_at_template(asked)));
}

}  // namespace mentiond
