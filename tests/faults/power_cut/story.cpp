#include "faults/power_cut/story.h"

#include <algorithm>
#include <map>

namespace mentiond::ledger {
namespace {

constexpr std::uint64_t first_root = 1'000;
constexpr std::uint64_t posts = 12;
constexpr std::size_t longest_shown = 1'000;  // in a state; of longer values a hash

using Ranks = std::map<std::int64_t, std::size_t>;

Ranks ranks_of_revisions(Connection& connection) {
  Ranks ranks;
  Statement select{connection,
                   "SELECT revision FROM post UNION SELECT revision FROM payload UNION SELECT revision FROM set_aside "
                   "UNION SELECT settled_revision FROM sink ORDER BY 1"};
  for (auto rows = select.query(); rows.next();) ranks.emplace(rows.integer(0), ranks.size());
  return ranks;
}

std::string rows_of(Connection& connection, const std::string& table, const Ranks& ranks) {
  std::string text = table + '\n';
  sqlite3_stmt* statement = nullptr;
  const std::string sql = "SELECT * FROM " + table + " ORDER BY 1, 2";
  if (!connection.check(sqlite3_prepare_v2(connection.handle(), sql.c_str(), -1, &statement, nullptr))) return text;
  while (sqlite3_step(statement) == SQLITE_ROW) {
    for (int column = 0; column < sqlite3_column_count(statement); ++column) {
      if (std::string_view{sqlite3_column_name(statement, column)}.ends_with("revision")) {
        text += '#' + std::to_string(ranks.at(sqlite3_column_int64(statement, column))) + '|';
        continue;
      }
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
  static const std::vector<Step> all{&Story::open,
                                     &Story::configure,
                                     &Story::first_page,
                                     &Story::second_query,
                                     &Story::opens_sink,
                                     &Story::receipt,
                                     &Story::edits,
                                     &Story::remembers,
                                     &Story::parks,
                                     &Story::moves_the_log,
                                     &Story::release,
                                     &Story::retries_dead,
                                     &Story::retries_post,
                                     &Story::prunes,
                                     &Story::forgets,
                                     &Story::reopen,
                                     &Story::second_query,
                                     &Story::receipt,
                                     &Story::drops_dead,
                                     &Story::orders_redelivery,
                                     &Story::redelivers,
                                     &Story::truncates_the_log,
                                     &Story::first_page,
                                     &Story::draws_anew,
                                     &Story::prunes,
                                     &Story::receipt,
                                     &Story::forgets,
                                     &Story::redelivers,
                                     &Story::ends_redelivery,
                                     &Story::last_page_of_the_walk};
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
  const auto ranks = ranks_of_revisions(connection);
  for (const char* table :
       {"post", "payload", "tag_set", "query", "gap", "loss", "unparsed", "meter", "billed_user", "sink", "set_aside",
        "redeliver", "memory WHERE name <> 'wal_holds_forgotten'", "counter WHERE name <> 'last_revision'"}) {
    text += rows_of(connection, table, ranks);
  }
  return text;
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

std::string Story::text_of(std::uint64_t root) const {
  return std::string(large_ ? std::size_t{700} << 10U : 600, 'x') + "text of " + std::to_string(root) + '.';
}

bool Story::page(PageBuilder& builder) { return accepted(ledger_->append(builder.page())); }

bool Story::first_page() {
  PageBuilder builder{aws};
  const auto begin = first_of_page_ = first_root + 1'000 * acknowledged();
  for (std::uint64_t root = begin; root < begin + posts; ++root) builder.post(root, 0, text_of(root));
  builder.bad(TweetId{begin + 500}, "{broken" + text_of(begin + 500));
  builder.bad(TweetId{begin + 501}, PageBuilder::raw_of(begin + 501, begin + 501));
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
    builder.post(root, root + 100, text_of(root) + "edited");
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

std::vector<std::string> Story::letters() const {
  std::vector<std::string> ids;
  if (const auto found = ledger_->dead_letters({})) {
    for (const auto& letter : *found) ids.push_back(letter.id);
  }
  return ids;
}

// A row, and a post that can still not be read.
bool Story::retries_dead() {
  auto ids = letters();
  if (ids.size() != 3) return false;
  ids.pop_back();
  const auto handled = ledger_->retry_dead(ids, Operations::Unknown::refuse);
  return accepted(handled) && handled->letters == 1 && handled->stuck.size() == 1;
}

// A post that can be read by now.
bool Story::retries_post() {
  auto ids = letters();
  if (ids.size() != 2) return false;
  ids.erase(ids.begin());
  const auto handled = ledger_->retry_dead(ids, Operations::Unknown::refuse);
  return accepted(handled) && handled->letters == 1;
}

bool Story::drops_dead() {
  const auto ids = letters();
  const auto handled = ledger_->drop_dead(ids, Operations::Unknown::refuse);
  if (!accepted(handled)) return false;
  dropped_.insert(dropped_.end(), ids.begin(), ids.end());
  return handled->letters > 0;
}

bool Story::orders_redelivery() {
  const auto rows = ledger_->redeliver(TweetId{1}, TweetId{first_root * 1'000});
  return accepted(rows) && *rows > 0;
}

bool Story::redelivers() {
  const auto rows = ledger_->redelivery(sink_, 4, std::size_t{64} << 20U);
  if (!accepted(rows) || rows->empty()) return false;
  Settlement settlement;
  for (const auto& row : *rows) settlement.delivered.push_back(row.root);
  settlement.redelivered = rows->back().root;
  if (!accepted(ledger_->settle(sink_, settlement))) return false;
  redelivered_ = rows->back().root;
  return true;
}

bool Story::ends_redelivery() {
  Settlement settlement;
  settlement.redelivered = TweetId{first_root * 1'000};
  if (!accepted(ledger_->settle(sink_, settlement))) return false;
  redelivered_ = *settlement.redelivered;
  return true;
}

// One row by its root, one by another version, a post that could not be read, and one in advance.
bool Story::forgets() {
  const auto begin = first_of_page_;
  const std::vector ids{TweetId{begin + 1}, TweetId{begin + 8}, TweetId{begin + 103}, TweetId{begin + 500},
                        TweetId{begin + 900}};
  if (!accepted(ledger_->forget(ids, noon))) return false;
  forgotten_.insert({begin + 1, begin + 8, begin + 500, begin + 900});
  return true;
}

bool Story::draws_anew() {
  const auto version = ledger_->last_revision() + 1'000;
  const auto rows = ledger_->draw_anew(sink_, version);
  if (!accepted(rows)) return false;
  outbid_ = version;
  return *rows > 0;
}

std::unique_ptr<SqliteLedger> Story::expect_whole(const std::vector<std::string>& states) const {
  auto opened = SqliteLedger::open(path_, noon);
  EXPECT_TRUE(opened) << opened.error().message;
  if (!opened) return nullptr;
  SqliteLedger& ledger = **opened;
  EXPECT_EQ(ledger.connection().text("PRAGMA integrity_check"), "ok");
  EXPECT_GT(ledger.last_revision(), last_revision_) << "a revision may be drawn twice";
  const auto found = state_of(ledger);
  const auto done = acknowledged();
  const bool before = found == states.at(done == 0 ? 0 : done - 1);
  const bool after = done < states.size() && found == states[done];
  EXPECT_TRUE(before || after) << "after " << done << " acknowledged steps it holds something else";
  return std::move(*opened);
}

void Story::expect_orders_stand(SqliteLedger& ledger, const sim::MemoryDisk& disk) const {
  EXPECT_GT(ledger.last_revision(), outbid_);
  if (redelivered_ > TweetId{} && redelivered_ < TweetId{first_root * 1'000}) {
    const auto next = must(ledger.redelivery(sink_, 1, 1));
    ASSERT_EQ(next.size(), 1) << "a redelivery that was not over is gone";
    EXPECT_GT(next.front().root, redelivered_) << "it began anew";
  }
  PageBuilder again{gcp};
  for (const auto root : forgotten_) again.post(root, root + 700, text_of(root));
  must(ledger.append(again.page()));
  for (const auto root : forgotten_) {
    const std::vector roots{TweetId{root}};
    const auto rows = must(ledger.rows(roots));
    ASSERT_EQ(rows.size(), 1) << root;
    EXPECT_EQ(rows.front().state, RowState::tombstone) << root;
    EXPECT_EQ(rows.front().payload, "") << root;
  }
  for (const auto& letter : must(ledger.dead_letters({}))) {
    EXPECT_EQ(std::ranges::count(dropped_, letter.id), 0) << letter.id << " was dropped";
  }
  if (forgotten_.empty()) return;
  must(ledger.truncate_wal());  // as the daemon does at once, and ever again until it is done
  for (const auto& [name, bytes] : disk.copy()) {
    for (const auto root : forgotten_) {
      const auto text = "text of " + std::to_string(root) + '.';
      EXPECT_EQ(bytes.find(text), std::string::npos) << name << " still bears the " << text;
    }
  }
}

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
