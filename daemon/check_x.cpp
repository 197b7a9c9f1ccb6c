#include <cstdio>

#include "daemon/check_online.h"
#include "daemon/x_page.h"

namespace mentiond {

ExitCode check_x(const config::Config& config, const std::optional<std::string>& remembered_vocabulary) {
  auto pages = XPages::create(config, remembered_vocabulary);
  if (!pages) {
    std::printf("x: %s\n", pages.error().message.c_str());
    return ExitCode::configuration;
  }
  ExitCode code = ExitCode::done;
  for (const auto& query : config.collect.queries) {
    xapi::SearchRequest request;
    request.query = query.text;
    request.max_results = xapi::min_page_size;
    const Finding finding = pages->ask(query.name, std::move(request));
    std::printf("x: query %s: %s\n", query.name.c_str(), finding.words.c_str());
    code = worse(code, finding.code);
  }
  std::printf("x: this check read %lld posts: up to $%.3f\n", static_cast<long long>(pages->posts()),
              cost_usd(config.collect.budget, pages->posts(), pages->users()));
  return code;
}

}  // namespace mentiond
