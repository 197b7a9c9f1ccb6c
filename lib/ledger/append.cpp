// A page on its way in. New roots take one descent into `post` and one row at the end of `payload`; only a root that is
// there already is read.
#include <algorithm>
#include <string>

#include "base/ascii.h"
#include "base/failpoint.h"
#include "ledger/checksum.h"
#include "ledger/sqlite_ledger.h"

namespace mentiond::ledger {
namespace {

// Runs of so many digits are ids: they tell posts apart. Shorter ones are counts and times.
constexpr std::size_t id_digits = 15;

std::int64_t number(Day day) { return day.time_since_epoch().count(); }

std::string without_counts(std::string_view raw) {
  std::string rest;
  rest.reserve(raw.size());
  for (auto at = raw.begin(); at != raw.end();) {
    const bool digits = is_digit(*at);
    const auto end = std::find_if(at, raw.end(), [digits](char c) { return is_digit(c) != digits; });
    if (!digits || static_cast<std::size_t>(end - at) >= id_digits) rest.append(at, end);
    at = end;
  }
  return rest;
}

}  // namespace

struct SqliteLedger::Batch {
  const PageCommit& page;
  AppendCounts counts;
  std::int64_t own_tags = 0;  // the set of this page's query alone
};

Outcome<AppendCounts> SqliteLedger::append(const PageCommit& page) {
  auto counted = write([&] {
    auto counts = store_posts(page);
    meter(page, counts);
    change_query(page.query, page.change);
    MENTIOND_FAILPOINT("append_before_commit");
    return counts;
  });
  MENTIOND_FAILPOINT("append_after_commit");
  return counted;
}

AppendCounts SqliteLedger::store_posts(const PageCommit& page) {
  Batch batch{page, {}, 0};
  if (!page.tweets.empty()) batch.own_tags = tags_.with(0, page.query);
  for (const auto& tweet : page.tweets) store(tweet, batch);
  MENTIOND_FAILPOINT("append_half_done");
  for (const auto& bad : page.bad) store_bad(bad, batch);
  const auto& counts = batch.counts;
  counters_.add(Counters::posts, counts.fresh);
  counters_.add(Counters::payloads, counts.fresh);
  for (const auto& sink : sinks_) counters_.add(Counters::above(sink.key), counts.fresh);
  return counts;
}

void SqliteLedger::store(const Tweet& tweet, Batch& batch) {
  if (!connection_->ok()) return;
  const auto& page = batch.page;
  const bool billed_unread = take_bad(tweet.id) >= page.billing_day;
  // Forgotten by the id of a version that nobody had seen yet.
  if (tweet.id != tweet.root && is_forgotten(tweet.id) && !is_forgotten(tweet.root))
    forget_root(tweet.root, page.seen_at);
  const auto revision = last_revision() + 1;
  insert_post_.execute(tweet.root, tweet.id, batch.own_tags, revision, page.seen_at, page.billing_day);
  if (!connection_->ok()) return;
  if (sqlite3_changes(connection_->handle()) == 0) return store_known(tweet, billed_unread, batch);
  insert_payload_.execute(draw_revision(), tweet.root, checksum(tweet.root, tweet.id, tweet.raw), Blob{tweet.raw});
  ++batch.counts.fresh;
  ++batch.counts.new_pairs;
  if (!billed_unread) ++batch.counts.billed_posts;
}

// What could not be read before can be read now: the day on which X billed it last, long ago if there is none.
Day SqliteLedger::take_bad(TweetId id) {
  if (counters_.get(Counters::unparsed) == 0) return {};
  Day billed;
  {
    auto rows = select_bad_by_id_.query(id);
    if (!rows.next()) return {};
    billed = Day{std::chrono::days{rows.integer(1)}};
  }
  if (delete_bad_.execute(id)) counters_.add(Counters::unparsed, -sqlite3_changes64(connection_->handle()));
  return billed;
}

void SqliteLedger::store_known(const Tweet& tweet, bool billed_unread, Batch& batch) {
  Known known;
  {
    auto rows = select_post_.query(tweet.root);
    if (!rows.next()) return;
    known = {rows.id(0), rows.integer(1), rows.revision(2), static_cast<StoredState>(rows.integer(3)), rows.integer(4)};
  }
  const auto& page = batch.page;
  const bool tombstone = known.state == StoredState::tombstone;
  // A later version is another post to X's meter. A tombstone does not tell versions apart: it remembers none.
  const bool billed = number(page.billing_day) > known.billed_day || (!tombstone && tweet.id > known.tweet_id);
  if (billed && !billed_unread) ++batch.counts.billed_posts;
  const auto tags = tombstone ? known.tags : tags_.with(known.tags, page.query);
  if (!tombstone && change_known(tweet, known, tags, batch)) {
    ++batch.counts.changed;
    return;
  }
  ++batch.counts.duplicates;
  if (billed) bill_post_.execute(tweet.root, page.billing_day);
}

bool SqliteLedger::change_known(const Tweet& tweet, const Known& known, std::int64_t tags, Batch& batch) {
  const bool newer = tweet.id > known.tweet_id;
  const bool pruned = known.state == StoredState::pruned;
  const bool changed = newer || tags != known.tags;
  // A pruned row has no version left that an older one could spoil: it comes back with what was found, where it was.
  const bool brings_payload = newer || pruned;
  if (!changed && !brings_payload) return false;

  const auto revision = changed ? draw_revision() : known.revision;
  if (brings_payload) {
    if (!pruned) delete_payload_.execute(known.revision);
    insert_payload_.execute(revision, tweet.root, checksum(tweet.root, tweet.id, tweet.raw), Blob{tweet.raw});
    if (pruned) {
      set_state_.execute(tweet.root, static_cast<int>(StoredState::live));
      counters_.add(Counters::payloads, 1);
    }
  } else {
    move_payload_.execute(known.revision, revision);
  }
  count_move(pruned ? 0 : known.revision, revision);
  if (tags != known.tags && !tags_.names(known.tags)->clouds.contains(batch.page.query.cloud)) ++batch.counts.new_pairs;
  update_post_.execute(tweet.root, brings_payload ? tweet.id : known.tweet_id, tags, revision,
                       std::max(known.billed_day, number(batch.page.billing_day)));
  return changed;
}

// Overlapping reads bring the same unparsable post again and again: known by its id, else by its bytes less the counts,
// since its likes and views are others at each read. The ids within stay: they tell apart what two people wrote alike.
void SqliteLedger::store_bad(const xapi::BadPost& bad, Batch& batch) {
  for (const auto& id : {bad.id, bad.root}) {
    if (id && is_forgotten(*id)) return bill_forgotten(*id, batch);
  }
  const auto crc = bad.id ? checksum(bad.raw) : checksum(without_counts(bad.raw));
  const auto& page = batch.page;
  std::optional<std::pair<std::int64_t, std::int64_t>> known;  // id, billed day
  {
    auto rows = bad.id ? select_bad_by_id_.query(*bad.id) : select_nameless_.query(std::int64_t{crc});
    if (rows.next()) known = {rows.integer(0), rows.integer(1)};
  }
  if (!known) {
    insert_bad_.execute(bad.id, std::int64_t{crc}, std::string_view{page.query.name}, std::string_view{bad.reason},
                        page.seen_at, page.billing_day, Blob{bad.raw});
    counters_.add(Counters::unparsed, 1);
    ++batch.counts.bad;
    ++batch.counts.billed_posts;
  } else if (number(page.billing_day) > known->second) {
    bill_bad_.execute(known->first, page.billing_day);
    ++batch.counts.billed_posts;
  }
}

// X bills what nobody wants to see any more like anything else.
void SqliteLedger::bill_forgotten(TweetId root, Batch& batch) {
  const auto row = known(root);
  if (!row || number(batch.page.billing_day) <= row->billed_day) return;
  bill_post_.execute(root, batch.page.billing_day);
  ++batch.counts.billed_posts;
}

void SqliteLedger::meter(const PageCommit& page, AppendCounts& counts) {
  for (const auto user : page.users) {
    if (bill_user_.execute(page.billing_day, user)) counts.billed_users += sqlite3_changes(connection_->handle());
  }
  // One day is kept besides the present one: replies from around midnight may come in any order.
  if (!page.users.empty()) forget_users_.execute(page.billing_day - std::chrono::days{1});
  const std::int64_t requests = page.billed_request ? 1 : 0;
  if (counts.billed_posts + counts.billed_users + requests == 0) return;
  add_to_meter_.execute(page.billing_day, counts.billed_posts, counts.billed_users, requests);
}

}  // namespace mentiond::ledger
