// bench_ledger: what the ledger costs. Pages of a hundred posts, newest first, go into a Ledger and, taking turns, into
// a bare SQLite loop with the same schema, indexes, order, transactions and durability. Then the ledger alone grows to
// `--rows N` (1,000,000 shows that it stays flat), is opened again, and drained as the sink would.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <sqlite3.h>
#include <unistd.h>

#include "base/json_writer.h"
#include "ledger/connection.h"
#include "ledger/ledger.h"
#include "ledger/schema.h"

namespace mentiond::bench {
namespace {

constexpr std::size_t posts_per_page = 100;
constexpr Time start{std::chrono::seconds{1'785'000'000}};

struct Seconds {
  double wall = 0;
  double cpu = 0;
  Seconds& operator+=(const Seconds& other) {
    wall += other.wall;
    cpu += other.cpu;
    return *this;
  }
};

double cpu_now() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

template <class F>
Seconds timed(F&& work) {
  const auto began = std::chrono::steady_clock::now();
  const double cpu = cpu_now();
  work();
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(), cpu_now() - cpu};
}

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "bench_ledger: %s\n", why.c_str());
  std::exit(1);
}

template <class T>
T must(ledger::Outcome<T> outcome) {
  if (!outcome) give_up(outcome.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*outcome);
}

// Posts about as large as X's, 600 to 2,000 bytes, ids falling as on a walk back in time.
class Posts {
 public:
  Posts() {
    while (filler_.size() < 2'000)
      filler_ += R"({"start":22,"end":36,"type":"Product","normalized_text":"AWS Marketplace"},)";
  }

  ledger::PageCommit page() {
    ledger::PageCommit page;
    raws_.resize(posts_per_page);
    for (auto& raw : raws_) {
      const auto next = (state_ = state_ * 6364136223846793005U + 1442695040888963407U) >> 33U;
      id_ -= 1 + (next % 20'000) * 4'096;
      const TweetId id{id_};
      raw = R"({"id":")" + id.to_string() + R"(","entities":[)" + filler_.substr(0, 570 + next % 1'400) + "]}";
      bytes_ += raw.size();
      Tweet tweet;
      tweet.id = id;
      tweet.root = id;
      tweet.raw = raw;
      page.tweets.push_back(std::move(tweet));
    }
    page.query = {"aws", "AWS Marketplace -is:retweet", "AWS"};
    page.billed_request = true;
    page.change.put = xapi::Gap{1, TweetId{1}, TweetId{id_}, 1};
    page.change.cursor = TweetId{2'083'157'183'716'917'248};
    page.billing_day = day_of(start);
    page.seen_at = start;
    return page;
  }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  std::string filler_;
  std::vector<std::string> raws_;
  std::uint64_t state_ = 20260807;
  std::uint64_t id_ = 2'083'157'183'716'917'248;
  std::uint64_t bytes_ = 0;
};

// Nothing but the inserts: no checks, no counts, no checksum, no cursor.
class BareLoop {
 public:
  explicit BareLoop(const std::string& path)
      : connection_(must(ledger::Connection::open(path, ledger::Connection::Access::write))) {
    must(ledger::bring_up_to_date(*connection_, ledger::migrations()));
    post_ = prepare("INSERT INTO post VALUES (?1, ?2, 1, ?3, ?4, 0, ?5)");
    payload_ = prepare("INSERT INTO payload VALUES (?1, ?2, 0, ?3)");
    begin_ = prepare("BEGIN IMMEDIATE");
    commit_ = prepare("COMMIT");
  }
  ~BareLoop() {
    for (auto* statement : {post_, payload_, begin_, commit_}) sqlite3_finalize(statement);
  }
  BareLoop(const BareLoop&) = delete;
  BareLoop& operator=(const BareLoop&) = delete;

  void append(const ledger::PageCommit& page) {
    run(begin_);
    for (const auto& tweet : page.tweets) {
      const auto id = static_cast<sqlite3_int64>(tweet.id.value());
      ++revision_;
      sqlite3_bind_int64(post_, 1, id);
      sqlite3_bind_int64(post_, 2, id);
      sqlite3_bind_int64(post_, 3, revision_);
      sqlite3_bind_int64(post_, 4, page.seen_at.time_since_epoch().count());
      sqlite3_bind_int64(post_, 5, page.billing_day.time_since_epoch().count());
      run(post_);
      sqlite3_bind_int64(payload_, 1, revision_);
      sqlite3_bind_int64(payload_, 2, id);
      sqlite3_bind_blob64(payload_, 3, tweet.raw.data(), tweet.raw.size(), SQLITE_STATIC);
      run(payload_);
    }
    run(commit_);
    connection_->checkpoint_if_due();
  }

 private:
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(connection_->handle(), sql, -1, &statement, nullptr) != SQLITE_OK) give_up(sql);
    return statement;
  }
  void run(sqlite3_stmt* statement) {
    if (sqlite3_step(statement) != SQLITE_DONE || sqlite3_reset(statement) != SQLITE_OK)
      give_up(sqlite3_errmsg(connection_->handle()));
  }

  std::unique_ptr<ledger::Connection> connection_;
  sqlite3_stmt* post_ = nullptr;
  sqlite3_stmt* payload_ = nullptr;
  sqlite3_stmt* begin_ = nullptr;
  sqlite3_stmt* commit_ = nullptr;
  sqlite3_int64 revision_ = std::int64_t{1'785'000'000} << 20U;
};

class TemporaryFolder {
 public:
  TemporaryFolder() {
    const char* base = std::getenv("TMPDIR");
    path_ = std::string{base != nullptr ? base : "."} + "/bench_ledger.XXXXXX";
    if (mkdtemp(path_.data()) == nullptr) give_up("cannot make a folder like " + path_ + "; set TMPDIR");
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] std::string file(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

struct Compared {
  Seconds ledger;
  Seconds bare;
  double tweets = 0;
  [[nodiscard]] double ratio() const { return bare.wall / ledger.wall; }
};

Compared compare(const TemporaryFolder& folder) {
  constexpr int turns = 30;
  constexpr int pages_a_turn = 20;
  auto ledger = must(ledger::Ledger::open(folder.file("compared.db"), start));
  BareLoop bare{folder.file("bare.db")};
  Posts for_ledger;
  Posts for_bare;
  Compared result;
  const auto ledger_turn = [&] {
    for (int i = 0; i < pages_a_turn; ++i) {
      const auto page = for_ledger.page();
      result.ledger += timed([&] { must(ledger->append(page)); });
    }
  };
  const auto bare_turn = [&] {
    for (int i = 0; i < pages_a_turn; ++i) {
      const auto page = for_bare.page();
      result.bare += timed([&] { bare.append(page); });
    }
  };
  for (int turn = 0; turn < turns; ++turn) {
    if (turn % 2 == 0) ledger_turn();
    bare_turn();
    if (turn % 2 == 1) ledger_turn();
  }
  result.tweets = turns * pages_a_turn * static_cast<double>(posts_per_page);
  return result;
}

struct Grown {
  double rows = 0;
  Seconds first_tenth;
  Seconds last_tenth;
  Seconds all;
  double payload_bytes = 0;  // a tweet
  double disk_bytes = 0;     // a tweet
  double open_ms = 0;
  Seconds drain;
};

void drain(ledger::Ledger& ledger, std::size_t expected) {
  const auto sink = must(ledger.open_sink("cluster", "cloud_marketplace_data_%Y%m%d"));
  std::uint64_t after = 0;
  std::size_t seen = 0;
  for (;;) {
    const auto rows = must(ledger.pending(sink, after, 1'000, 5'000'000));
    if (rows.empty()) break;
    ledger::Settlement settlement;
    for (const auto& row : rows) settlement.delivered.push_back(row.root);
    after = rows.back().revision;
    settlement.position = after;
    seen += rows.size();
    must(ledger.settle(sink, settlement));
  }
  if (seen != expected || must(ledger.counts(sink)).pending != 0) give_up("the drain lost rows");
}

Grown grow(const TemporaryFolder& folder, std::size_t rows) {
  const auto path = folder.file("grown.db");
  Grown result;
  result.rows = static_cast<double>(rows);
  auto ledger = must(ledger::Ledger::open(path, start));
  Posts posts;
  const std::size_t pages = rows / posts_per_page;
  for (std::size_t i = 0; i < pages; ++i) {
    const auto page = posts.page();
    const auto took = timed([&] { must(ledger->append(page)); });
    result.all += took;
    if (i < pages / 10) result.first_tenth += took;
    if (i >= pages - pages / 10) result.last_tenth += took;
  }
  ledger.reset();
  result.payload_bytes = static_cast<double>(posts.bytes()) / result.rows;
  result.disk_bytes = static_cast<double>(std::filesystem::file_size(path)) / result.rows;
  result.open_ms = 1e3 * timed([&] { ledger = must(ledger::Ledger::open(path, start)); }).wall;
  result.drain = timed([&] { drain(*ledger, pages * posts_per_page); });
  return result;
}

void report(const Compared& compared, const Grown& grown) {
  const double tenth = grown.rows / 10;
  const double allowed = 1.25 * grown.payload_bytes + 150;
  const auto line = [](const char* what, double rows, const Seconds& took) {
    std::printf("%-28s %10.0f tweets/s %8.2f us CPU a tweet\n", what, rows / took.wall, took.cpu / rows * 1e6);
  };
  line("append", compared.tweets, compared.ledger);
  line("bare SQLite loop", compared.tweets, compared.bare);
  line("append, first tenth", tenth, grown.first_tenth);
  line("append, last tenth", tenth, grown.last_tenth);
  line("pending and settle", grown.rows, grown.drain);
  std::printf("%-28s %10.2f\n", "ratio to the bare loop", compared.ratio());
  std::printf("%-28s %10.1f (payload %.1f, allowed %.1f)\n", "bytes on disk a tweet", grown.disk_bytes,
              grown.payload_bytes, allowed);
  std::printf("%-28s %10.1f ms with %.0f rows\n", "open", grown.open_ms, grown.rows);

  std::string out;
  JsonWriter json{out};
  json.begin_object().key("bench").text("ledger").key("ratio").number(compared.ratio());
  json.key("tweets_per_second").number(compared.tweets / compared.ledger.wall);
  json.key("cpu_us_per_append").number(compared.ledger.cpu / compared.tweets * 1e6);
  json.key("rows").number(grown.rows).key("first_tenth_per_second").number(tenth / grown.first_tenth.wall);
  json.key("last_tenth_per_second").number(tenth / grown.last_tenth.wall);
  json.key("drained_per_second").number(grown.rows / grown.drain.wall);
  json.key("cpu_us_per_drained").number(grown.drain.cpu / grown.rows * 1e6);
  json.key("bytes_per_tweet").number(grown.disk_bytes).key("payload_bytes").number(grown.payload_bytes);
  json.key("overhead_rule_ok").boolean(grown.disk_bytes <= allowed).key("open_ms").number(grown.open_ms).end_object();
  std::printf("%s\n", out.c_str());
}

}  // namespace
}  // namespace mentiond::bench

int main(int count, char** arguments) {
  std::size_t rows = 100'000;
  for (int i = 1; i < count; ++i) {
    const std::string_view argument{arguments[i]};
    if (argument != "--rows" || ++i == count || (rows = std::strtoull(arguments[i], nullptr, 10)) < 1'000) {
      std::fprintf(stderr, "usage: bench_ledger [--rows N], N at least 1000\n");
      return 64;
    }
  }
  const mentiond::bench::TemporaryFolder folder;
  const auto compared = mentiond::bench::compare(folder);
  mentiond::bench::report(compared, mentiond::bench::grow(folder, rows));
  return 0;
}
