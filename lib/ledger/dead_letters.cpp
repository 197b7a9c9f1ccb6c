// Dead letters: rows that the sink refused for good, and posts that could not be read. A dropped row stays in
// `set_aside`, so that it is neither sent nor taken for a canary; a dropped post stays in `unparsed` with its bytes
// gone, so that overlapping reads know it.
#include <algorithm>
#include <charconv>

#include "base/failpoint.h"
#include "ledger/dead_letter_rows.h"
#include "ledger/query_rows.h"
#include "ledger/sqlite_ledger.h"
#include "xapi/page_parser.h"

namespace mentiond::ledger {
namespace {

constexpr std::string_view post_prefix = "post-";

void read_rows(Connection& connection, const DeadLetterPage& page, std::int64_t after, std::vector<DeadLetter>& found) {
  const auto sink = latest_sink(connection);
  if (!sink) return;
  Statement select{connection,
                   "SELECT root_id, index_name, status, type, reason, since FROM set_aside WHERE sink = ?1 AND "
                   "root_id > ?2 AND state = 'dead' AND (?3 = '' OR type = ?3) ORDER BY root_id"};
  auto rows = select.query(*sink, after, std::string_view{page.type});
  while (found.size() < page.max && rows.next()) {
    DeadLetter letter;
    letter.id = rows.id(0).to_string();
    letter.tweet = rows.id(0);
    letter.index = rows.bytes(1);
    letter.status = static_cast<int>(rows.integer(2));
    letter.type = rows.bytes(3);
    letter.reason = rows.bytes(4);
    letter.since = rows.time(5);
    found.push_back(std::move(letter));
  }
}

void read_posts(Connection& connection, const DeadLetterPage& page, std::int64_t after,
                std::vector<DeadLetter>& found) {
  if (!page.type.empty() && page.type != DeadLetter::unparsed) return;
  Statement select{connection,
                   "SELECT id, tweet_id, reason, seen FROM unparsed WHERE id > ?1 AND length(raw) > 0 ORDER BY id"};
  auto rows = select.query(after);
  while (found.size() < page.max && rows.next()) {
    DeadLetter letter;
    letter.id = std::string{post_prefix} + std::to_string(rows.integer(0));
    if (!rows.is_null(1)) letter.tweet = rows.id(1);
    letter.type = DeadLetter::unparsed;
    letter.reason = rows.bytes(2);
    letter.since = rows.time(3);
    found.push_back(std::move(letter));
  }
}

}  // namespace

std::optional<LetterId> LetterId::parse(std::string_view text) {
  LetterId id;
  if (text.starts_with(post_prefix)) {
    id.kind = Kind::post;
    text.remove_prefix(post_prefix.size());
  }
  const auto* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, id.key);
  if (error != std::errc{} || at != end || id.key <= 0) return std::nullopt;
  return id;
}

std::optional<std::int64_t> latest_sink(Connection& connection) {
  Statement select{connection, "SELECT key FROM sink ORDER BY opened DESC LIMIT 1"};
  auto rows = select.query();
  return rows.next() ? std::optional{rows.integer(0)} : std::nullopt;
}

std::vector<DeadLetter> read_dead_letters(Connection& connection, const DeadLetterPage& page) {
  std::vector<DeadLetter> found;
  const auto after = LetterId::parse(page.after).value_or(LetterId{});
  const bool among_posts = after.kind == LetterId::Kind::post;
  if (!among_posts) read_rows(connection, page, after.key, found);
  read_posts(connection, page, among_posts ? after.key : 0, found);
  return found;
}

Outcome<std::vector<DeadLetter>> SqliteLedger::dead_letters(const DeadLetterPage& page) {
  return read(read_dead_letters(*connection_, page));
}

// Ids that are refused must leave no trace: what was done before the first of them is rolled back with it.
template <class Handle>
Outcome<Operations::Handled> SqliteLedger::handle_dead(std::span<const std::string> ids, Unknown unknown,
                                                       Handle handle) {
  Handled handled;
  const auto sink = latest_sink(*connection_).value_or(0);
  const auto look = [&](bool act) {
    for (const auto& text : ids) {
      const auto id = LetterId::parse(text);
      const auto letter = id ? handle(sink, *id, act) : Letter::unknown;
      if (letter == Letter::unknown && (!act || unknown == Unknown::skip)) handled.unknown.push_back(text);
      if (!act) continue;
      if (letter == Letter::done) ++handled.letters;
      if (letter == Letter::stuck) handled.stuck.push_back(text);
    }
  };
  if (unknown == Unknown::refuse) {
    look(false);
    if (!handled.unknown.empty() || !connection_->ok()) return read(std::move(handled));
  }
  const auto done = write([&] {
    handled = {};
    look(true);
    MENTIOND_FAILPOINT("letters_before_commit");
  });
  MENTIOND_FAILPOINT("letters_after_commit");
  if (!done) return done.error();
  return handled;
}

