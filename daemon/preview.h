// Preview: the bulk body that pages would become, had they been stored: what `run --dry-run` prints. A tweet that
// several queries found stands once, with all their clouds. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "base/time.h"
#include "config/config.h"
#include "ledger/row.h"
#include "xapi/page.h"

namespace mentiond {

class Preview {
 public:
  // Copies what it needs of the page.
  void add(const xapi::Page& page, const collect::QueryOptions& query);

  [[nodiscard]] std::size_t size() const { return found_.size(); }
  // Action and source lines, oldest tweet first, with revisions from `revision` on, all first seen now.
  [[nodiscard]] std::string ndjson(const config::Config& config, std::uint64_t revision, Time now) const;

 private:
  struct Found {
    TweetId newest;
    std::string raw;
    ledger::Tags tags;
  };
  std::map<TweetId, Found> found_;  // by root
};

}  // namespace mentiond
