#include "telemetry/status_board.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mentiond::telemetry {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Time start{std::chrono::sys_days{std::chrono::year{2026} / 1 / 31}};

PauseStatus pause_of(Half half, std::string reason, std::string index = {}) {
  PauseStatus pause;
  pause.half = half;
  pause.reason = std::move(reason);
  pause.index = std::move(index);
  pause.since = start;
  return pause;
}

StatusBoard board_with_query(std::optional<Time> last_success) {
  StatusBoard board;
  board.started = start;
  board.queries["aws"].period = 15min;
  board.queries["aws"].last_success = last_success;
  return board;
}

TEST(StatusBoard, APauseIsOneOfItsHalfReasonAndIndex) {
  StatusBoard board;
  board.pause(pause_of(Half::deliver, "read_only", "a"));
  board.pause(pause_of(Half::deliver, "read_only", "b"));
  auto changed = pause_of(Half::deliver, "read_only", "a");
  changed.detail = "again";
  board.pause(changed);
  ASSERT_EQ(board.pauses.size(), 2U);
  EXPECT_EQ(board.pauses[0].detail, "again");
  EXPECT_FALSE(board.resume(Half::collect, "read_only", "a"));
  EXPECT_FALSE(board.resume(Half::deliver, "read_only"));
  EXPECT_TRUE(board.resume(Half::deliver, "read_only", "a"));
  EXPECT_FALSE(board.resume(Half::deliver, "read_only", "a"));
  EXPECT_EQ(board.pauses.size(), 1U);
}

TEST(Readiness, AFreshStartIsReadyUntilItsFirstPeriodIsOver) {
  const auto board = board_with_query(std::nullopt);
  EXPECT_THAT(not_ready_reasons(board, start + 15min), IsEmpty());
  EXPECT_THAT(not_ready_reasons(board, start + 15min + 1ms),
              ElementsAre("query aws has not succeeded since the start"));
}

TEST(Readiness, ASuccessOfLongBeforeTheStartHoldsForTheFirstPeriod) {
  const auto board = board_with_query(start - 48h);
  EXPECT_THAT(not_ready_reasons(board, start + 15min), IsEmpty());
  EXPECT_THAT(not_ready_reasons(board, start + 16min), ElementsAre(HasSubstr("query aws last succeeded ")));
}

TEST(Readiness, AQueryIsStaleAfterThreePeriods) {
  const auto board = board_with_query(start + 1h);
  EXPECT_THAT(not_ready_reasons(board, start + 1h + 45min), IsEmpty());
  EXPECT_THAT(not_ready_reasons(board, start + 1h + 45min + 1ms),
              ElementsAre(testing::MatchesRegex("query aws last succeeded .+ ago, though its period is 15m")));
}

TEST(Readiness, AParkedQueryIsNotReady) {
  auto board = board_with_query(start);
  board.queries["aws"].parked_since = start;
  board.queries["aws"].parked_why = "X refuses it";
  EXPECT_THAT(not_ready_reasons(board, start),
              ElementsAre("query aws is parked since 2026-01-31T00:00:00.000Z: X refuses it"));
}

TEST(Readiness, EveryPauseIsAReason) {
  StatusBoard board;
  board.started = start;
  board.pause(pause_of(Half::collect, "cap"));
  board.pauses.back().detail = "the cap of X's plan is reached";
  board.pauses.back().until = start + 24h;
  board.pause(pause_of(Half::deliver, "closed", "a_20260131"));
  EXPECT_THAT(not_ready_reasons(board, start),
              ElementsAre("collect is paused: cap: the cap of X's plan is reached; until 2026-02-01T00:00:00.000Z",
                          "deliver is paused: closed (index a_20260131)"));
}

TEST(Readiness, ASinkThatDoesNotAnswerIsAReasonAndNoSinkIsNone) {
  StatusBoard board;
  board.started = start;
  EXPECT_THAT(not_ready_reasons(board, start), IsEmpty());
  board.sink.emplace();
  EXPECT_THAT(not_ready_reasons(board, start), ElementsAre("the sink (elasticsearch) does not answer"));
  board.sink->answers = true;
  EXPECT_THAT(not_ready_reasons(board, start), IsEmpty());
}

TEST(Readiness, WhereNothingRunsThatIsTheOneReason) {
  auto board = board_with_query(std::nullopt);
  board.started.reset();
  board.pause(pause_of(Half::collect, "cap"));
  EXPECT_THAT(not_ready_reasons(board, start), ElementsAre("no daemon runs"));
}

