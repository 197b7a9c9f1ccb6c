// Forgetting: the payload goes, from the file and from the WAL; the id stays as a tombstone, so that nothing that X
// serves later is stored under it.
#include <map>
#include <set>

#include "base/failpoint.h"
#include "ledger/checksum.h"
#include "ledger/sqlite_ledger.h"

namespace mentiond::ledger {
namespace {

// People know a tweet by the id of the version they saw. Few rows have more than one, so that one look at all of them
// does for any number of ids.
std::map<TweetId, TweetId> roots_by_version(Connection& connection, const std::set<TweetId>& versions) {
  std::map<TweetId, TweetId> roots;
  Statement select{connection, "SELECT tweet_id, root_id FROM post WHERE tweet_id <> root_id"};
  for (auto rows = select.query(); rows.next();) {
    if (versions.contains(rows.id(0))) roots.emplace(rows.id(0), rows.id(1));
  }
  return roots;
}

struct Unread {
  std::int64_t key;
  Day billed;
  bool dropped;  // already
};

// Unreadable posts by their own id and by every version of which their edit history speaks, as far as these can be
// read.
std::multimap<TweetId, Unread> unread_by_version(Connection& connection) {
  std::multimap<TweetId, Unread> unread;
  Statement select{connection, R"(
    WITH posts AS (SELECT id, billed_day, length(raw) AS size,
                          CASE WHEN json_valid(CAST(raw AS TEXT)) THEN CAST(raw AS TEXT) ELSE '{}' END AS post FROM unparsed)
    SELECT tweet_id, id, billed_day, length(raw) FROM unparsed WHERE tweet_id IS NOT NULL
    UNION SELECT CAST(value AS INTEGER), posts.id, billed_day, size FROM posts, json_each(post, '$.edit_history_tweet_ids')
    UNION SELECT CAST(value AS INTEGER), posts.id, billed_day, size FROM posts, json_each(post, '$.edit_history_post_ids'))"};
  for (auto rows = select.query(); rows.next();) {
    const Day billed{std::chrono::days{rows.integer(2)}};
    unread.emplace(rows.id(0), Unread{.key = rows.integer(1), .billed = billed, .dropped = rows.integer(3) == 0});
  }
  return unread;
}

}  // namespace

std::optional<SqliteLedger::Known> SqliteLedger::known(TweetId root) {
  auto rows = select_post_.query(root);
  if (!rows.next()) return std::nullopt;
  return Known{rows.id(0), rows.integer(1), rows.revision(2), static_cast<StoredState>(rows.integer(3)),
               rows.integer(4)};
}

bool SqliteLedger::is_forgotten(TweetId root) {
  if (counters_.get(Counters::tombstones) == 0) return false;
  auto rows = select_state_.query(root);
  return rows.next() && rows.integer(0) == static_cast<int>(StoredState::tombstone);
}

Outcome<Operations::Forgotten> SqliteLedger::forget(std::span<const TweetId> ids, Time now) {
  auto forgotten = write([&] {
    Forgotten counts;
    std::set<TweetId> unknown;
    for (const auto id : ids) {
      if (!known(id)) unknown.insert(id);
    }
    const auto roots = unknown.empty() ? std::map<TweetId, TweetId>{} : roots_by_version(*connection_, unknown);
    const auto unread = unread_by_version(*connection_);
    std::set<std::int64_t> emptied;
    // From now on the tombstone tells when X billed it last.
    const auto let_go = [&](const Unread& post, TweetId root) {
      const auto row = known(root);
      if (row && post.billed > Day{std::chrono::days{row->billed_day}}) bill_post_.execute(root, post.billed);
      if (post.dropped || !emptied.insert(post.key).second) return;
      empty_post(post.key);
      ++counts.posts;
    };
    for (const auto id : ids) {
      const auto at = roots.find(id);
      const auto root = at == roots.end() ? id : at->second;
      switch (forget_root(root, now)) {
        case Forgetting::known:
          ++counts.known;
          break;
        case Forgetting::in_advance:
          ++counts.in_advance;
          break;
        case Forgetting::again:
          ++counts.again;
          break;
      }
      for (const auto version : {id, root}) {
        const auto [from, to] = unread.equal_range(version);
        for (auto post = from; post != to; ++post) let_go(post->second, root);
      }
    }
    Statement note{*connection_, "INSERT OR REPLACE INTO memory VALUES (?1, '1')"};
    note.execute(wal_holds_forgotten);
    MENTIOND_FAILPOINT("forget_before_commit");
    return counts;
  });
  MENTIOND_FAILPOINT("forget_before_erasing");
  if (!forgotten) return forgotten;
  wal_holds_forgotten_ = true;
  if (auto erased = erase_wal(); !erased) return erased.error();
  return forgotten;
}

SqliteLedger::Forgetting SqliteLedger::forget_root(TweetId root, Time now) {
  const auto row = known(root);
  if (row && row->state == StoredState::tombstone) {
    draw_anew(root, row->revision);
    return Forgetting::again;
  }
  const auto revision = draw_revision();
  const auto nothing = tags_.none();
  const auto tweet_id = row ? row->tweet_id : root;
  insert_post_.execute(root, tweet_id, nothing, revision, now, std::int64_t{0});
  set_state_.execute(root, static_cast<int>(StoredState::tombstone));
  counters_.add(Counters::tombstones, 1);
  if (row) {
    update_post_.execute(root, tweet_id, nothing, revision, row->billed_day);
    delete_payload_.execute(row->revision);
    if (row->state == StoredState::live) counters_.add(Counters::payloads, -1);
  } else {
    counters_.add(Counters::posts, 1);
  }
  insert_payload_.execute(revision, root, checksum(root, tweet_id, {}), std::nullopt);
  count_move(row && row->state == StoredState::live ? row->revision : 0, revision);
  // A sink's reason may quote the tweet.
  for (const auto& sink : sinks_) {
    if (has_set_aside(sink.key)) remove_set_aside(sink.key, root);
  }
  return row ? Forgetting::known : Forgetting::in_advance;
}

// The frames written before the forgetting still bear what was forgotten, until the WAL is emptied. A reader may be in
// the way: then the next truncate_wal() tries again.
Outcome<void> SqliteLedger::erase_wal() {
  if (!connection_->truncate_wal()) {
    if (!connection_->ok()) return connection_->take_failure();
    return {};
  }
  auto noted = write([&] {
    Statement forget{*connection_, "DELETE FROM memory WHERE name = ?1"};
    forget.execute(wal_holds_forgotten);
    MENTIOND_FAILPOINT("forget_erased_before_noted");
  });
  if (noted) wal_holds_forgotten_ = false;
  return noted;
}

}  // namespace mentiond::ledger
