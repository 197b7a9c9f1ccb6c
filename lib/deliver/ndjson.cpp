#include "deliver/ndjson.h"

#include <utility>

namespace mentiond::deliver {

Ndjson::Ndjson(elastic::IndexPattern pattern, elastic::MatchTable matches)
    : pattern_(std::move(pattern)), documents_(std::move(matches)) {}

const std::string& Ndjson::index_of(TweetId root, std::optional<Time> created_at) {
  const auto hour =
      std::chrono::floor<std::chrono::hours>(root.has_time() ? root.time() : created_at.value_or(root.time()));
  if (index_.empty() || hour != index_hour_) {
    index_ = pattern_.index_of(root, created_at);
    index_hour_ = hour;
  }
  return index_;
}

void Ndjson::append(std::string& out, const Tweet& tweet, const ledger::Tags& tags, Time first_seen,
                    std::uint64_t revision) {
  const elastic::Op op{.root = tweet.root, .revision = revision, .index = index_of(tweet.root, tweet.created_at)};
  elastic::append_index(
      out, op, [&](std::string& body) { documents_.append(body, tweet, tags.clouds, tags.queries, first_seen); });
}

Ndjson::Built Ndjson::build(const ledger::Row& row, elastic::VersionType version_type) {
  Built built;
  built.op.version_type = version_type;
  built.row.key = {row.root, row.revision};
  built.op.root = row.root;
  built.op.revision = row.revision;
  if (row.state == ledger::RowState::tombstone) {
    built.op.kind = elastic::Op::Kind::erase;
    built.op.index = index_of(row.root, std::nullopt);
    elastic::append_erase(built.lines, built.op);
  } else if (row.damaged) {
    built.op.index = index_of(row.root, std::nullopt);
    built.row.unsendable = elastic::Fault{0, damaged, "the stored post does not match its checksum"};
  } else if (const auto tweet = parser_.parse_post(row.payload)) {
    built.op.index = index_of(row.root, tweet->created_at);
    built.created = tweet->time();
    built.lines.reserve(row.payload.size() + 512);
    static const ledger::Tags none;
    const ledger::Tags& tags = row.tags ? *row.tags : none;
    elastic::append_index(built.lines, built.op, [&](std::string& body) {
      documents_.append(body, *tweet, tags.clouds, tags.queries, row.first_seen);
    });
  } else {
    built.op.index = index_of(row.root, std::nullopt);
    built.row.unsendable = elastic::Fault{0, unparsable, tweet.error().message};
  }
  built.row.index = built.op.index;
  built.row.bytes = built.lines.size();
  return built;
}

}  // namespace mentiond::deliver
