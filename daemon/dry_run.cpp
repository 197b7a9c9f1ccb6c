#include <cinttypes>
#include <cstdio>

#include "daemon/past.h"
#include "daemon/preview.h"
#include "daemon/start.h"
#include "daemon/verbs.h"
#include "daemon/x_page.h"
#include "xapi/one_page.h"

namespace mentiond {
namespace {

// For each query the page that the daemon would ask for next; says how that went.
ledger::Outcome<ExitCode> ask(XPages& pages, const Past& past, const collect::Options& collect, Preview& preview) {
  ExitCode code = ExitCode::done;
  for (const auto& query : collect.queries) {
    const auto cursor = past.cursor(query);
    if (!cursor) return cursor.error();
    xapi::SearchRequest request;
    request.query = query.text;
    request.max_results = collect.page_size;
    request.expand_authors = collect.expand_authors;
    request.since_id = xapi::first_since_id(*cursor, collect.overlap);
    const Finding finding = pages.ask(query.name, std::move(request));
    preview.add(pages.page(), query);
    std::fprintf(stderr, "%s: %s, %zu posts\n", query.name.c_str(), finding.words.c_str(), pages.page().items());
    code = worse(code, finding.code);
  }
  return code;
}

}  // namespace

ExitCode dry_run(const std::string& config) {
  const auto loaded = load_config(config);
  if (!loaded) return ExitCode::configuration;
  const auto past = Past::open(loaded->ledger.path);
  if (!past) return report(past.error());
  const Time now = wall_now();
  const auto vocabulary = past->vocabulary();
  const auto revision = past->next_revision(now);
  if (!vocabulary || !revision) return report(vocabulary ? revision.error() : vocabulary.error());
  if (past->is_empty()) std::fprintf(stderr, "no ledger at %s yet: every query is new\n", loaded->ledger.path.c_str());
  auto pages = XPages::create(*loaded, *vocabulary);
  if (!pages) return refuse(pages.error(), ExitCode::configuration);
  Preview preview;
  const auto code = ask(*pages, *past, loaded->collect, preview);
  if (!code) return report(code.error());
  std::fputs(preview.ndjson(*loaded, *revision, now).c_str(), stdout);
  std::fprintf(
      stderr, "read %" PRId64 " posts and %" PRId64 " users: up to $%.3f; %zu documents; nothing was stored or sent\n",
      pages->posts(), pages->users(), cost_usd(loaded->collect.budget, pages->posts(), pages->users()), preview.size());
  return *code;
}

}  // namespace mentiond
