// What an operator gets to hear, and what never.
#include <boost/asio/detached.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json_writer.h"
#include "deliver/deliverer.h"
#include "deliver_rig.h"

namespace mentiond::deliver {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;

std::size_t times(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

std::string quoted(const std::string& text) {
  std::string out;
  JsonWriter{out}.text(text);
  return out;
}

// An Elasticsearch that answers with the documents it was sent, wherever real ones may.
std::string unavailable(const FakeElastic::Line& line) {
  return R"("status":503,"error":{"type":"unavailable_shards_exception","reason":)" +
         quoted("[" + line.index + "][0] primary shard is not active Timeout: [1m], request: [BulkShardRequest [[" +
                line.index + "][0]] containing [index {[" + line.index + "][" + line.id + "], source[" + line.source +
                "]}]]") +
         "}";
}
std::string refused(const FakeElastic::Line& line) {
  return R"("status":400,"error":{"type":"mapper_parsing_exception","reason":)" +
         quoted("failed to parse: " + line.source) + "}";
}
std::string shard_limit_within(const FakeElastic::Line& line) {
  return R"("status":400,"error":{"type":"mapper_parsing_exception","reason":)" +
         quoted("failed to parse: " + line.source) +
         R"(,"caused_by":{"type":"validation_exception","reason":"Validation Failed: 1: this action would add [2] )"
         R"(shards, but this cluster currently has [1000]/[1000] maximum normal shards open;"}})";
}

TEST(Deliverer, NoTextOfATweetReachesLogStatusOrMetrics) {
  const std::string text = "Zebras on the Marketplace";
  struct Story {
    std::function<std::string(const FakeElastic::Line&)> answer;
    std::string pause;
  };
  for (const Story& story :
       {Story{unavailable, "overloaded"}, Story{refused, "drift"}, Story{shard_limit_within, "shard_limit"}}) {
    ::testing::internal::CaptureStderr();
    Rig rig{{}, telemetry::Level::info};
    for (std::uint64_t n = 1; n <= 25; ++n) {
      const std::string own = id(n).to_string();
      rig.store({id(n)}, "AWS",
                R"({"id":")" + own + R"(","text":")" + text + R"(","edit_history_tweet_ids":[")" + own + R"("]})");
    }
    rig.elastic.item_error = story.answer;
    rig.start();
    rig.run(10min);
    EXPECT_TRUE(rig.paused(story.pause)) << story.pause;
    EXPECT_THAT(rig.elastic.requests.back().body, HasSubstr(text));
    const Time now = rig.clock.now().wall;
    EXPECT_THAT(telemetry::to_json(rig.board, now), Not(HasSubstr(text))) << story.pause;
    for (const auto& reason : telemetry::not_ready_reasons(rig.board, now)) EXPECT_THAT(reason, Not(HasSubstr(text)));
    EXPECT_THAT(rig.metrics.expose(), Not(HasSubstr(text)));
    EXPECT_THAT(::testing::internal::GetCapturedStderr(), Not(HasSubstr(text))) << story.pause;
  }
}

TEST(Deliverer, RowsPutOffWhileTheyAreReleasedBringNoTextIntoTheLogEither) {
  ::testing::internal::CaptureStderr();
  Rig rig{{}, telemetry::Level::info};
  rig.elastic.item_error = shard_limit_within;
  rig.store(1, 5);
  rig.start();
  rig.run(1min);
  ASSERT_TRUE(rig.paused("shard_limit"));
  rig.elastic.item_error = [](const FakeElastic::Line& line) {
    return line.id == id(1).to_string() ? std::string{} : unavailable(line);
  };
  rig.run(30min);
  EXPECT_TRUE(rig.paused("shard_limit")) << "held again, by what a shard says";
  EXPECT_THAT(telemetry::to_json(rig.board, rig.clock.now().wall), Not(HasSubstr("AWS Marketplace")));
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), Not(HasSubstr("AWS Marketplace")));
}

TEST(Deliverer, PageOfAProxyThatShowsWhatItRefusedIsNotRepeated) {
  Rig rig;
  rig.elastic.trouble = [](const HttpRequest& request) -> std::optional<FakeElastic::Answer> {
    if (!request.target.starts_with("/_bulk")) return std::nullopt;
    return FakeElastic::reply(
        403, "<html>blocked: " + request.body.substr(request.body.find("AWS Marketplace")) + "</html>");
  };
  rig.store(1, 1);
  rig.start();
  rig.run(1min);
  EXPECT_TRUE(rig.paused("auth"));
  EXPECT_THAT(telemetry::to_json(rig.board, rig.clock.now().wall), Not(HasSubstr("AWS Marketplace")));
}

TEST(Deliverer, BulkThatFoundNoConnectionIsNotCounted) {
  Rig rig;
  rig.store(1, 5);
  rig.start();
  rig.run(10s);
  bool lost = true;
  rig.elastic.trouble = [&](const HttpRequest& request) -> std::optional<FakeElastic::Answer> {
    if (!request.same_connection || !std::exchange(lost, false)) return std::nullopt;
    return HttpFailure{HttpFailure::Kind::no_connection, "closed"};
  };
  rig.store(6, 5);
  rig.run(10s);
  EXPECT_FALSE(lost);
  EXPECT_EQ(rig.elastic.documents.size(), 10U);
  EXPECT_FALSE(rig.exposes("no_connection"));
  EXPECT_TRUE(rig.exposes("mentiond_bulk_seconds_count 2"));
}

