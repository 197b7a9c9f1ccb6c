#include "ledger/schema.h"

#include <array>

namespace mentiond::ledger {
namespace {

constexpr const char* schema_1 = R"sql(
CREATE TABLE post (            -- one row per mention, for good: the memory of what was seen
  root_id INTEGER PRIMARY KEY, -- the first version's id
  tweet_id INTEGER NOT NULL,   -- the newest version's
  tags INTEGER NOT NULL,       -- tag_set.id
  revision INTEGER NOT NULL,   -- where payload holds it
  first_seen INTEGER NOT NULL, -- ms since 1970, UTC
  state INTEGER NOT NULL,      -- 0 live, 1 tombstone, 2 pruned
  billed_day INTEGER NOT NULL  -- days since 1970: when X last billed it
) STRICT;
CREATE INDEX post_by_age ON post(first_seen) WHERE state = 0;

CREATE TABLE payload (          -- the change feed: in the order in which documents changed
  revision INTEGER PRIMARY KEY,
  root_id INTEGER NOT NULL,
  crc INTEGER NOT NULL,         -- of root_id, tweet_id and raw
  raw BLOB                      -- the post as X sent it; NULL for a tombstone
) STRICT;

CREATE TABLE tag_set (id INTEGER PRIMARY KEY, clouds TEXT NOT NULL, queries TEXT NOT NULL, UNIQUE (clouds, queries)) STRICT;

CREATE TABLE query (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, text TEXT NOT NULL, cloud TEXT NOT NULL,
  place INTEGER,                -- in the configuration; NULL if no longer configured
  cursor INTEGER, last_success INTEGER, parked_since INTEGER,
  UNIQUE (name, text)
) STRICT;
CREATE TABLE gap (
  query INTEGER NOT NULL, key INTEGER NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL, pages_used INTEGER NOT NULL,
  PRIMARY KEY (query, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE loss (id INTEGER PRIMARY KEY, query INTEGER NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL) STRICT;

CREATE TABLE unparsed (
  id INTEGER PRIMARY KEY, tweet_id INTEGER, crc INTEGER NOT NULL, -- of raw; without tweet_id, of raw less its short numbers
  query TEXT NOT NULL, reason TEXT NOT NULL,
  seen INTEGER NOT NULL, billed_day INTEGER NOT NULL, raw BLOB NOT NULL
) STRICT;
CREATE INDEX unparsed_by_id ON unparsed(tweet_id) WHERE tweet_id IS NOT NULL;
CREATE INDEX unparsed_by_crc ON unparsed(crc) WHERE tweet_id IS NULL;

CREATE TABLE meter (
  day INTEGER PRIMARY KEY, posts INTEGER NOT NULL, users INTEGER NOT NULL, requests INTEGER NOT NULL
) STRICT;
CREATE TABLE billed_user (day INTEGER NOT NULL, user_id INTEGER NOT NULL, PRIMARY KEY (day, user_id)) STRICT, WITHOUT ROWID;

CREATE TABLE sink (
  key INTEGER PRIMARY KEY, cluster_uuid TEXT NOT NULL, pattern TEXT NOT NULL, settled_revision INTEGER NOT NULL,
  delivered_at INTEGER, opened INTEGER NOT NULL, -- the greater, the later opened
  UNIQUE (cluster_uuid, pattern)
) STRICT;
CREATE TABLE set_aside (
  sink INTEGER NOT NULL, root_id INTEGER NOT NULL, revision INTEGER NOT NULL, state TEXT NOT NULL, -- held, dead
  index_name TEXT NOT NULL, hold TEXT NOT NULL, held_with TEXT NOT NULL, -- what is released together: the index, or drift's fault type
  status INTEGER NOT NULL, type TEXT NOT NULL, reason TEXT NOT NULL, since INTEGER NOT NULL,
  PRIMARY KEY (sink, root_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX set_aside_held ON set_aside(sink, hold, held_with, revision, since) WHERE state = 'held';
CREATE TABLE redeliver (        -- ranges to send again: tweet time from..to, reached so far
  key INTEGER PRIMARY KEY, sink INTEGER NOT NULL, from_id INTEGER NOT NULL, to_id INTEGER NOT NULL, position INTEGER NOT NULL
) STRICT;

CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE memory (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE VIEW tweet AS            -- for a person with sqlite3
  SELECT post.root_id, post.tweet_id, clouds, queries, post.revision,
         strftime('%Y-%m-%dT%H:%M:%SZ', first_seen / 1000, 'unixepoch') AS first_seen,
         CASE state WHEN 0 THEN 'live' WHEN 1 THEN 'tombstone' ELSE 'pruned' END AS state, CAST(raw AS TEXT) AS raw
  FROM post JOIN tag_set ON tag_set.id = post.tags LEFT JOIN payload ON payload.revision = post.revision;
)sql";

constexpr std::array all_migrations{Migration{1, schema_1}};

}  // namespace

std::span<const Migration> migrations() { return all_migrations; }

Outcome<int> schema_version(Connection& connection, std::span<const Migration> known) {
  const auto owner = connection.number("PRAGMA application_id");
  const auto version = connection.number("PRAGMA user_version");
  const auto things = connection.number("SELECT count(*) FROM sqlite_schema");
  if (!connection.ok()) return connection.take_failure();
  if (owner != application_id && (owner != 0 || things != 0)) {
    return Failure{Failure::Kind::not_a_ledger,
                   connection.path() + " is an SQLite file of another program; let ledger.path name another file"};
  }
  const int newest = known.empty() ? 0 : known.back().version;
  if (version > newest) {
    return Failure{Failure::Kind::newer_schema,
                   "ledger " + connection.path() + " has schema " + std::to_string(version) +
                       ", and this mentiond knows up to " + std::to_string(newest) +
                       "; install the newer mentiond again, or restore the backup made before it"};
  }
  return static_cast<int>(version);
}

Outcome<void> bring_up_to_date(Connection& connection, std::span<const Migration> known) {
  auto version = schema_version(connection, known);
  if (!version) return version.error();
  for (const auto& step : known) {
    if (step.version <= *version) continue;
    connection.execute("BEGIN IMMEDIATE");
    connection.execute(step.sql);
    connection.execute("PRAGMA application_id=" + std::to_string(application_id));
    connection.execute("PRAGMA user_version=" + std::to_string(step.version));
    connection.execute("COMMIT");
    if (connection.ok()) continue;
    if (sqlite3_get_autocommit(connection.handle()) == 0) {
      sqlite3_exec(connection.handle(), "ROLLBACK", nullptr, nullptr, nullptr);  // the first failure is the one to tell
    }
    return connection.take_failure();
  }
  return {};
}

}  // namespace mentiond::ledger
