// A collector with a world of virtual time around it: an X that serves JSON pages from a set of posts, and a ledger.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "collect/collector.h"
#include "loop/virtual_clock.h"
#include "memory_ledger.h"

namespace mentiond::collect::testing {

using namespace std::chrono_literals;

inline const Time rig_begins = *parse_iso8601("2026-08-10T12:00:00Z");

// The value of one parameter of a request's target; ids and tokens need no unescaping.
inline std::string parameter(const HttpRequest& request, const std::string& name) {
  const std::string& target = request.target;
  for (const char before : {'?', '&'}) {
    const auto at = target.find(before + name + "=");
    if (at == std::string::npos) continue;
    const auto from = at + name.size() + 2;
    return target.substr(from, std::min(target.find('&', from), target.size()) - from);
  }
  return {};
}

class FakeX final : public Transport {
 public:
  using Answer = Result<HttpReply, HttpFailure>;

  explicit FakeX(Clock& clock) : clock_(clock) {}

  std::set<TweetId, std::greater<>> posts;
  std::function<std::optional<Answer>(const HttpRequest&)> trouble;
  std::function<void()> on_request;
  std::vector<HttpRequest> requests;
  Millis takes{};  // before each answer

  Task<Answer> send(HttpRequest request) override {
    requests.push_back(request);
    if (on_request) on_request();
    if (takes > Millis{0}) {
      Wakeup never;
      co_await clock_.sleep_until(clock_.now().steady + takes / 2, never);
      co_await clock_.sleep_until(clock_.now().steady + takes / 2, never);
    }
    if (trouble) {
      if (auto answer = trouble(request)) co_return *std::move(answer);
    }
    co_return page(request);
  }

  [[nodiscard]] HttpReply reply(int status, std::string body) const {
    HttpReply reply{.status = status, .headers = {}, .body = std::move(body)};
    reply.headers.add("Date", to_http_date(clock_.now().wall));
    return reply;
  }

 private:
  HttpReply page(const HttpRequest& request) const {
    TweetId below{TweetId::max_value};
    if (const auto until = TweetId::parse(parameter(request, "until_id"))) below = *until;
    if (const auto token = TweetId::parse(parameter(request, "next_token"))) below = *token;
    const TweetId above = TweetId::parse(parameter(request, "since_id")).value_or(TweetId{});
    const std::size_t size = std::stoul(parameter(request, "max_results"));
    std::string data;
    std::string token;
    std::size_t count = 0;
    TweetId last;
    for (auto post = posts.upper_bound(below); post != posts.end() && *post > above; ++post) {
      if (count == size) {
        token = R"(,"next_token":")" + last.to_string() + '"';
        break;
      }
      data += (count++ == 0 ? "" : ",");
      data += R"({"id":")" + post->to_string() +
              R"(","text":"AWS Marketplace","lang":"en","edit_history_tweet_ids":[")" + post->to_string() + R"("]})";
      last = *post;
    }
    return reply(200, R"({"data":[)" + data + R"(],"meta":{"result_count":)" + std::to_string(count) + token + "}}");
  }

  Clock& clock_;
};

// Options of one query with small pages.
inline Options small_options() {
  Options options;
  options.page_size = 10;
  options.queries.push_back({.name = "aws", .cloud = "AWS", .text = "AWS Marketplace", .schedule = {}});
  return options;
}

class Rig {
 public:
  explicit Rig(Options chosen = small_options(), std::unique_ptr<ledger::Ledger> other = nullptr)
      : options(std::move(chosen)) {
    auto memory_ledger = std::make_unique<MemoryLedger>();
    memory = memory_ledger.get();
    thread = std::make_unique<ledger::LedgerThread>(other ? std::move(other) : std::move(memory_ledger),
                                                    ledger::LedgerThread::Mode::inline_calls);
  }

  void publish(int count, Millis age = 1min, Millis apart = 1s) {
    for (int i = 0; i < count; ++i) x.posts.insert(TweetId::at(clock.now().wall - age - apart * i));
  }
  void start(bool once = false) {
    Collector::World world{.x = x,
                           .ledger = *thread,
                           .clock = clock,
                           .random = random,
                           .telemetry = telemetry,
                           .secret = [this]() -> Result<Secret> {
                             ++secrets_read;
                             if (secret.empty()) return fail("the token file is empty");
                             return Secret{secret};
                           },
                           .on_new_work = [this] { ++woken; },
                           .backlog = [this] { return backlog; }};
    end.reset();
    collector = std::make_unique<Collector>(options, std::move(world), once);
    boost::asio::co_spawn(loop, collector->run(), [this](std::exception_ptr thrown, CollectEnd how) {
      if (thrown) std::rethrow_exception(thrown);
      end = how;
    });
  }
  void run_for(Millis span) { clock.run_for(span); }
  void stop() {
    collector->stop();
    clock.run_for(1min);
  }
  [[nodiscard]] bool has_all() const {
    return std::ranges::all_of(x.posts, [this](TweetId id) { return memory->stored.contains(id); });
  }
  // The value of one line of /metrics, as text; empty if there is none.
  [[nodiscard]] std::string metric(const std::string& series) const {
    const std::string text = "\n" + metrics.expose();
    const auto at = text.find("\n" + series + " ");
    if (at == std::string::npos) return {};
    const auto from = at + series.size() + 2;
    return text.substr(from, text.find('\n', from) - from);
  }
  [[nodiscard]] bool paused(std::string_view reason) const {
    return std::ranges::any_of(board.pauses, [reason](const auto& pause) { return pause.reason == reason; });
  }

  Options options;
  boost::asio::io_context loop;
  VirtualClock clock{loop, rig_begins};
  FakeX x{clock};
  MemoryLedger* memory = nullptr;
  std::unique_ptr<ledger::LedgerThread> thread;
  Random random{7};
  telemetry::Log log{{.level = telemetry::Level::error}, false, false};
  telemetry::Metrics metrics;
  telemetry::StatusBoard board;
  telemetry::Telemetry telemetry{log, metrics, board};
  std::string secret = "token";
  int secrets_read = 0;
  int woken = 0;
  std::int64_t backlog = 0;
  std::unique_ptr<Collector> collector;
  std::optional<CollectEnd> end;
};

}  // namespace mentiond::collect::testing
