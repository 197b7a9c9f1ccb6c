#include "ledger/salvage_mend.h"

#include <algorithm>

#include "ledger/checksum.h"
#include "ledger/schema.h"
#include "ledger/stored_row.h"

namespace mentiond::ledger {
namespace {

constexpr std::int64_t live = static_cast<std::int64_t>(StoredState::live);
constexpr std::int64_t tombstone = static_cast<std::int64_t>(StoredState::tombstone);
constexpr std::int64_t pruned = static_cast<std::int64_t>(StoredState::pruned);

constexpr std::chrono::days served{7};  // how far back X's recent search goes

}  // namespace

void SalvageMend::run(Salvaged& salvaged) {
  ledger_.execute("CREATE INDEX salvaged_root ON payload(root_id); CREATE INDEX salvaged_revision ON post(revision)");
  free_revision_ = static_cast<std::uint64_t>(ledger_.number(
      "SELECT 1 + max((SELECT coalesce(max(revision), 0) FROM post), (SELECT coalesce(max(revision), 0) FROM payload), "
      "(SELECT coalesce(max(settled_revision), 0) FROM sink), "
      "(SELECT coalesce(max(value), 0) FROM counter WHERE name = 'last_revision'))"));
  ledger_.execute(
      "DELETE FROM tag_set WHERE NOT (CASE WHEN json_valid(clouds) AND json_valid(queries) "
      "THEN json_type(clouds) = 'array' AND json_type(queries) = 'array' ELSE 0 END)");
  place_spares(salvaged);
  assign_texts();
  name_rows();
  settled_ = ledger_.number("SELECT settled_revision FROM sink ORDER BY opened DESC LIMIT 1");
  adopt_texts();
  mend_posts(salvaged);
  mend_tags(salvaged);
  mend_gaps(salvaged);
  ledger_.execute("DROP INDEX salvaged_root; DROP INDEX salvaged_revision");
  count_anew();
  salvaged.rows = ledger_.number("SELECT count(*) FROM post");
  salvaged.tombstones = ledger_.number("SELECT count(*) FROM post WHERE state = 1");
  salvaged.pruned = ledger_.number("SELECT count(*) FROM post WHERE state = 2");
  salvaged.queries = ledger_.number("SELECT count(*) FROM query WHERE place IS NOT NULL");
  salvaged.gaps = ledger_.number("SELECT count(*) FROM gap");
  salvaged.sinks = ledger_.number("SELECT count(*) FROM sink");
  salvaged.unparsed = ledger_.number("SELECT count(*) FROM unparsed WHERE length(raw) > 0");
}

// A text whose checksum agrees says itself whose it is. Of any other the row with its revision knows.
void SalvageMend::assign_texts() {
  std::uint64_t after = 0;
  for (bool more = true; more && ledger_.ok();) {
    more = false;
    std::vector<std::pair<std::uint64_t, TweetId>> owners;
    Statement select{
        ledger_,
        "SELECT p.revision, p.root_id, p.crc, p.raw, t.root_id, t.tweet_id FROM payload p LEFT JOIN post t "
        "ON t.revision = p.revision WHERE p.revision > ?1 ORDER BY p.revision LIMIT ?2"};
    for (auto rows = select.query(after, chunk_rows); rows.next(); more = true) {
      after = rows.revision(0);
      const auto owner = rows.is_null(3) ? owner_of_none(rows) : owner_of_text(rows);
      if (owner != rows.id(1)) owners.emplace_back(after, owner);
    }
    ledger_.execute("BEGIN");
    for (const auto& [revision, root] : owners) assign_.execute(revision, root);
    ledger_.execute("COMMIT");
    ledger_.checkpoint_if_due();
  }
}

TweetId SalvageMend::owner_of_text(const Rows& rows) {
  const auto tweet = own_words(rows.integer(2), rows.bytes(3));
  if (tweet) return tweet->root;
  return rows.is_null(4) ? rows.id(1) : rows.id(4);
}

// What is left of a forgotten tweet: its checksum is over the ids alone.
TweetId SalvageMend::owner_of_none(const Rows& rows) {
  const bool row_agrees = !rows.is_null(4) && rows.integer(2) == checksum(rows.id(4), rows.id(5), {});
  return row_agrees ? rows.id(4) : rows.id(1);
}

// Texts that came under a revision which another bears: one of the two is damaged. Each gets one of its own.
void SalvageMend::place_spares(Salvaged& salvaged) {
  std::vector<std::pair<std::int64_t, TweetId>> whole;
  for (auto rows = spares_.query(); rows.next();) {
    if (const auto ids = own_words(rows.integer(1), rows.bytes(2)))
      whole.emplace_back(rows.integer(0), ids->root);
    else
      ++salvaged.broken_records;
  }
  for (const auto& [spare, root] : whole) move_.execute(spare, free_revision_++, root);
  ledger_.execute("DELETE FROM payload WHERE revision < 0");
}

// A row without a text, whose revision's text is that of a tweet without a row, is that tweet's: its id was damaged.
// But for a pruned one, whose text is gone and whose revision names none.
void SalvageMend::name_rows() {
  ledger_.execute(
      "UPDATE OR IGNORE post SET root_id = (SELECT root_id FROM payload WHERE revision = post.revision) "
      "WHERE root_id IN (SELECT t.root_id FROM payload p JOIN post t ON t.revision = p.revision "
      "WHERE t.root_id <> p.root_id AND t.state <> 2 "
      "AND NOT EXISTS (SELECT 1 FROM post WHERE root_id = p.root_id) "
      "AND NOT EXISTS (SELECT 1 FROM payload WHERE root_id = t.root_id))");
}

// The ids that a text bears, if its checksum agrees.
std::optional<SalvageMend::Ids> SalvageMend::own_words(std::int64_t crc, std::string_view raw) {
  const auto tweet = parser_.parse_post(raw);
  if (!tweet || crc != checksum(tweet->root, tweet->id, raw)) return std::nullopt;
  return Ids{tweet->root, tweet->id};
}

// Texts whose row is lost.
void SalvageMend::adopt_texts() {
  std::uint64_t after = 0;
  for (bool more = true; more && ledger_.ok();) {
    std::vector<std::uint64_t> orphans;
    Statement select{ledger_,
                     "SELECT revision FROM payload WHERE revision > ?1 AND NOT EXISTS (SELECT 1 FROM post WHERE "
                     "post.root_id = payload.root_id) ORDER BY revision LIMIT ?2"};
    for (auto rows = select.query(after, chunk_rows); rows.next();) orphans.push_back(rows.revision(0));
    more = !orphans.empty();
    ledger_.execute("BEGIN");
    for (const auto revision : orphans) adopt_text(after = revision);
    ledger_.execute("COMMIT");
    ledger_.checkpoint_if_due();
  }
}

void SalvageMend::adopt_text(std::uint64_t revision) {
  Post post;
  post.state = tombstone;  // without a text: forgotten, and it stays so
  {
    Statement select{ledger_, "SELECT root_id, crc, raw FROM payload WHERE revision = ?1"};
    auto rows = select.query(revision);
    if (!rows.next()) return;
    post.root = post.tweet_id = rows.id(0);
    if (!rows.is_null(2)) {
      const auto ids = own_words(rows.integer(1), rows.bytes(2));
      if (!ids) return;
      post = {ids->root, ids->id, revision, live};
    }
  }
  Statement insert{ledger_, "INSERT OR IGNORE INTO post VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)"};
  insert.execute(post.root, post.tweet_id, tags_.none(), revision, post.root.time(), post.state);
}

void SalvageMend::mend_posts(Salvaged& salvaged) {
  TweetId after;
  for (bool more = true; more && ledger_.ok();) {
    std::vector<Post> posts;
    Statement select{
        ledger_, "SELECT root_id, tweet_id, revision, state FROM post WHERE root_id > ?1 ORDER BY root_id LIMIT ?2"};
    for (auto rows = select.query(after, chunk_rows); rows.next();) {
      posts.push_back({rows.id(0), rows.id(1), rows.revision(2), rows.integer(3)});
    }
    more = !posts.empty();
    if (more) after = posts.back().root;
    ledger_.execute("BEGIN");
    for (const auto& post : posts) mend_post(post, salvaged);
    ledger_.execute("COMMIT");
    ledger_.checkpoint_if_due();
  }
  // What nobody claims belongs to no tweet that could be named.
  salvaged.broken_records += ledger_.number(
      "SELECT count(*) FROM payload WHERE NOT EXISTS (SELECT 1 FROM post WHERE revision = payload.revision)");
  ledger_.execute("DELETE FROM payload WHERE NOT EXISTS (SELECT 1 FROM post WHERE revision = payload.revision)");
}

void SalvageMend::mend_post(Post post, Salvaged& salvaged) {
  judge_by_text(post);
  if (post.state == tombstone) {
    drop_others_.execute(post.root, std::int64_t{0});
    put_text_.execute(post.revision, post.root, checksum(post.root, post.tweet_id, {}));
    return;
  }
  const auto text = best_text(post);
  if (text && text->intact) {
    ++salvaged.intact;
    drop_others_.execute(post.root, text->revision);
    set_post_.execute(post.root, text->tweet_id, text->revision, live);
    return;
  }
  drop_others_.execute(post.root, std::int64_t{0});
  if (post.state == pruned) return;
  const bool delivered = post.revision <= static_cast<std::uint64_t>(settled_);
  set_post_.execute(post.root, post.tweet_id, post.revision, delivered ? pruned : live);
  if (delivered) return;
  // Without a text it does not match its checksum: a dead letter, not a tweet that was never there.
  ++salvaged.damaged;
  put_text_.execute(post.revision, post.root, std::int64_t{0});
}

// What has the row's revision tells whether its state is damaged; and its revision is, if that belongs to another.
void SalvageMend::judge_by_text(Post& post) {
  const auto state = post.state;
  bool is_of_another = false;
  {
    auto rows = at_.query(post.revision);
    if (!rows.next()) return;
    is_of_another = rows.id(0) != post.root;
    const bool forgotten = rows.is_null(2);
    if (!is_of_another && forgotten != (post.state == tombstone)) {
      const auto ids = forgotten ? std::nullopt : own_words(rows.integer(1), rows.bytes(2));
      const bool agrees = forgotten ? rows.integer(1) == checksum(post.root, post.tweet_id, {}) : ids.has_value();
      if (agrees) post.state = forgotten ? tombstone : live;
    }
  }
  if (is_of_another) post.revision = free_revision_++;
  if (is_of_another || post.state != state) set_post_.execute(post.root, post.tweet_id, post.revision, post.state);
}

std::optional<SalvageMend::Text> SalvageMend::best_text(const Post& post) {
  std::optional<Text> best;
  for (auto rows = texts_.query(post.root); rows.next();) {
    const auto raw = rows.bytes(2);
    Text text{rows.revision(0), post.tweet_id, false};
    text.intact = !rows.is_null(2) && rows.integer(1) == checksum(post.root, post.tweet_id, raw);
    if (!text.intact && !rows.is_null(2)) {
      // The row's own ids may be what was damaged, or the text an older version.
      if (const auto ids = own_words(rows.integer(1), raw); ids && ids->root == post.root) {
        text.tweet_id = ids->id;
        text.intact = true;
      }
    }
    if (!best || (text.intact && (!best->intact || text.tweet_id > best->tweet_id))) best = text;
  }
  return best;
}

void SalvageMend::mend_tags(Salvaged& salvaged) {
  const auto none = std::to_string(tags_.none());
  ledger_.execute("UPDATE post SET tags = " + none + " WHERE tags NOT IN (SELECT id FROM tag_set)");
  salvaged.untagged = ledger_.number("SELECT count(*) FROM post WHERE state <> 1 AND tags = " + none);
}

// A gap that was lost would be a hole that nobody knows of. Reading seven days anew costs money, but each query's cap
// and the budget hold for it as for anything.
void SalvageMend::mend_gaps(Salvaged& salvaged) {
  ledger_.execute("DELETE FROM gap WHERE query NOT IN (SELECT id FROM query)");
  if (salvaged.gaps_certain) return;
  Statement insert{ledger_,
                   "INSERT INTO gap SELECT id, (SELECT coalesce(max(key), 0) + 1 FROM gap WHERE query = query.id), ?1, "
                   "cursor, 0 FROM query WHERE place IS NOT NULL AND cursor > ?1"};
  insert.execute(TweetId::at(now_ - served));
}

void SalvageMend::count_anew() {
  ledger_.execute(
      "BEGIN;"
      "CREATE TEMP TABLE known AS SELECT coalesce(max(value), 0) AS revision FROM counter WHERE name = 'last_revision';"
      "DELETE FROM counter;"
      "INSERT INTO counter SELECT 'last_revision', max((SELECT revision FROM known), (SELECT coalesce(max(revision), "
      "0) "
      "FROM post), (SELECT coalesce(max(settled_revision), 0) FROM sink));"
      "INSERT INTO counter SELECT 'posts', count(*) FROM post;"
      "INSERT INTO counter SELECT 'payloads', count(*) FROM post WHERE state = 0;"
      "INSERT INTO counter SELECT 'tombstones', count(*) FROM post WHERE state = 1;"
      "INSERT INTO counter SELECT 'unparsed', count(*) FROM unparsed WHERE length(raw) > 0;"
      "INSERT INTO counter SELECT 'sink.' || key || '.above', (SELECT count(*) FROM payload WHERE revision > "
      "settled_revision) FROM sink;"
      "DELETE FROM set_aside WHERE state NOT IN ('held', 'dead', 'dropped') OR root_id NOT IN (SELECT root_id FROM "
      "post "
      "WHERE state <> 2);"
      "INSERT INTO counter SELECT 'sink.' || sink || '.' || state, count(*) FROM set_aside GROUP BY sink, state;"
      "DROP TABLE known; COMMIT");
}

}  // namespace mentiond::ledger
