// SqliteLedger is the Ledger on SQLite: what its files have in common. One file a concern: append.cpp, queries.cpp,
// pending.cpp, settle.cpp, upkeep.cpp, dead_letters.cpp, forget.cpp, redeliver.cpp. Internal to the room (tests reach
// through it to break the file).
#pragma once

#include <concepts>
#include <memory>
#include <utility>

#include "ledger/counters.h"
#include "ledger/ledger.h"
#include "ledger/lock_file.h"
#include "ledger/schema.h"
#include "ledger/statement.h"
#include "ledger/stored_row.h"
#include "ledger/tag_sets.h"

namespace mentiond::ledger {

class SqliteLedger final : public Ledger {
 public:
  static Outcome<std::unique_ptr<SqliteLedger>> open(const std::string& path, Time now);

  Outcome<Loaded> load_queries(std::span<const xapi::Query> queries) override;
  Outcome<AppendCounts> append(const PageCommit& page) override;
  Outcome<void> set_parked(const xapi::Query& query, std::optional<Time> since) override;
  Outcome<Meter> metered_since(Day first) override;
  Outcome<void> remember(std::string_view key, std::string_view value) override;
  Outcome<std::optional<std::string>> recall(std::string_view key) override;
  Outcome<Sink> open_sink(const std::optional<std::string>& cluster_uuid, std::string_view pattern) override;
  Outcome<std::vector<Row>> pending(const Sink& sink, std::uint64_t after, std::size_t max_rows,
                                    std::size_t max_bytes) override;
  Outcome<std::vector<Row>> rows(std::span<const TweetId> roots) override;
  Outcome<std::vector<Row>> held(const Sink& sink, const HeldGroup& group, std::size_t max_rows,
                                 std::size_t max_bytes) override;
  Outcome<std::vector<HeldGroup>> held_groups(const Sink& sink) override;
  Outcome<std::optional<Row>> canary(const Sink& sink) override;
  Outcome<void> settle(const Sink& sink, const Settlement& settlement) override;
  Outcome<std::vector<Row>> redelivery(const Sink& sink, std::size_t max_rows, std::size_t max_bytes) override;
  Outcome<std::int64_t> draw_anew(const Sink& sink, std::uint64_t version) override;
  Outcome<SinkCounts> counts(const Sink& sink) override;
  [[nodiscard]] Totals totals() const override;
  [[nodiscard]] std::uint64_t last_revision() const override;
  Outcome<std::int64_t> prune(const Sink& sink, Time before, std::size_t max_rows) override;
  Outcome<Space> space() override;
  Outcome<bool> truncate_wal() override;
  Outcome<std::vector<DeadLetter>> dead_letters(const DeadLetterPage& page) override;
  Outcome<Handled> retry_dead(std::span<const std::string> ids, Unknown unknown) override;
  Outcome<Handled> drop_dead(std::span<const std::string> ids, Unknown unknown) override;
  Outcome<Forgotten> forget(std::span<const TweetId> ids, Time now) override;
  Outcome<std::int64_t> redeliver(TweetId from, TweetId to) override;

  [[nodiscard]] Connection& connection() { return *connection_; }

 private:
  struct SinkPosition {
    std::int64_t key = 0;
    std::uint64_t settled = 0;
  };
  // What a known root looks like before a page is applied to it.
  struct Known {
    TweetId tweet_id;
    std::int64_t tags = 0;
    std::uint64_t revision = 0;
    StoredState state = StoredState::live;
    std::int64_t billed_day = 0;
  };
  struct Batch;  // one append under way

  SqliteLedger(LockFile lock, std::unique_ptr<Connection> connection)
      : lock_(std::move(lock)), connection_(std::move(connection)) {}
  // Everything kept in memory, from the file.
  void load();

  // Runs `body` as one transaction. If anything in it failed, nothing of it remains, in the file or in memory. It
  // may run twice: a WAL that has no room to grow is begun anew.
  template <std::invocable Body>
  auto write(Body body) -> Outcome<std::invoke_result_t<Body&>> {
    auto done = attempt(body);
    if (done || done.error().kind != Failure::Kind::full || !connection_->begin_wal_anew()) return done;
    return attempt(body);
  }
  template <std::invocable Body>
  auto attempt(Body& body) -> Outcome<std::invoke_result_t<Body&>> {
    using Value = std::invoke_result_t<Body&>;
    begin_.execute();
    if constexpr (std::is_void_v<Value>) {
      if (connection_->ok()) carry_out(body);
      if (!commit()) return connection_->take_failure();
      return {};
    } else {
      Value value{};
      if (connection_->ok()) value = carry_out(body);
      if (!commit()) return connection_->take_failure();
      return value;
    }
  }
  // What a body throws (there is no memory left) passes, and nothing of its transaction remains either.
  template <std::invocable Body>
  auto carry_out(Body& body) {
    try {
      return body();
    } catch (...) {
      abandon();
      throw;
    }
  }
  bool commit();
  void roll_back();
  void abandon() noexcept;
  // A result, unless reading it failed.
  template <class T>
  Outcome<T> read(T value) {
    if (!connection_->ok()) return connection_->take_failure();
    return value;
  }