Outcome<Operations::Handled> SqliteLedger::retry_dead(std::span<const std::string> ids, Unknown unknown) {
  return handle_dead(ids, unknown, [this](std::int64_t sink, const LetterId& id, bool act) {
    const bool row = id.kind == LetterId::Kind::row;
    const auto root = TweetId{static_cast<std::uint64_t>(id.key)};
    if (!act) return row ? look_at_row(sink, root) : look_at_post(id.key);
    return row ? retry_row(sink, root) : retry_post(id.key);
  });
}

Outcome<Operations::Handled> SqliteLedger::drop_dead(std::span<const std::string> ids, Unknown unknown) {
  return handle_dead(ids, unknown, [this](std::int64_t sink, const LetterId& id, bool act) {
    const bool row = id.kind == LetterId::Kind::row;
    const auto root = TweetId{static_cast<std::uint64_t>(id.key)};
    if (!act) return row ? look_at_row(sink, root) : look_at_post(id.key);
    return row ? drop_row(sink, root) : drop_post(id.key);
  });
}

SqliteLedger::Letter SqliteLedger::look_at_row(std::int64_t sink, TweetId root) {
  auto rows = select_set_aside_.query(sink, root);
  return rows.next() && rows.bytes(1) == "dead" ? Letter::done : Letter::unknown;
}

SqliteLedger::Letter SqliteLedger::look_at_post(std::int64_t key) {
  Statement select{*connection_, "SELECT 1 FROM unparsed WHERE id = ?1 AND length(raw) > 0"};
  auto rows = select.query(key);
  return rows.next() ? Letter::done : Letter::unknown;
}

SqliteLedger::Letter SqliteLedger::retry_row(std::int64_t sink, TweetId root) {
  if (look_at_row(sink, root) == Letter::unknown) return Letter::unknown;
  const auto row = known(root);
  // Only in a damaged file: there is nothing that could be sent, and the entry is all that tells of it.
  if (!row || row->state == StoredState::pruned) return Letter::stuck;
  remove_set_aside(sink, root);
  draw_anew(root, row->revision);
  return Letter::done;
}

SqliteLedger::Letter SqliteLedger::retry_post(std::int64_t key) {
  PageCommit page;
  std::string raw;
  {
    Statement select{*connection_,
                     "SELECT u.raw, u.seen, u.billed_day, q.name, q.text, q.cloud FROM unparsed u JOIN query q ON "
                     "q.name = u.query WHERE u.id = ?1 AND length(u.raw) > 0 ORDER BY q.place IS NULL, q.id DESC"};
    auto rows = select.query(key);
    if (!rows.next()) return look_at_post(key) == Letter::unknown ? Letter::unknown : Letter::stuck;
    raw = rows.bytes(0);
    page.seen_at = rows.time(1);
    page.billing_day = Day{std::chrono::days{rows.integer(2)}};
    page.query = {std::string{rows.bytes(3)}, std::string{rows.bytes(4)}, std::string{rows.bytes(5)}};
  }
  xapi::PageParser parser;
  const auto tweet = parser.parse_post(raw);
  if (!tweet) return Letter::stuck;
  Statement remove{*connection_, "DELETE FROM unparsed WHERE id = ?1"};
  remove.execute(key);
  counters_.add(Counters::unparsed, -1);
  page.tweets.push_back(*tweet);
  store_posts(page);  // X has billed it already
  return Letter::done;
}

SqliteLedger::Letter SqliteLedger::drop_row(std::int64_t sink, TweetId root) {
  if (look_at_row(sink, root) == Letter::unknown) return Letter::unknown;
  Statement drop{*connection_, "UPDATE set_aside SET state = 'dropped', reason = '' WHERE sink = ?1 AND root_id = ?2"};
  drop.execute(sink, root);
  counters_.add(Counters::dead(sink), -1);
  counters_.add(Counters::dropped(sink), 1);
  return Letter::done;
}

SqliteLedger::Letter SqliteLedger::drop_post(std::int64_t key) {
  if (look_at_post(key) == Letter::unknown) return Letter::unknown;
  empty_post(key);
  return Letter::done;
}

void SqliteLedger::empty_post(std::int64_t key) {
  Statement empty{*connection_, "UPDATE unparsed SET raw = x'', reason = '' WHERE id = ?1"};
  empty.execute(key);
  counters_.add(Counters::unparsed, -1);
}

}  // namespace mentiond::ledger