TEST(Deliverer, SecretIsReadAgainWhereTheTemplateWasDenied) {
  Rig rig;
  rig.elastic.trouble = [](const HttpRequest& request) -> std::optional<FakeElastic::Answer> {
    if (request.method != "PUT" || request.headers.find("Authorization") == "ApiKey two") return std::nullopt;
    return FakeElastic::reply(403, R"({"error":{"type":"security_exception","reason":"unauthorized"},"status":403})");
  };
  rig.store(1, 1);
  rig.start();
  rig.run(1min);
  ASSERT_TRUE(rig.paused("template"));
  rig.secret = Secret{"ApiKey two"};
  rig.run(10min);
  EXPECT_FALSE(rig.paused("template"));
  EXPECT_EQ(rig.elastic.documents.size(), 1U);
}

TEST(Deliverer, HeldIndexOfTheOldClusterIsNoPauseOfTheNew) {
  Rig rig;
  rig.elastic.item_error = [&](const FakeElastic::Line&) {
    return rig.elastic.uuid == "cluster-one"
               ? std::string{R"("status":403,"error":{"type":"cluster_block_exception","reason":)"
                             R"("index [x] blocked by: [FORBIDDEN/8/index write (api)];"})"}
               : std::string{};
  };
  rig.store(1, 3);
  rig.start();
  rig.run(4s);
  ASSERT_TRUE(rig.paused("read_only"));
  rig.elastic.uuid = "cluster-two";
  rig.deliverer->probe_now();
  rig.run(10s);
  EXPECT_EQ(rig.elastic.documents.size(), 3U);
  EXPECT_FALSE(rig.paused("read_only"));
}

TEST(Deliverer, NewSinkTellsOnceWhatRetentionHasRemoved) {
  Options options;
  options.retention = std::chrono::days{8};
  Rig rig{options};
  rig.store(1, 5);
  rig.start();
  rig.run(10s);
  rig.run(std::chrono::days{9});
  rig.elastic.uuid = "cluster-two";
  for (int look = 0; look < 3; ++look) {
    rig.deliverer->probe_now();
    rig.run(10s);
  }
  EXPECT_EQ(rig.board.sink->cluster_uuid, "cluster-two");
  EXPECT_TRUE(rig.exposes("mentiond_pruned_passed_total 5"));
}

TEST(Deliverer, DeadLettersHaveALineAtPowersOfTwo) {
  ::testing::internal::CaptureStderr();
  Rig rig{{}, telemetry::Level::warn};
  rig.store(1, 10);
  rig.elastic.item_error = refused;
  rig.start();
  rig.run(10s);
  EXPECT_EQ(rig.board.ledger.dead_letters, 10);
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(times(said, "event=dead_letter"), 4U) << said;
}

TEST(Deliverer, DrainingWaitsThoughUpkeepIsOverdue) {
  Rig rig;
  rig.elastic.trouble = FakeElastic::refuses_connections;
  rig.store(1, 5);
  rig.start();
  rig.run(10s);
  rig.deliverer->drain(5min, Deliverer::Grace::while_progressing);
  rig.run(10min);
  EXPECT_EQ(rig.end, DeliverEnd::sink_down);
}

TEST(Deliverer, FullDiskIsAnEndOfItsOwnAndToldEverMoreRarely) {
  ::testing::internal::CaptureStderr();
  Rig rig;
  rig.store(1, 200);
  auto& connection = rig.connection();
  rig.elastic.item_error = [&](const FakeElastic::Line&) {
    connection.number("PRAGMA max_page_count = " + std::to_string(connection.number("PRAGMA page_count")));
    return R"("status":400,"error":{"type":"mapper_parsing_exception","reason":")" + std::string(500, 'x') + "\"}";
  };
  rig.start();
  rig.run(10min);
  rig.deliverer->drain(8s, Deliverer::Grace::while_progressing);
  rig.run(1min);
  EXPECT_EQ(rig.end, DeliverEnd::ledger_full);
  const std::size_t lines = times(::testing::internal::GetCapturedStderr(), "event=ledger_full");
  EXPECT_GE(lines, 3U);
  EXPECT_LE(lines, 5U);
}

TEST(Upkeep, WithoutASinkMeasuresTheLedger) {
  Rig rig;
  rig.store(1, 3);
  ledger::PageCommit page;
  page.query = {"AWS", "AWS Marketplace", "AWS"};
  page.seen_at = rig.clock.now().wall;
  page.billing_day = day_of(page.seen_at);
  page.bad.push_back({id(9), R"({"id":1})", "no text"});
  ASSERT_TRUE(rig.ledger->append(page));
  Upkeep upkeep{*rig.thread, rig.clock, rig.telemetry, std::chrono::days{400}, Upkeep::Role::alone};
  std::optional<ledger::Outcome<void>> outcome;
  boost::asio::co_spawn(rig.loop, upkeep.turn(std::nullopt),
                        [&](const std::exception_ptr&, ledger::Outcome<void> done) { outcome = std::move(done); });
  rig.run(1s);
  ASSERT_TRUE(outcome && *outcome);
  EXPECT_EQ(rig.board.ledger.rows, 3);
  EXPECT_EQ(rig.board.ledger.dead_letters, 1);
  EXPECT_GT(rig.board.ledger.file_bytes, 0);
  EXPECT_TRUE(rig.exposes("mentiond_dead_letters 1"));
  EXPECT_GT(upkeep.next(), rig.clock.now().steady);
}

}  // namespace
}  // namespace mentiond::deliver
