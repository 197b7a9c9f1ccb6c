// XPages asks X for one page of a query and waits for it: what `check --online` and `run --dry-run` share. On the way
// round a refusal that the daemon knows a way round, it says on stderr which. X bills what comes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/secret.h"
#include "config/config.h"
#include "daemon/ask.h"
#include "daemon/finding.h"
#include "xapi/page_parser.h"
#include "xapi/request.h"

namespace mentiond {

class XPages {
 public:
  // Fails where the bearer token cannot be read or no client can be made. `remembered`: the ledger's vocabulary.
  static Result<XPages> create(const config::Config& config, const std::optional<std::string>& remembered);

  // The page of `request`, whose vocabulary is chosen here: the one that X accepted last.
  Finding ask(const std::string& query_name, xapi::SearchRequest request);
  // Of the last ask(), until the next one; empty if X refused.
  [[nodiscard]] const xapi::Page& page() const { return page_; }
  // Read by all calls together.
  [[nodiscard]] std::int64_t posts() const { return posts_; }
  [[nodiscard]] std::int64_t users() const { return users_; }

 private:
  XPages(Asker asker, Secret token, xapi::Vocabulary vocabulary, bool may_change_vocabulary);

  Asker asker_;
  Secret token_;
  xapi::Vocabulary vocabulary_;
  bool may_change_vocabulary_;
  xapi::PageParser parser_;
  xapi::Page page_;
  std::int64_t posts_ = 0;
  std::int64_t users_ = 0;
};

}  // namespace mentiond
