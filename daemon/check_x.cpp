#include <cstdio>
#include <variant>

#include "daemon/ask.h"
#include "daemon/check_online.h"
#include "xapi/page_parser.h"
#include "xapi/reply_reader.h"
#include "xapi/request.h"

namespace mentiond {

xapi::Vocabulary first_vocabulary(collect::VocabularyChoice choice) {
  return choice == collect::VocabularyChoice::post ? xapi::Vocabulary::post : xapi::Vocabulary::tweet;
}

bool try_other_vocabulary(const config::Config& config, const xapi::Answer& answer, xapi::Vocabulary& vocabulary) {
  if (!std::holds_alternative<xapi::WrongVocabulary>(answer)) return false;
  if (config.collect.vocabulary != collect::VocabularyChoice::automatic) return false;
  vocabulary = vocabulary == xapi::Vocabulary::tweet ? xapi::Vocabulary::post : xapi::Vocabulary::tweet;
  return true;
}

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

ExitCode check_x(const config::Config& config) {
  auto asker = Asker::create(config.x_http);
  const auto token = config.bearer_token.read();
  if (!asker || !token) {
    std::printf("x: %s\n", (asker ? token.error() : asker.error()).message.c_str());
    return ExitCode::configuration;
  }
  xapi::PageParser parser;
  xapi::Page page;
  xapi::SearchRequest request;
  request.max_results = xapi::min_page_size;
  request.vocabulary = first_vocabulary(config.collect.vocabulary);
  ExitCode worst = ExitCode::done;
  std::size_t posts = 0;
  for (const auto& query : config.collect.queries) {
    request.query = query.text;
    auto reply = read_reply(asker->ask(to_http(request, *token)), parser, page);
    if (try_other_vocabulary(config, reply.answer, request.vocabulary)) {
      reply = read_reply(asker->ask(to_http(request, *token)), parser, page);
    }
    const Finding finding = judge(reply.answer);
    std::printf("x: query %s: %s\n", query.name.c_str(), finding.words.c_str());
    posts += page.items();
    if (worst != ExitCode::configuration && finding.code != ExitCode::done) worst = finding.code;
  }
  std::printf("x: this check read %zu posts: up to $%.3f\n", posts,
              static_cast<double>(posts) * config.collect.budget.usd_per_post);
  return worst;
}

}  // namespace mentiond
