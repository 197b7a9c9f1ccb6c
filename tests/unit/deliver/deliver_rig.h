// A deliverer with a world of virtual time around it: a real ledger in a folder of its own, and a small Elasticsearch
// that keeps versions, answers as the real one does, and can be told to misbehave.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "deliver/deliverer.h"
#include "elastic/index_template.h"
#include "ledger/sqlite_ledger.h"
#include "loop/virtual_clock.h"

namespace mentiond::deliver::testing {

using namespace std::chrono_literals;

inline const Time rig_begins = *parse_iso8601("2026-08-10T12:00:00Z");
inline const TweetId day_begins = TweetId::at(*parse_iso8601("2026-08-10T00:00:00Z"));
inline TweetId id(std::uint64_t n) { return TweetId{day_begins.value() + n}; }
// Of the day before.
inline TweetId old_id(std::uint64_t n) {
  return TweetId{TweetId::at(*parse_iso8601("2026-08-09T00:00:00Z")).value() + n};
}

class Folder {
 public:
  Folder() : path_((std::filesystem::temp_directory_path() / "deliver_test.XXXXXX").string()) {
    if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("cannot make " + path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string ledger() const { return path_ + "/ledger.db"; }

 private:
  std::string path_;
};

class FakeElastic final : public Transport {
 public:
  using Answer = Result<HttpReply, HttpFailure>;
  struct Line {
    bool erase = false;
    std::string index;
    std::string id;
    std::uint64_t version = 0;
    std::string source;
  };

  explicit FakeElastic(Clock& clock) : clock_(clock) {}

  std::function<std::optional<Answer>(const HttpRequest&)> trouble;
  std::function<std::string(const Line&)> item_error;  // the status and the error of an item, as JSON members
  std::string uuid = "cluster-one";
  std::optional<std::string> index_template;  // its managed_by
  Millis takes{};
  std::vector<HttpRequest> requests;
  std::map<std::string, Line> documents;  // by index/id

  Task<Answer> send(HttpRequest request) override {
    requests.push_back(request);
    if (takes > Millis{}) {
      Wakeup never;
      co_await clock_.sleep_until(clock_.now().steady + takes, never);
    }
    if (trouble) {
      if (auto answer = trouble(request)) co_return *std::move(answer);
    }
    if (request.target == "/") {
      co_return reply(
          200, R"({"cluster_uuid":")" + uuid + R"(","version":{"number":"8.5.2"},"tagline":"You Know, for Search"})");
    }
    if (request.target.starts_with("/_index_template/")) co_return template_reply(request);
    co_return bulk(request.body);
  }

  // For `trouble`.
  static std::optional<Answer> refuses_connections(const HttpRequest&) {
    return HttpFailure{HttpFailure::Kind::connect, "refused"};
  }
  static HttpReply reply(int status, std::string body) {
    HttpReply answer;
    answer.status = status;
    answer.body = std::move(body);
    return answer;
  }
  [[nodiscard]] std::size_t bulks() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(requests, [](const HttpRequest& r) { return r.target.starts_with("/_bulk"); }));
  }

 private:
  HttpReply template_reply(const HttpRequest& request) {
    if (request.method == "PUT") {
      index_template = "mentiond";
      return reply(200, R"({"acknowledged":true})");
    }
    if (!index_template) {
      return reply(404,
                   R"({"error":{"type":"resource_not_found_exception","reason":"no such template"},"status":404})");
    }
    return reply(200, R"({"index_templates":[{"name":"cloud_marketplace_data","index_template":{"index_patterns":)"
                      R"(["cloud_marketplace_data_*"],"_meta":{"managed_by":")" +
                          *index_template + R"(","version":)" + std::to_string(elastic::template_version) + "}}}]}");
  }

  static std::string between(const std::string& text, const std::string& before, const std::string& after) {
    const auto from = text.find(before);
    if (from == std::string::npos) return {};
    const auto begin = from + before.size();
    return text.substr(begin, text.find_first_of(after, begin) - begin);
  }

  HttpReply bulk(const std::string& body) {
    std::string items;
    for (std::size_t at = 0; at < body.size();) {
      const auto take = [&] {
        const auto end = body.find('\n', at);
        std::string line = body.substr(at, end - at);
        at = end + 1;
        return line;
      };
      const std::string action = take();
      Line line;
      line.erase = action.starts_with(R"({"delete")");
      line.index = between(action, R"("_index":")", "\"");
      line.id = between(action, R"("_id":")", "\"");
      line.version = std::stoull(between(action, R"("version":)", ",}"));
      if (!line.erase) line.source = take();
      items += items.empty() ? "" : ",";
      items += (line.erase ? R"({"delete":{)" : R"({"index":{)") + answer(line) + "}}";
    }
    return reply(200, R"({"errors":false,"items":[)" + items + "]}");
  }

  std::string answer(const Line& line) {
    if (item_error) {
      if (auto error = item_error(line); !error.empty()) return error;
    }
    const std::string key = line.index + "/" + line.id;
    const auto known = documents.find(key);
    if (known != documents.end() && known->second.version >= line.version) {
      return R"("status":409,"error":{"type":"version_conflict_engine_exception","reason":"[)" + line.id +
             "]: version conflict, current version [" + std::to_string(known->second.version) +
             "] is higher or equal to the one provided [" + std::to_string(line.version) + R"(]"})";
    }
    const bool there = known != documents.end();
    documents[key] = line;
    if (line.erase) return there ? R"("result":"deleted","status":200)" : R"("result":"not_found","status":404)";
    return there ? R"("status":200)" : R"("status":201)";
  }

  Clock& clock_;
};

