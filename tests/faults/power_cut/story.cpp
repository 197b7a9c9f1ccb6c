#include "faults/power_cut/story.h"

namespace mentiond::ledger {
namespace {

constexpr std::uint64_t first_root = 1'000;
constexpr std::uint64_t posts = 12;
constexpr std::size_t longest_shown = 1'000;  // in a state; of longer values a hash

std::string rows_of(Connection& connection, const std::string& table) {
  std::string text = table + '\n';
  sqlite3_stmt* statement = nullptr;
  const std::string sql = "SELECT * FROM " + table + " ORDER BY 1, 2";
  if (!connection.check(sqlite3_prepare_v2(connection.handle(), sql.c_str(), -1, &statement, nullptr))) return text;
  while (sqlite3_step(statement) == SQLITE_ROW) {
    for (int column = 0; column < sqlite3_column_count(statement); ++column) {
      const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
      const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
      const std::string value{bytes == nullptr ? "" : bytes, size};
      text += (size < longest_shown ? value : std::to_string(std::hash<std::string>{}(value))) + '|';
    }
    text += '\n';
  }
  connection.check(sqlite3_finalize(statement));
  return text;
}

}  // namespace

Story::Story(std::string path, bool large) : path_(std::move(path)), large_(large) {}

const std::vector<Story::Step>& Story::steps() {
  static const std::vector<Step> all{
      &Story::open,       &Story::configure,     &Story::first_page, &Story::second_query,
      &Story::opens_sink, &Story::receipt,       &Story::edits,      &Story::remembers,
      &Story::parks,      &Story::moves_the_log, &Story::release,    &Story::prunes,
      &Story::reopen,     &Story::second_query,  &Story::receipt,    &Story::truncates_the_log,
      &Story::first_page, &Story::prunes,        &Story::receipt,    &Story::last_page_of_the_walk};
  return all;
}

bool Story::tell() {
  for (const Step step : steps()) {
    if (!(this->*step)()) return false;
    last_revision_ = ledger_->last_revision();
    done_.push_back(notes_ ? state_of(*ledger_) : std::string{});
  }
  return true;
}

std::string Story::state_of(SqliteLedger& ledger) {
  std::string text;
  auto& connection = ledger.connection();
  for (const char* table : {"post", "payload", "tag_set", "query", "gap", "loss", "unparsed", "meter", "billed_user",
                            "sink", "set_aside", "redeliver", "memory"}) {
    text += rows_of(connection, table);
  }
  return text + rows_of(connection, "counter WHERE name <> 'last_revision'");
}

bool Story::open() {
  auto opened = SqliteLedger::open(path_, noon);
  if (!accepted(opened)) return false;
  ledger_ = std::move(*opened);
  return true;
}

bool Story::reopen() {
  ledger_.reset();
  return open();
}

bool Story::configure() {
  const std::vector queries{aws, gcp};
  return accepted(ledger_->load_queries(queries));
}

std::string Story::padding() const { return std::string(large_ ? std::size_t{700} << 10U : 600, 'x'); }

bool Story::page(PageBuilder& builder) { return accepted(ledger_->append(builder.page())); }

bool Story::first_page() {
  PageBuilder builder{aws};
  const auto begin = first_root + 1'000 * acknowledged();
  for (std::uint64_t root = begin; root < begin + posts; ++root) builder.post(root, 0, padding());
  builder.bad(TweetId{begin + 500}, "{broken");
  builder.page().users = {TweetId{77}, TweetId{78}};
  auto& change = builder.page().change;
  change.put = xapi::Gap{1, TweetId{1}, TweetId{begin}, 1};
  change.cursor = TweetId{begin + posts};
  return page(builder);
}

bool Story::second_query() {
  PageBuilder builder{gcp};
  for (std::uint64_t root = first_root + 2'006; root < first_root + 2'006 + posts; ++root) builder.post(root);
  builder.page().change.cursor = TweetId{first_root + 3'000 + acknowledged()};
  return page(builder);
}

bool Story::edits() {
  PageBuilder builder{aws, noon + std::chrono::hours{13}};
  const auto begin = first_root + 2'000;
  for (std::uint64_t root = begin; root < begin + posts; root += 3)
    builder.post(root, root + 100, padding() + "edited");
  return page(builder);
}

bool Story::last_page_of_the_walk() {
  PageBuilder builder{aws};
  auto& change = builder.page().change;
  change.close = 1;
  change.succeeded = noon;
  change.loss = xapi::Loss{TweetId{5}, TweetId{6}};
  return page(builder);
}

bool Story::opens_sink() {
  auto opened = ledger_->open_sink("cluster-a", "mentions_%Y");
  if (!accepted(opened)) return false;
  sink_ = *opened;
  return true;
}

// Half of what waits: one held, one dead, the others delivered.
bool Story::receipt() {
  const auto rows = ledger_->pending(sink_, sink_.settled_revision, 8, std::size_t{64} << 20U);
  if (!accepted(rows)) return false;
  Settlement settlement;
  settlement.delivered_at = noon;
  for (const auto& row : *rows) {
    settlement.position = row.revision;
    if (row.root != rows->front().root && row.root != rows->back().root) {
      settlement.delivered.push_back(row.root);
      continue;
    }
    SetAside entry;
    entry.root = row.root;
    entry.revision = row.revision;
    entry.index = "mentions_2026";
    entry.fault = {403, "cluster_block_exception", "because"};
    entry.since = noon;
    if (row.root == rows->front().root) {
      entry.hold = elastic::HoldReason::read_only;
    } else {
      entry.state = SetAside::State::dead;
    }
    settlement.set_aside.push_back(entry);
  }
  if (!accepted(ledger_->settle(sink_, settlement))) return false;
  sink_.settled_revision = settlement.position.value_or(sink_.settled_revision);
  return true;
}

bool Story::release() {
  const auto groups = ledger_->held_groups(sink_);
  if (!accepted(groups)) return false;
  Settlement settlement;
  for (const auto& group : *groups) {
    const auto rows = ledger_->held(sink_, group, 100, std::size_t{64} << 20U);
    if (!accepted(rows)) return false;
    for (const auto& row : *rows) settlement.delivered.push_back(row.root);
  }
  return accepted(ledger_->settle(sink_, settlement));
}

bool Story::remembers() { return accepted(ledger_->remember("vocabulary", "post")); }
bool Story::parks() { return accepted(ledger_->set_parked(gcp, noon)); }
bool Story::prunes() { return accepted(ledger_->prune(sink_, noon + std::chrono::hours{1}, 5)); }

bool Story::truncates_the_log() {
  if (ledger_->connection().truncate_wal()) return true;
  if (!ledger_->connection().ok()) failure_ = ledger_->connection().take_failure();
  return false;
}

bool Story::moves_the_log() {
  ledger_->connection().execute("PRAGMA wal_checkpoint(PASSIVE)");
  if (ledger_->connection().ok()) return true;
  failure_ = ledger_->connection().take_failure();
  return false;
}

}  // namespace mentiond::ledger
