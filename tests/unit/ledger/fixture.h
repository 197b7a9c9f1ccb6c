// What the ledger's tests share: a folder that goes away, posts made of a root id and a version, pages made of posts,
// and another connection to the same file for breaking and counting things behind the ledger's back.
#pragma once

#include <cstdlib>
#include <deque>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "ledger/ledger.h"
#include "ledger/sqlite_ledger.h"

namespace mentiond::ledger {

inline constexpr Time noon{std::chrono::seconds{1'785'000'000}};
inline const xapi::Query aws{"aws", "AWS Marketplace", "AWS"};
inline const xapi::Query gcp{"gcp", "GCP Marketplace", "GCP"};
inline const xapi::Query aws_de{"aws-de", "AWS Marktplatz", "AWS"};

class Folder {
 public:
  Folder() : path_((std::filesystem::temp_directory_path() / "ledger_test.XXXXXX").string()) {
    if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("cannot make " + path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A page under construction; owns the bytes of its posts.
class PageBuilder {
 public:
  explicit PageBuilder(const xapi::Query& query, Time seen_at = noon) {
    page_.query = query;
    page_.seen_at = seen_at;
    page_.billing_day = day_of(seen_at);
    page_.billed_request = true;
  }
  PageBuilder& post(std::uint64_t root, std::uint64_t version = 0, std::string raw = "") {
    if (version == 0) version = root;
    if (raw.empty()) raw = raw_of(root, version);
    Tweet tweet;
    tweet.root = TweetId{root};
    tweet.id = TweetId{version};
    tweet.raw = raws_.emplace_back(std::move(raw));
    page_.tweets.push_back(tweet);
    return *this;
  }
  PageBuilder& bad(std::optional<TweetId> id, std::string raw, std::optional<TweetId> root = {}) {
    page_.bad.push_back({id, raws_.emplace_back(std::move(raw)), "no text", root});
    return *this;
  }
  PageBuilder& on_day(Day day) {
    page_.billing_day = day;
    return *this;
  }
  PageCommit& page() { return page_; }
  [[nodiscard]] const PageCommit& page() const { return page_; }

  static std::string raw_of(std::uint64_t root, std::uint64_t version) {
    return R"({"id":")" + std::to_string(version) + R"(","root":")" + std::to_string(root) + R"(","text":"hello"})";
  }

 private:
  std::deque<std::string> raws_;
  PageCommit page_;
};

// A plain connection beside the ledger's.
class BackDoor {
 public:
  explicit BackDoor(const std::string& path) {
    if (sqlite3_open(path.c_str(), &db_) != SQLITE_OK) throw std::runtime_error("cannot open " + path);
    sqlite3_busy_timeout(db_, 5'000);
  }
  ~BackDoor() { sqlite3_close(db_); }
  BackDoor(const BackDoor&) = delete;
  BackDoor& operator=(const BackDoor&) = delete;

  void execute(const std::string& sql) {
    if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
      throw std::runtime_error(sql + ": " + sqlite3_errmsg(db_));
  }
  std::string text(const std::string& sql) {
    std::string result;
    const auto keep = [](void* out, int, char** values, char**) {
      *static_cast<std::string*>(out) = values[0] == nullptr ? "NULL" : values[0];
      return 0;
    };
    if (sqlite3_exec(db_, sql.c_str(), keep, &result, nullptr) != SQLITE_OK)
      throw std::runtime_error(sql + ": " + sqlite3_errmsg(db_));
    return result;
  }
  std::int64_t number(const std::string& sql) { return std::stoll(text(sql)); }

 private:
  sqlite3* db_ = nullptr;
};

template <class T>
T must(Outcome<T> outcome) {
  if (!outcome) throw std::runtime_error(outcome.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*outcome);
}

class LedgerTest : public testing::Test {
 protected:
  LedgerTest() { reopen(); }

  void reopen(Time now = noon) {
    ledger_.reset();
    ledger_ = must(SqliteLedger::open(path_, now));
  }
  AppendCounts append(const PageBuilder& builder) { return must(ledger_->append(builder.page())); }
  Sink sink(const std::string& uuid = "cluster-a") { return must(ledger_->open_sink(uuid, "mentions_%Y")); }
  std::vector<Row> pending(const Sink& of, std::uint64_t after) {
    return must(ledger_->pending(of, after, 1'000, 1'000'000));
  }
  std::vector<Row> pending() {
    const auto of = sink();
    return pending(of, of.settled_revision);
  }
  Row row(std::uint64_t root) {
    const std::vector roots{TweetId{root}};
    auto found = must(ledger_->rows(roots));
    if (found.size() != 1) throw std::runtime_error("no such row");
    return found.front();
  }
  void settle_all() {
    const auto of = sink();
    Settlement settlement;
    settlement.position = ledger_->last_revision();
    for (const auto& each : pending(of, of.settled_revision)) settlement.delivered.push_back(each.root);
    must(ledger_->settle(of, settlement));
  }
  static SetAside aside(const Row& row, SetAside::State state, std::string index = "mentions_2026",
                        elastic::HoldReason hold = elastic::HoldReason::read_only, std::string type = "some_fault") {
    SetAside entry;
    entry.root = row.root;
    entry.revision = row.revision;
    entry.state = state;
    entry.index = std::move(index);
    if (state == SetAside::State::held) entry.hold = hold;
    entry.fault = {403, std::move(type), "because"};
    entry.since = noon;
    return entry;
  }

  Folder folder_;
  std::string path_ = folder_.path() + "/ledger.db";
  std::unique_ptr<SqliteLedger> ledger_;
};

inline std::vector<std::uint64_t> roots_of(const std::vector<Row>& rows) {
  std::vector<std::uint64_t> roots;
  for (const auto& row : rows) roots.push_back(row.root.value());
  return roots;
}

}  // namespace mentiond::ledger
