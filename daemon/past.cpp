#include "daemon/past.h"

#include <filesystem>
#include <system_error>

#include "xapi/poller.h"

namespace mentiond {

ledger::Outcome<Past> Past::open(const std::string& path) {
  std::error_code why;
  static_cast<void>(std::filesystem::status(path, why));
  if (why == std::errc::no_such_file_or_directory) return Past{nullptr};
  auto reader = ledger::LedgerReader::open(path);
  if (!reader) return reader.error();
  return Past{*std::move(reader)};
}

ledger::Outcome<std::optional<TweetId>> Past::cursor(const collect::QueryOptions& query) const {
  if (is_empty()) return std::optional<TweetId>{};
  const auto state = reader_->query_state({query.name, query.text, query.cloud});
  if (!state) return state.error();
  return state->cursor;
}

ledger::Outcome<std::optional<std::string>> Past::vocabulary() const {
  if (is_empty()) return std::optional<std::string>{};
  return reader_->recall(xapi::SearchPoller::vocabulary_key);
}

ledger::Outcome<std::uint64_t> Past::next_revision(Time now) const {
  if (is_empty()) return ledger::seeded_revision(0, now) + 1;
  const auto stats = reader_->stats();
  if (!stats) return stats.error();
  return ledger::seeded_revision(stats->last_revision, now) + 1;
}

}  // namespace mentiond