class Rig {
 public:
  explicit Rig(Options chosen = {}, telemetry::Level level = telemetry::Level::error)
      : log{{.level = level}, false, false}, options(std::move(chosen)) {
    open();
  }
  ~Rig() {
    if (deliverer && !end) {
      deliverer->stop();
      clock.run_for(1h);
    }
  }

  // `wrap` may put something between the deliverer and the ledger.
  using Wrap = std::function<std::unique_ptr<ledger::Ledger>(std::unique_ptr<ledger::Ledger>)>;
  void open(const Wrap& wrap = nullptr) {
    thread.reset();
    auto opened = ledger::Ledger::open(folder.ledger(), clock.now().wall);
    if (!opened) throw std::runtime_error(opened.error().message);
    ledger = opened->get();
    thread = std::make_unique<ledger::LedgerThread>(wrap ? wrap(std::move(*opened)) : std::move(*opened),
                                                    ledger::LedgerThread::Mode::inline_calls);
  }

  void store(std::vector<TweetId> roots, const std::string& cloud = "AWS", std::string raw = "") {
    std::vector<std::string> raws;
    for (const TweetId root : roots) {
      raws.push_back(!raw.empty() ? raw
                                  : R"({"id":")" + root.to_string() + R"(","text":"AWS Marketplace","lang":"en",)" +
                                        R"("edit_history_tweet_ids":[")" + root.to_string() + R"("]})");
    }
    ledger::PageCommit page;
    page.query = {cloud, cloud + " Marketplace", cloud};
    page.seen_at = clock.now().wall;
    page.billing_day = day_of(page.seen_at);
    for (std::size_t i = 0; i < roots.size(); ++i) {
      Tweet tweet;
      tweet.root = roots[i];
      tweet.id = roots[i];
      tweet.raw = raws[i];
      page.tweets.push_back(tweet);
    }
    const auto stored = ledger->append(page);
    if (!stored) throw std::runtime_error(stored.error().message);
    wakeup.notify();
  }
  void store(std::uint64_t first, std::size_t count) {
    std::vector<TweetId> roots;
    for (std::size_t i = 0; i < count; ++i) roots.push_back(id(first + i));
    store(roots);
  }

  [[nodiscard]] ledger::Connection& connection() { return dynamic_cast<ledger::SqliteLedger&>(*ledger).connection(); }
  // Makes a stored row what forgetting leaves of it, at its present revision.
  void bury(TweetId root) {
    const std::string which = " WHERE root_id = " + root.to_string();
    connection().execute("UPDATE post SET state = 1" + which + "; UPDATE payload SET raw = NULL" + which);
  }

  Deliverer::Context context(Transport& sink) {
    return {.sink = sink,
            .authorization = [this]() -> Result<Secret> {
              ++secrets_read;
              return secret;
            },
            .ledger = *thread,
            .clock = clock,
            .random = random,
            .telemetry = telemetry,
            .wakeup = wakeup,
            .queries = {{"AWS", "AWS", "AWS Marketplace"}}};
  }
  void start() {
    deliverer = *Deliverer::create(options, context(elastic));
    boost::asio::co_spawn(loop, deliverer->run(), [this](std::exception_ptr thrown, DeliverEnd how) {
      if (thrown) std::rethrow_exception(thrown);
      end = how;
    });
  }
  void run(Millis limit) { clock.run_for(limit); }

  [[nodiscard]] bool paused(const std::string& reason) const {
    return std::ranges::any_of(board.pauses, [&](const auto& pause) { return pause.reason == reason; });
  }
  [[nodiscard]] bool exposes(const std::string& line) const { return metrics.expose().find(line) != std::string::npos; }

  Folder folder;
  boost::asio::io_context loop;
  VirtualClock clock{loop, rig_begins};
  Random random{7};
  telemetry::Log log;
  telemetry::Metrics metrics;
  telemetry::StatusBoard board;
  telemetry::Telemetry telemetry{log, metrics, board};
  FakeElastic elastic{clock};
  Wakeup wakeup;
  Options options;
  Result<Secret> secret = Secret{"ApiKey one"};
  int secrets_read = 0;
  ledger::Ledger* ledger = nullptr;
  std::unique_ptr<ledger::LedgerThread> thread;
  std::unique_ptr<Deliverer> deliverer;
  std::optional<DeliverEnd> end;
};

}  // namespace mentiond::deliver::testing
