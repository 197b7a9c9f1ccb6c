#include "daemon/x_page.h"

#include <cstdio>
#include <utility>

#include "collect/poller_options.h"
#include "xapi/one_page.h"
#include "xapi/reply_reader.h"

namespace mentiond {
namespace {

void say(const std::string& query_name, xapi::OnePage::Next next, xapi::Vocabulary vocabulary) {
  if (next == xapi::OnePage::Next::without_since_id) {
    std::fprintf(stderr,
                 "%s: X refuses the since_id as older than it serves: asked again without it; a run would count what "
                 "lies between as lost\n",
                 query_name.c_str());
  } else {
    std::fprintf(stderr, "%s: X refuses these fields: asked again in the vocabulary \"%s\"\n", query_name.c_str(),
                 std::string{to_text(vocabulary)}.c_str());
  }
}

}  // namespace

XPages::XPages(Asker asker, Secret token, xapi::Vocabulary vocabulary, bool may_change_vocabulary)
    : asker_(std::move(asker)),
      token_(std::move(token)),
      vocabulary_(vocabulary),
      may_change_vocabulary_(may_change_vocabulary) {}

Result<XPages> XPages::create(const config::Config& config, const std::optional<std::string>& remembered) {
  auto token = config.bearer_token.read();
  if (!token) return token.error();
  auto asker = Asker::create(config.x_http);
  if (!asker) return asker.error();
  const auto fixed = collect::fixed(config.collect.vocabulary);
  return XPages{*std::move(asker), *std::move(token), xapi::first_vocabulary(fixed, remembered), !fixed};
}

Finding XPages::ask(const std::string& query_name, xapi::SearchRequest request) {
  request.vocabulary = vocabulary_;
  xapi::OnePage one{std::move(request), may_change_vocabulary_};
  for (;;) {
    const auto reply = read_reply(asker_.ask(to_http(one.request(), token_)), parser_, page_);
    const auto next = one.on_answer(reply.answer);
    vocabulary_ = one.request().vocabulary;
    if (next != xapi::OnePage::Next::settled) {
      say(query_name, next, vocabulary_);
      continue;
    }
    posts_ += static_cast<std::int64_t>(page_.items());
    users_ += static_cast<std::int64_t>(page_.users.size());
    return judge(reply.answer);
  }
}

}  // namespace mentiond
