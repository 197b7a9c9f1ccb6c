// Ndjson builds the lines of bulk bodies from rows of the ledger: a stored post is parsed, becomes a document, and gets
// its action line. Also what `run --dry-run` prints: the same lines from a page that was never stored. Touches no
// ledger and no sink. One thread at a time: it reuses its buffers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "elastic/bulk_body.h"
#include "elastic/bulk_sender_step.h"
#include "elastic/document.h"
#include "elastic/index_name.h"
#include "ledger/row.h"
#include "xapi/page_parser.h"

namespace mentiond::deliver {

class Ndjson {
 public:
  // A row as it goes on the wire. `row.unsendable` set: there are no lines, and there never will be.
  struct Built {
    elastic::PendingRow row;
    elastic::Op op;
    std::optional<Time> created;  // of the tweet; nothing for a tombstone
    std::string lines;
  };

  Ndjson(elastic::IndexPattern pattern, elastic::MatchTable matches);

  Built build(const ledger::Row& row, elastic::VersionType version_type = elastic::VersionType::external);

  // Appends action and source of a tweet that no ledger holds yet.
  void append(std::string& out, const Tweet& tweet, const ledger::Tags& tags, Time first_seen, std::uint64_t revision);

  [[nodiscard]] const elastic::IndexPattern& pattern() const { return pattern_; }

  // The types of the dead letters that are made here.
  static constexpr const char* damaged = "damaged";        // the payload does not match its checksum
  static constexpr const char* unparsable = "unparsable";  // no post as we know it

 private:
  const std::string& index_of(TweetId root, std::optional<Time> created_at);

  elastic::IndexPattern pattern_;
  elastic::DocumentBuilder documents_;
  xapi::PageParser parser_;
  // Rows that follow each other are mostly of the same hour, and the pattern knows nothing finer.
  std::chrono::sys_time<std::chrono::hours> index_hour_{};
  std::string index_;
};

}  // namespace mentiond::deliver
