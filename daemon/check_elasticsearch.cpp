#include <cstdio>

#include "base/json_writer.h"
#include "daemon/ask.h"
#include "daemon/check_online.h"
#include "elastic/auth.h"
#include "elastic/cluster_info.h"
#include "elastic/index_template.h"
#include "http/endpoint.h"

namespace mentiond {
namespace {

using elastic::Authorization;
using elastic::IndexPattern;

// One line of what was learnt, and what it means for the exit code.
ExitCode say(ExitCode code, const std::string& words) {
  std::printf("elasticsearch: %s\n", words.c_str());
  return code;
}

ExitCode check_privileges(Asker& asker, const Authorization& authorization, const IndexPattern& pattern,
                          deliver::TemplateChoice choice) {
  const bool installs = choice == deliver::TemplateChoice::install;
  HttpRequest request;
  request.method = "POST";
  request.target = "/_security/user/_has_privileges";
  request.headers.add("Content-Type", "application/json");
  JsonWriter json{request.body};
  json.begin_object();
  if (installs) json.key("cluster").begin_array().text("manage_index_templates").end_array();
  json.key("index").begin_array().begin_object().key("names").begin_array().text(pattern.wildcard()).end_array();
  json.key("privileges").begin_array().text("create_index").text("index").text("delete").end_array();
  json.end_object().end_array().end_object();
  elastic::authorize(request, authorization);
  const auto reply = asker.ask(std::move(request));
  if (!reply) return say(ExitCode::unavailable, reply.error().message);
  if (reply->status == 401 || reply->status == 403) {
    return say(ExitCode::configuration, "the credentials are refused (" + std::to_string(reply->status) + ")");
  }
  if (reply->status != 200) return say(ExitCode::done, "has no security API: privileges not checked");
  // Compact or not, the whole answer's verdict is this one member; the server lists below it what is missing.
  const bool all = reply->body.find("\"has_all_requested\":true") != std::string::npos ||
                   reply->body.find("\"has_all_requested\" : true") != std::string::npos;
  return all ? say(ExitCode::done, "the credentials have every privilege needed")
             : say(ExitCode::configuration, "privileges are missing (create_index, index and delete on " +
                                                pattern.wildcard() + (installs ? ", manage_index_templates" : "") +
                                                "): " + reply->body);
}

ExitCode check_template(Asker& asker, const Authorization& authorization, const IndexPattern& pattern,
                        deliver::TemplateChoice choice) {
  const auto reply = asker.ask(get_template_request(pattern, authorization));
  if (!reply) return say(ExitCode::unavailable, reply.error().message);
  const auto state = judge_template(*reply, pattern);
  const std::string words = "index template " + pattern.alias() + ": " + std::string{to_text(state)};
  if (choice == deliver::TemplateChoice::none) return say(ExitCode::done, words + " (template: none)");
  if (state == elastic::TemplateState::foreign || state == elastic::TemplateState::denied ||
      (choice == deliver::TemplateChoice::expect && state == elastic::TemplateState::absent)) {
    return say(ExitCode::configuration, words + "; install by hand: PUT /_index_template/" + pattern.alias() + " " +
                                            elastic::template_json(pattern));
  }
  // What would installing it meet? The server tells without doing it, where it can.
  HttpRequest simulate;
  simulate.method = "POST";
  simulate.target = "/_index_template/_simulate";
  simulate.headers.add("Content-Type", "application/json");
  simulate.body = elastic::template_json(pattern);
  elastic::authorize(simulate, authorization);
  const auto tried = asker.ask(std::move(simulate));
  if (tried && tried->status == 400 && state == elastic::TemplateState::absent) {
    return say(ExitCode::configuration, words + "; another template is in its way: " + tried->body);
  }
  return say(ExitCode::done, words);
}

}  // namespace

ExitCode check_elasticsearch(const config::Config& config) {
  if (!config.elasticsearch) return say(ExitCode::done, "not configured: the ledger alone is the store");
  const auto& sink = *config.elasticsearch;
  auto asker = Asker::create(sink.http);
  const auto authorization = sink.credentials.authorization();
  const auto pattern = IndexPattern::parse(sink.deliver.index);
  if (!asker) return say(ExitCode::configuration, asker.error().message);
  if (!authorization) return say(ExitCode::configuration, authorization.error().message);
  if (!pattern) return say(ExitCode::configuration, pattern.error().message);

  const auto reply = asker->ask(elastic::cluster_info_request(*authorization));
  if (!reply) return say(ExitCode::unavailable, reply.error().message);
  if (reply->status == 401) return say(ExitCode::configuration, "the credentials are refused (401)");
  if (reply->status >= 500) return say(ExitCode::unavailable, "answers " + std::to_string(reply->status));
  const auto info = elastic::read_cluster_info(*reply);
  say(ExitCode::done, http::to_text(sink.http.endpoints.front()) + " is " + std::string{to_text(info.product)} + " " +
                          info.version + ", cluster " + (info.cluster_uuid.empty() ? "unknown" : info.cluster_uuid));

  const ExitCode privileges = check_privileges(*asker, *authorization, *pattern, sink.deliver.index_template);
  const ExitCode stands = check_template(*asker, *authorization, *pattern, sink.deliver.index_template);
  return privileges == ExitCode::done ? stands : privileges;
}

}  // namespace mentiond