  std::uint64_t draw_revision();
  // Keeps the sinks' counts of rows above their positions right while payloads come, move and go. 0: no payload.
  void count_move(std::uint64_t from, std::uint64_t to);

  AppendCounts store_posts(const PageCommit& page);
  void store(const Tweet& tweet, Batch& batch);
  void store_known(const Tweet& tweet, bool billed_unread, Batch& batch);
  bool change_known(const Tweet& tweet, const Known& known, std::int64_t tags, Batch& batch);
  Day take_bad(TweetId id);
  void store_bad(const xapi::BadPost& bad, Batch& batch);
  void bill_forgotten(TweetId root, Batch& batch);
  void meter(const PageCommit& page, AppendCounts& counts);
  void change_query(const xapi::Query& query, const xapi::QueryChange& change);
  std::int64_t query_id(const xapi::Query& query);

  SinkPosition* position_of(const Sink& sink);
  void adopt_unnamed(Sink& sink);
  bool is_set_aside(std::int64_t sink, TweetId root, std::optional<std::uint64_t> at_revision);
  bool has_set_aside(std::int64_t sink) const;
  bool waits_aside(std::int64_t sink, TweetId root);
  bool is_dropped(std::int64_t sink, TweetId root, std::uint64_t at_revision);
  std::vector<Row> collect(Rows rows, std::size_t max_rows, std::size_t max_bytes);
  void put_aside(std::int64_t sink, const SetAside& entry);
  void remove_set_aside(std::int64_t sink, TweetId root);
  void prune_one(TweetId root, std::uint64_t revision);

  std::optional<Known> known(TweetId root);
  // Gives a row the next revision: it goes out again.
  void draw_anew(TweetId root, std::uint64_t revision);
  Outcome<void> go_on_drawing_anew();
  // The next rows of which draw_anew() was told: those held below the sink's position, then all above it.
  struct TooLow;
  std::vector<std::pair<TweetId, std::uint64_t>> too_low(const TooLow& range);
  enum class Letter : std::uint8_t { done, unknown, stuck };
  template <class Handle>
  Outcome<Handled> handle_dead(std::span<const std::string> ids, Unknown unknown, Handle handle);
  Letter look_at_row(std::int64_t sink, TweetId root);
  Letter look_at_post(std::int64_t key);
  Letter retry_row(std::int64_t sink, TweetId root);
  Letter retry_post(std::int64_t key);
  Letter drop_row(std::int64_t sink, TweetId root);
  Letter drop_post(std::int64_t key);
  void empty_post(std::int64_t key);
  bool is_forgotten(TweetId root);
  enum class Forgetting : std::uint8_t { known, in_advance, again };
  Forgetting forget_root(TweetId root, Time now);
  Outcome<void> erase_wal();

  LockFile lock_;  // outlives the connection
  std::unique_ptr<Connection> connection_;
  Counters counters_{*connection_};
  TagSets tags_{*connection_};
  std::vector<SinkPosition> sinks_;
  // Frames of the WAL may bear what was forgotten; kept in the table `memory` under this name.
  bool wal_holds_forgotten_ = false;
  static constexpr std::string_view wal_holds_forgotten = "wal_holds_forgotten";