TEST(Readiness, AQueryParkedByAnEarlierProcessPointsToItsLog) {
  auto board = board_with_query(start);
  board.queries["aws"].parked_since = start;
  EXPECT_THAT(not_ready_reasons(board, start),
              ElementsAre("query aws is parked since 2026-01-31T00:00:00.000Z; the log of that time says why"));
}

TEST(StatusJson, AnEmptyBoardShowsWhatIsNotKnownAsNull) {
  StatusBoard board;
  board.version = "1.2.3";
  board.started = start;
  EXPECT_EQ(
      to_json(board, start + 90s),
      R"({"version":"1.2.3","started":"2026-01-31T00:00:00.000Z","uptime_seconds":90,"ready":true,"reasons":[],)"
      R"("queries":{},"pauses":[],"rate_limit":{"remaining":null,"reset":null},)"
      R"("ledger":{"rows":0,"pending":0,"held":0,"dead_letters":0,"file_bytes":0,"wal_bytes":0,"last_revision":0},)"
      R"("sink":null,"budget":{"posts":0,"users":0,"requests":0,"cap_posts":0,"usd":0,"month_began":null,"resets":null},)"
      R"("new_by_cloud":{}})");
}

TEST(StatusJson, AQueryShowsCursorGapsAgeAndNextPoll) {
  auto board = board_with_query(start);
  auto& query = board.queries["aws"];
  query.cursor = TweetId{2017300000000000000};
  query.cloud = "AWS";
  query.gaps = {{TweetId{1}, TweetId{9}, 2}};
  query.next_poll = start + 15min;
  query.seconds_lost = 7;
  EXPECT_THAT(to_json(board, start + 60s),
              HasSubstr(R"("queries":{"aws":{"cloud":"AWS","period_seconds":900,"cursor":"2017300000000000000",)"
                        R"("gaps":[{"low":"1","high":"9","pages_used":2}],"last_success":"2026-01-31T00:00:00.000Z",)"
                        R"("last_success_age_seconds":60,"next_poll":"2026-01-31T00:15:00.000Z","parked_since":null,)"
                        R"("seconds_lost":7}})"));
}

TEST(StatusJson, AParkedQueryAndAPauseSayWhy) {
  auto board = board_with_query(std::nullopt);
  board.queries["aws"].parked_since = start;
  board.queries["aws"].parked_why = "refused";
  board.pause(pause_of(Half::deliver, "closed", "a"));
  board.pauses.back().detail = "open it";
  const auto text = to_json(board, start);
  EXPECT_THAT(text, HasSubstr(R"("cursor":null,)"));
  EXPECT_THAT(text, HasSubstr(R"("parked_since":"2026-01-31T00:00:00.000Z","parked_why":"refused")"));
  EXPECT_THAT(text, HasSubstr(R"("pauses":[{"half":"deliver","reason":"closed","index":"a","detail":"open it",)"
                              R"("since":"2026-01-31T00:00:00.000Z","until":null}])"));
  EXPECT_THAT(text,
              HasSubstr(R"("ready":false,"reasons":["query aws is parked since 2026-01-31T00:00:00.000Z: refused",)"));
}

TEST(StatusJson, TheSinkShowsItsPositionAndItsLagInRows) {
  StatusBoard board;
  board.sink = SinkStatus{"opensearch", "2.19.1", "uuid", "data_%Y", true, 41, start};
  board.ledger.pending = 3;
  EXPECT_THAT(
      to_json(board, start + 5s),
      HasSubstr(R"("sink":{"product":"opensearch","version":"2.19.1","cluster_uuid":"uuid","index":"data_%Y",)"
                R"("answers":true,"settled_revision":41,"lag_rows":3,"last_success":"2026-01-31T00:00:00.000Z",)"
                R"("last_success_age_seconds":5})"));
}

TEST(StatusJson, BudgetRateLimitAndCloudsAreShown) {
  StatusBoard board;
  board.rate_limit_remaining = 12;
  board.rate_limit_reset = start;
  board.budget = {10, 2, 3, 20'000, 0.07, day_of(start), day_of(start) + std::chrono::days{1}};
  board.new_by_cloud = {{"AWS", 5}, {"GCP", 6}};
  const auto text = to_json(board, start);
  EXPECT_THAT(text, HasSubstr(R"("rate_limit":{"remaining":12,"reset":"2026-01-31T00:00:00.000Z"})"));
  EXPECT_THAT(text, HasSubstr(R"("budget":{"posts":10,"users":2,"requests":3,"cap_posts":20000,"usd":0.07,)"
                              R"("month_began":"2026-01-31","resets":"2026-02-01"},"new_by_cloud":{"AWS":5,"GCP":6})"));
}

}  // namespace
}  // namespace mentiond::telemetry
