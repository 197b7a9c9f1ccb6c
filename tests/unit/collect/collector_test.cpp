#include "collect/collector.h"

#include <condition_variable>
#include <mutex>

#include "collect_rig.h"

namespace mentiond::collect {
namespace {

using namespace testing;

TEST(Collector, StoresEverythingThatXServes) {
  Rig rig;
  rig.publish(35);
  rig.start();
  rig.run_for(1s);
  EXPECT_TRUE(rig.has_all());
  EXPECT_EQ(rig.memory->pages, (std::vector<std::size_t>{10, 10, 10, 5}));
  EXPECT_EQ(rig.x.requests.size(), 4U);
  EXPECT_GT(rig.woken, 0) << "deliver hears of it";
}

TEST(Collector, GoesOnPollingBySchedule) {
  Rig rig;
  rig.start();
  rig.run_for(2h);
  EXPECT_EQ(rig.x.requests.size(), 9U);
  EXPECT_FALSE(rig.end);
}

TEST(Collector, ShowsHowItStands) {
  Rig rig;
  rig.publish(15);
  rig.start();
  rig.run_for(1s);
  const auto& query = rig.board.queries.at("aws");
  EXPECT_EQ(query.cloud, "AWS");
  EXPECT_EQ(query.period, 15min);
  EXPECT_EQ(query.cursor, *rig.x.posts.begin());
  EXPECT_EQ(query.last_success, rig_begins);
  EXPECT_EQ(query.next_poll, rig_begins + 15min);
  EXPECT_TRUE(query.gaps.empty());
  EXPECT_EQ(rig.board.budget.posts, 15);
  EXPECT_EQ(rig.board.budget.cap_posts, 20'000);
  EXPECT_EQ(rig.board.budget.requests, 2);
  EXPECT_DOUBLE_EQ(rig.board.budget.usd, 0.075);
  EXPECT_EQ(rig.board.new_by_cloud.at("AWS"), 15);
  EXPECT_EQ(rig.board.ledger.file_bytes, 4096);
  EXPECT_EQ(rig.metric(R"(mentiond_x_requests_total{query="aws",outcome="page"})") +
                rig.metric(R"(mentiond_x_requests_total{outcome="page",query="aws"})"),
            "2");
  EXPECT_EQ(rig.metric(R"(mentiond_tweets_new_total{cloud="AWS"})"), "15");
  EXPECT_EQ(rig.metric("mentiond_posts_billed_total"), "15");
}

TEST(Collector, XDownForADayLosesNothing) {
  Rig rig;
  rig.publish(5);
  rig.start();
  rig.run_for(1min);
  rig.x.trouble = [](const HttpRequest&) { return HttpFailure{HttpFailure::Kind::connect, "refused"}; };
  for (int hour = 0; hour < 24; ++hour) {
    rig.run_for(1h);
    rig.publish(3);
  }
  EXPECT_FALSE(rig.end);
  EXPECT_FALSE(rig.has_all());
  rig.x.trouble = nullptr;
  rig.run_for(16min);
  EXPECT_TRUE(rig.has_all());
  EXPECT_TRUE(rig.memory->losses.empty());
}

TEST(Collector, ACrashAndARestartGoOnByTheGap) {
  Rig rig;
  rig.publish(35);
  rig.x.trouble = [&rig](const HttpRequest&) -> std::optional<FakeX::Answer> {
    if (rig.x.requests.size() < 3) return std::nullopt;
    return HttpFailure{HttpFailure::Kind::cut, "power"};
  };
  rig.start();
  rig.run_for(1s);
  EXPECT_EQ(rig.memory->stored.size(), 20U);
  rig.stop();
  rig.x.trouble = nullptr;
  rig.start();
  rig.run_for(1min);
  EXPECT_TRUE(rig.has_all());
}

TEST(Collector, StopEndsASleepAndIsDone) {
  Rig rig;
  rig.start();
  rig.run_for(1min);
  rig.stop();
  EXPECT_EQ(rig.end, CollectEnd::done);
}

TEST(Collector, StopBeforeTheStartIsDone) {
  Rig rig;
  rig.start();
  rig.collector->stop();
  rig.run_for(1min);
  EXPECT_EQ(rig.end, CollectEnd::done);
  EXPECT_TRUE(rig.x.requests.empty());
}

TEST(Collector, AFatalLedgerEndsIt) {
  Rig rig;
  rig.publish(5);
  rig.memory->fault = MemoryLedger::no_page(Failure::Kind::fatal, "fsync failed");
  rig.start();
  rig.run_for(1min);
  EXPECT_EQ(rig.end, CollectEnd::ledger);
}

TEST(Collector, ALedgerThatCannotLoadEndsIt) {
  Rig rig;
  rig.memory->fault = MemoryLedger::nothing_at_all(Failure::Kind::fatal, "I/O error");
  rig.start();
  rig.run_for(1min);
  EXPECT_EQ(rig.end, CollectEnd::ledger);
}

TEST(Collector, AFullDiskPausesAndLosesNothing) {
  Rig rig;
  rig.publish(25);
  rig.memory->fault = MemoryLedger::no_page(Failure::Kind::full, "disk full");
  rig.start();
  rig.run_for(1h);
  EXPECT_TRUE(rig.paused("disk"));
  EXPECT_EQ(rig.metric(R"(mentiond_paused{half="collect",reason="disk"})"), "1");
  EXPECT_FALSE(rig.end);
  rig.memory->fault = nullptr;
  rig.run_for(1min);
  EXPECT_FALSE(rig.paused("disk"));
  EXPECT_TRUE(rig.has_all());
}

TEST(Collector, ADiskThatIsFullAtStartIsWaitedFor) {
  Rig rig;
  rig.publish(5);
  rig.memory->fault = MemoryLedger::nothing_at_all(Failure::Kind::full, "disk full");
  rig.start();
  rig.run_for(1h);
  EXPECT_TRUE(rig.paused("disk"));
  rig.memory->fault = nullptr;
  rig.run_for(1min);
  EXPECT_TRUE(rig.has_all());
  EXPECT_FALSE(rig.paused("disk"));
}

TEST(Collector, AWaitForRoomThatOutlastsTheMonthBeginsWithTheNewMonthsMeter) {
  Rig rig;
  rig.publish(5, -30 * 24h);
  for (std::uint64_t id = 1; id <= 7; ++id) rig.memory->billed.emplace(day_of(rig_begins), TweetId{id});
  rig.memory->fault = MemoryLedger::nothing_at_all(Failure::Kind::full, "disk full");
  rig.start();
  rig.run_for(31 * 24h);
  rig.memory->fault = nullptr;
  rig.run_for(1min);
  EXPECT_TRUE(rig.has_all());
  EXPECT_EQ(rig.board.budget.posts, 5);
}

TEST(Collector, AStopDoesNotEndThePauseOfAFullDisk) {
  Rig rig;
  rig.memory->fault = MemoryLedger::nothing_at_all(Failure::Kind::full, "disk full");
  rig.start();
  rig.run_for(1h);
  rig.stop();
  EXPECT_EQ(rig.end, CollectEnd::done);
  EXPECT_TRUE(rig.paused("disk"));
}

TEST(Collector, TooLittleFreeDiskPauses) {
  Rig rig;
  rig.memory->disk.free = 1;
  rig.start();
  rig.run_for(1min);
  EXPECT_TRUE(rig.paused("disk"));
  EXPECT_TRUE(rig.x.requests.empty());
  rig.memory->disk.free = 1'000'000'000;
  rig.run_for(1min);
  EXPECT_FALSE(rig.x.requests.empty());
}

TEST(Collector, ABacklogPauses) {
  Rig rig;
  rig.backlog = 1'000'001;
  rig.start();
  rig.run_for(1min);
  EXPECT_TRUE(rig.paused("backpressure"));
  EXPECT_TRUE(rig.x.requests.empty());
  rig.backlog = 0;
  rig.run_for(1min);
  EXPECT_FALSE(rig.paused("backpressure"));
  EXPECT_EQ(rig.x.requests.size(), 1U);
}

TEST(Collector, ARefusedTokenIsReadAnew) {
  Rig rig;
  rig.publish(5);
  rig.x.trouble = [&rig](const HttpRequest& request) -> std::optional<FakeX::Answer> {
    if (request.headers.find("Authorization") == "Bearer fresh") return std::nullopt;
    return rig.x.reply(401, R"({"title":"Unauthorized","status":401})");
  };
  rig.start();
  rig.run_for(4min);
  EXPECT_TRUE(rig.paused("auth"));
  rig.secret = "fresh";
  rig.run_for(2min);
  EXPECT_FALSE(rig.paused("auth"));
  EXPECT_EQ(rig.secrets_read, 2);
  EXPECT_TRUE(rig.has_all());
}

TEST(Collector, AMissingTokenIsAuthTroubleAndAsksNothing) {
  Rig rig;
  rig.publish(5);
  rig.secret.clear();
  rig.start();
  rig.run_for(4min);
  EXPECT_TRUE(rig.paused("auth"));
  EXPECT_TRUE(rig.x.requests.empty());
  rig.secret = "there now";
  rig.run_for(2min);
  EXPECT_TRUE(rig.has_all());
}

TEST(Collector, ARefusedQueryIsParkedAndShown) {
  Rig rig;
  rig.x.trouble = [&rig](const HttpRequest&) -> std::optional<FakeX::Answer> {
    return rig.x.reply(
        400, R"({"errors":[{"message":"There were errors processing your request"}],"title":"Invalid Request"})");
  };
  rig.start();
  rig.run_for(1min);
  EXPECT_EQ(rig.board.queries.at("aws").parked_since, rig_begins);
  EXPECT_FALSE(rig.board.queries.at("aws").parked_why.empty());
  EXPECT_EQ(rig.metric(R"(mentiond_parked{query="aws"})"), "1");
  rig.x.trouble = nullptr;
  rig.run_for(1h);
  EXPECT_FALSE(rig.board.queries.at("aws").parked_since);
  EXPECT_EQ(rig.metric(R"(mentiond_parked{query="aws"})"), "0");
}

TEST(Collector, GapsOfQueriesNoLongerConfiguredAreCounted) {
  Rig rig;
  rig.memory->unconfigured.emplace_back("old", xapi::Loss{TweetId::at(rig_begins - 1h), TweetId::at(rig_begins)});
  rig.start();
  rig.run_for(1s);
  EXPECT_EQ(rig.metric(R"(mentiond_gap_seconds_total{query="old"})"), "3600");
  EXPECT_FALSE(rig.board.queries.contains("old")) << "it would never be ready again";
}

TEST(Collector, GapsThatWereClosedAreCountedThoughTheLedgerHadToBeReadAgain) {
  Rig rig;
  rig.memory->unconfigured.emplace_back("old", xapi::Loss{TweetId::at(rig_begins - 1h), TweetId::at(rig_begins)});
  rig.memory->meter_fault = [] { return Failure{Failure::Kind::full, "another program holds a lock"}; };
  rig.start();
  rig.run_for(1h);
  EXPECT_TRUE(rig.paused("disk"));
  rig.memory->meter_fault = nullptr;
  rig.run_for(1min);
  EXPECT_EQ(rig.metric(R"(mentiond_gap_seconds_total{query="old"})"), "3600");
}

TEST(Collector, TheGapOfAQuerysOldTextCountsOnItsRow) {
  Rig rig;
  rig.memory->unconfigured.emplace_back("aws", xapi::Loss{TweetId::at(rig_begins - 1h), TweetId::at(rig_begins)});
  rig.start();
  rig.run_for(1s);
  EXPECT_EQ(rig.board.queries.at("aws").seconds_lost, 3600);
}

TEST(Collector, ANewBudgetMonthIsCountedAnew) {
  Rig rig;
  rig.publish(5);
  rig.start();
  rig.run_for(24h * 23);
  EXPECT_EQ(rig.board.budget.month_began, *parse_day("2026-09-01"));
  EXPECT_EQ(rig.board.budget.posts, 0);
  const auto requests =
      std::ranges::count_if(rig.memory->request_days, [](Day d) { return d >= *parse_day("2026-09-01"); });
  EXPECT_EQ(rig.board.budget.requests, requests);
}

TEST(Collector, APauseOutlivesARestart) {
  Rig rig;
  rig.x.trouble = [&rig](const HttpRequest&) -> std::optional<FakeX::Answer> {
    return rig.x.reply(402, R"({"title":"CreditsDepleted","type":"https://api.twitter.com/2/problems/credits"})");
  };
  rig.start();
  rig.run_for(1min);
  EXPECT_TRUE(rig.paused("credits"));
  rig.stop();
  rig.board = {};
  rig.start();
  rig.run_for(1h);
  EXPECT_TRUE(rig.paused("credits"));
  EXPECT_EQ(rig.x.requests.size(), 1U);
}

TEST(Collector, OnceEndsForEachReason) {
  Rig done;
  done.publish(25);
  done.start(true);
  done.run_for(1h);
  EXPECT_EQ(done.end, CollectEnd::done);
  EXPECT_TRUE(done.has_all());

  Rig refused;
  refused.x.trouble = [&refused](const HttpRequest&) -> std::optional<FakeX::Answer> {
    return refused.x.reply(401, "{}");
  };
  refused.start(true);
  refused.run_for(1h);
  EXPECT_EQ(refused.end, CollectEnd::our_fault);

  Rig down;
  down.x.trouble = [](const HttpRequest&) { return HttpFailure{HttpFailure::Kind::connect, "refused"}; };
  down.start(true);
  down.run_for(1h);
  EXPECT_EQ(down.end, CollectEnd::unavailable);

  Rig full;
  full.memory->fault = MemoryLedger::nothing_at_all(Failure::Kind::full, "disk full");
  full.start(true);
  full.run_for(1h);
  EXPECT_EQ(full.end, CollectEnd::ledger);
}

TEST(Collector, TheNextPageIsUnderWayWhileOneIsCommitted) {
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t asked = 0;
  bool overlapped = false;
  boost::asio::io_context loop;
  SystemClock clock{loop.get_executor()};
  FakeX x{clock};
  for (int i = 0; i < 15; ++i) x.posts.insert(TweetId::at(clock.now().wall - 1min - 1s * i));
  x.on_request = [&] {
    const std::lock_guard hold{mutex};
    ++asked;
    changed.notify_all();
  };
  auto memory = std::make_unique<MemoryLedger>();
  memory->fault = [&](const ledger::PageCommit* page) -> std::optional<Failure> {
    std::unique_lock hold{mutex};
    const bool first_page = page != nullptr && page->change.put;
    if (first_page) overlapped = changed.wait_for(hold, 10s, [&] { return asked >= 2; });
    return std::nullopt;
  };
  const MemoryLedger& stored = *memory;
  ledger::LedgerThread thread{std::move(memory)};
  Random random{7};
  telemetry::Log log{{.level = telemetry::Level::error}, false, false};
  telemetry::Metrics metrics;
  telemetry::StatusBoard board;
  telemetry::Telemetry telemetry{log, metrics, board};
  Collector collector{small_options(),
                      {.x = x,
                       .ledger = thread,
                       .clock = clock,
                       .random = random,
                       .telemetry = telemetry,
                       .secret = [] { return Result<Secret>{Secret{"token"}}; },
                       .on_new_work = {},
                       .backlog = {}},
                      true};
  std::optional<CollectEnd> end;
  boost::asio::co_spawn(loop, collector.run(), [&](std::exception_ptr, CollectEnd how) { end = how; });
  loop.run();
  EXPECT_EQ(end, CollectEnd::done);
  EXPECT_TRUE(overlapped);
  EXPECT_EQ(stored.stored.size(), 15U);
}

}  // namespace
}  // namespace mentiond::collect