  Statement begin_{*connection_, "BEGIN IMMEDIATE"};
  Statement commit_{*connection_, "COMMIT"};
  // append
  Statement insert_post_{*connection_, "INSERT OR IGNORE INTO post VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6)"};
  Statement select_post_{*connection_,
                         "SELECT tweet_id, tags, revision, state, billed_day FROM post WHERE root_id = ?1"};
  Statement update_post_{*connection_,
                         "UPDATE post SET tweet_id = ?2, tags = ?3, revision = ?4, billed_day = ?5 WHERE root_id = ?1"};
  Statement set_state_{*connection_, "UPDATE post SET state = ?2 WHERE root_id = ?1"};
  Statement bill_post_{*connection_, "UPDATE post SET billed_day = ?2 WHERE root_id = ?1"};
  Statement insert_payload_{*connection_, "INSERT INTO payload VALUES (?1, ?2, ?3, ?4)"};
  Statement move_payload_{*connection_, "UPDATE payload SET revision = ?2 WHERE revision = ?1"};
  Statement delete_payload_{*connection_, "DELETE FROM payload WHERE revision = ?1"};
  Statement select_bad_by_id_{*connection_, "SELECT id, billed_day FROM unparsed WHERE tweet_id = ?1"};
  Statement select_nameless_{*connection_, "SELECT id, billed_day FROM unparsed WHERE tweet_id IS NULL AND crc = ?1"};
  Statement insert_bad_{*connection_,
                        "INSERT INTO unparsed (tweet_id, crc, query, reason, seen, billed_day, raw) "
                        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"};
  Statement bill_bad_{*connection_, "UPDATE unparsed SET billed_day = ?2 WHERE id = ?1"};
  Statement delete_bad_{*connection_, "DELETE FROM unparsed WHERE tweet_id = ?1 AND length(raw) > 0"};
  Statement bill_user_{*connection_, "INSERT OR IGNORE INTO billed_user VALUES (?1, ?2)"};
  Statement forget_users_{*connection_, "DELETE FROM billed_user WHERE day < ?1"};
  Statement add_to_meter_{*connection_,
                          "INSERT INTO meter VALUES (?1, ?2, ?3, ?4) ON CONFLICT (day) DO UPDATE SET "
                          "posts = posts + ?2, users = users + ?3, requests = requests + ?4"};
  // queries
  Statement select_query_id_{*connection_, "SELECT id FROM query WHERE name = ?1 AND text = ?2"};
  Statement insert_query_{*connection_, "INSERT INTO query (name, text, cloud) VALUES (?1, ?2, ?3)"};
  Statement put_gap_{*connection_, "INSERT OR REPLACE INTO gap VALUES (?1, ?2, ?3, ?4, ?5)"};
  Statement close_gap_{*connection_, "DELETE FROM gap WHERE query = ?1 AND key = ?2"};
  Statement raise_cursor_{*connection_, "UPDATE query SET cursor = max(coalesce(cursor, 0), ?2) WHERE id = ?1"};
  Statement set_success_{*connection_, "UPDATE query SET last_success = ?2 WHERE id = ?1"};
  Statement insert_loss_{*connection_, "INSERT INTO loss (query, low, high) VALUES (?1, ?2, ?3)"};
  // deliver
  Statement select_pending_{*connection_, MENTIOND_LEDGER_ROW
                            "FROM payload p LEFT JOIN post t ON t.root_id = p.root_id "
                            "WHERE p.revision > ?1 ORDER BY p.revision"};
  Statement select_newest_settled_{*connection_, MENTIOND_LEDGER_ROW
                                   "FROM payload p CROSS JOIN post t ON t.root_id = p.root_id "
                                   "WHERE p.revision <= ?1 ORDER BY p.revision DESC"};
  Statement select_row_{*connection_, MENTIOND_LEDGER_ROW
                        "FROM post t CROSS JOIN payload p ON p.revision = t.revision WHERE t.root_id = ?1"};
  Statement select_held_{
      *connection_, MENTIOND_LEDGER_ROW
      "FROM set_aside a CROSS JOIN post t ON t.root_id = a.root_id "
      "CROSS JOIN payload p ON p.revision = t.revision "
      "WHERE a.sink = ?1 AND a.state = 'held' AND a.hold = ?2 AND a.held_with = ?3 ORDER BY a.revision"};
  Statement count_range_{*connection_, "SELECT count(*) FROM payload WHERE revision > ?1 AND revision <= ?2"};
  Statement move_sink_{
      *connection_, "UPDATE sink SET settled_revision = ?2, delivered_at = coalesce(?3, delivered_at) WHERE key = ?1"};
  Statement select_set_aside_{*connection_, "SELECT revision, state FROM set_aside WHERE sink = ?1 AND root_id = ?2"};
  Statement delete_set_aside_{*connection_, "DELETE FROM set_aside WHERE sink = ?1 AND root_id = ?2"};
  Statement insert_set_aside_{*connection_,
                              "INSERT INTO set_aside VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"};
  Statement move_redelivery_{*connection_,
                             "UPDATE redeliver SET position = max(position, ?2) WHERE key = (SELECT min(key) FROM "
                             "redeliver WHERE sink = ?1 AND from_id <= ?2 AND to_id > ?2)"};
  Statement count_redeliveries_{*connection_, "SELECT count(*) FROM redeliver WHERE sink = ?1"};
  // operations
  Statement set_revision_{*connection_, "UPDATE post SET revision = ?2 WHERE root_id = ?1"};
  Statement select_state_{*connection_, "SELECT state FROM post WHERE root_id = ?1"};
};

}  // namespace mentiond::ledger
