#include "deliver/deliverer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "deliver_rig.h"

namespace mentiond::deliver {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(Deliverer, CarriesEveryRowToTheIndexOfItsOwnDay) {
  Rig rig;
  rig.store(1, 50);
  rig.store({old_id(1)});
  rig.start();
  rig.run(10s);
  EXPECT_EQ(rig.elastic.documents.size(), 51U);
  EXPECT_TRUE(rig.elastic.documents.contains("cloud_marketplace_data_20260810/" + id(1).to_string()));
  EXPECT_TRUE(rig.elastic.documents.contains("cloud_marketplace_data_20260809/" + old_id(1).to_string()));
  EXPECT_EQ(rig.board.ledger.pending, 0);
  EXPECT_EQ(rig.board.sink->product, "elasticsearch");
  EXPECT_EQ(rig.board.sink->cluster_uuid, "cluster-one");
  EXPECT_TRUE(rig.board.sink->answers);
  EXPECT_TRUE(rig.board.sink->last_success);
  EXPECT_TRUE(rig.exposes(R"(mentiond_bulk_items_total{outcome="created"} 51)"));
  EXPECT_TRUE(rig.exposes("mentiond_ledger_pending 0"));
}

TEST(Deliverer, InstallsTheTemplateBeforeTheFirstWrite) {
  Rig rig;
  rig.store(1, 1);
  rig.start();
  rig.run(10s);
  ASSERT_EQ(rig.elastic.requests.size(), 4U);
  EXPECT_EQ(rig.elastic.requests[0].target, "/");
  EXPECT_EQ(rig.elastic.requests[1].method, "GET");
  EXPECT_EQ(rig.elastic.requests[2].method, "PUT");
  EXPECT_THAT(rig.elastic.requests[3].target, HasSubstr("/_bulk"));
  EXPECT_EQ(rig.elastic.requests[3].headers.find("Authorization"), "ApiKey one");
}

TEST(Deliverer, ForeignTemplatePausesAndIsNeverOverwritten) {
  Rig rig;
  rig.elastic.index_template = "somebody";
  rig.store(1, 1);
  rig.start();
  rig.run(10min);
  EXPECT_TRUE(rig.paused("template"));
  EXPECT_TRUE(rig.exposes(R"(mentiond_paused{half="deliver",reason="template"} 1)"));
  EXPECT_EQ(rig.elastic.index_template, "somebody");
  EXPECT_EQ(rig.elastic.bulks(), 0U);
  rig.elastic.index_template = "mentiond";
  rig.run(10min);
  EXPECT_FALSE(rig.paused("template"));
  EXPECT_TRUE(rig.exposes(R"(mentiond_paused{half="deliver",reason="template"} 0)"));
  EXPECT_EQ(rig.elastic.documents.size(), 1U);
}

TEST(Deliverer, KeyWithoutTheRightToInstallPauses) {
  Rig rig;
  rig.elastic.trouble = [](const HttpRequest& request) -> std::optional<FakeElastic::Answer> {
    if (request.method != "PUT") return std::nullopt;
    return FakeElastic::reply(403, R"({"error":{"type":"security_exception","reason":"unauthorized"},"status":403})");
  };
  rig.store(1, 1);
  rig.start();
  rig.run(1min);
  EXPECT_TRUE(rig.paused("template"));
  EXPECT_EQ(rig.elastic.bulks(), 0U);
}

TEST(Deliverer, ExpectedTemplateThatIsAbsentPausesAndAnyThatIsThereWillDo) {
  Options options;
  options.index_template = TemplateChoice::expect;
  Rig rig{options};
  rig.store(1, 1);
  rig.start();
  rig.run(1min);
  EXPECT_TRUE(rig.paused("template"));
  rig.elastic.index_template = "somebody";
  rig.run(10min);
  EXPECT_FALSE(rig.paused("template"));
  EXPECT_EQ(rig.elastic.documents.size(), 1U);
  EXPECT_EQ(rig.elastic.index_template, "somebody");
}

TEST(Deliverer, TemplateNoneAsksForNone) {
  Options options;
  options.index_template = TemplateChoice::none;
  Rig rig{options};
  rig.store(1, 1);
  rig.start();
  rig.run(10s);
  EXPECT_FALSE(rig.elastic.index_template);
  EXPECT_EQ(rig.elastic.requests.size(), 2U);
}

TEST(Deliverer, SecretIsReadAgainAfterADenial) {
  Rig rig;
  rig.elastic.trouble = [](const HttpRequest& request) -> std::optional<FakeElastic::Answer> {
    if (request.headers.find("Authorization") == "ApiKey two") return std::nullopt;
    return FakeElastic::reply(401, R"({"error":{"type":"security_exception","reason":"no"},"status":401})");
  };
  rig.store(1, 5);
  rig.start();
  rig.run(1min);
  EXPECT_TRUE(rig.paused("auth"));
  EXPECT_GE(rig.secrets_read, 2);
  rig.secret = Secret{"ApiKey two"};
  rig.run(10min);
  EXPECT_FALSE(rig.paused("auth"));
  EXPECT_EQ(rig.elastic.documents.size(), 5U);
}

TEST(Deliverer, SecretThatCannotBeReadPauses) {
  Rig rig;
  rig.secret = fail("no such file: key");
  rig.start();
  rig.run(1min);
  EXPECT_TRUE(rig.paused("auth"));
  EXPECT_TRUE(rig.elastic.requests.empty());
}

TEST(Deliverer, SinkThatIsDownAtStartShowsWhatWaitsAndGoesOnByItself) {
  Rig rig;
  rig.elastic.trouble = FakeElastic::refuses_connections;
  rig.store(1, 5);
  rig.start();
  rig.run(10min);
  EXPECT_TRUE(rig.paused("unreachable"));
  EXPECT_EQ(rig.board.ledger.pending, 5);
  rig.store(6, 5);
  rig.run(1s);
  EXPECT_EQ(rig.board.ledger.pending, 10);
  rig.elastic.trouble = nullptr;
  rig.run(10min);
  EXPECT_EQ(rig.elastic.documents.size(), 10U);
  EXPECT_EQ(rig.board.ledger.pending, 0);
}

TEST(Deliverer, EmptyClusterInPlaceOfTheOldOneGetsEverything) {
  Rig rig;
  rig.store(1, 5);
  rig.start();
  rig.run(10s);
  rig.elastic.documents.clear();
  rig.elastic.uuid = "cluster-two";
  rig.elastic.index_template.reset();
  bool cut = true;
  rig.elastic.trouble = [&](const HttpRequest&) -> std::optional<FakeElastic::Answer> {
    if (!std::exchange(cut, false)) return std::nullopt;
    return HttpFailure{HttpFailure::Kind::cut, "closed"};
  };
  rig.store(6, 1);
  rig.run(1min);
  EXPECT_EQ(rig.elastic.documents.size(), 6U);
  EXPECT_EQ(rig.board.sink->cluster_uuid, "cluster-two");
  EXPECT_TRUE(rig.elastic.index_template);
}

TEST(Deliverer, RestartRepeatsNothingThatWasSettled) {
  Rig rig;
  rig.store(1, 5);
  rig.start();
  rig.run(10s);
  rig.deliverer->stop();
  rig.run(1s);
  ASSERT_EQ(rig.end, DeliverEnd::left_over);
  const auto bulks = rig.elastic.bulks();
  rig.end.reset();
  rig.start();
  rig.run(1min);
  EXPECT_EQ(rig.elastic.bulks(), bulks);
}

TEST(Deliverer, UnknownOutcomeIsSentAgainAndEndsAsOneDocument) {
  Rig rig;
  int lost = 2;
  rig.store(1, 20);
  rig.elastic.trouble = [&](const HttpRequest& request) -> std::optional<FakeElastic::Answer> {
    if (!request.target.starts_with("/_bulk") || lost-- <= 0) return std::nullopt;
    return FakeElastic::reply(200, R"({"errors":false,"items":[{"index":{"status":201}}]})");
  };
  rig.start();
  rig.run(1min);
  EXPECT_EQ(rig.elastic.documents.size(), 20U);
  EXPECT_EQ(rig.board.ledger.pending, 0);
  EXPECT_TRUE(rig.exposes(R"(mentiond_bulk_requests_total{outcome="unknown"} 2)"));
}

TEST(Deliverer, SecondCloudGoesOutAsANewerVersionOfTheSameDocument) {
  Rig rig;
  rig.store({id(1)}, "AWS");
  rig.start();
  rig.run(10s);
  rig.store({id(1)}, "Azure");
  rig.run(10s);
  ASSERT_EQ(rig.elastic.documents.size(), 1U);
  EXPECT_THAT(rig.elastic.documents.begin()->second.source, HasSubstr(R"("cloud":["AWS","Azure"])"));
}

TEST(Deliverer, ATombstoneIsSentAsADeleteWithItsRevision) {
  Rig rig;
  rig.store(1, 2);
  rig.start();
  rig.run(10s);
  rig.store({id(1), id(3)}, "Azure");  // 1 is there already, 3 is not: Elasticsearch answers 200 and 404
  rig.bury(id(1));
  rig.bury(id(3));
  const std::uint64_t last = rig.ledger->last_revision();
  rig.run(10s);
  const std::string index = "cloud_marketplace_data_20260810/";
  const auto deleted = [&](TweetId which) {
    const auto found = rig.elastic.documents.find(index + which.to_string());
    return found == rig.elastic.documents.end() ? FakeElastic::Line{} : found->second;
  };
  EXPECT_TRUE(deleted(id(1)).erase);
  EXPECT_EQ(deleted(id(1)).version, last - 1);
  EXPECT_TRUE(deleted(id(3)).erase);
  EXPECT_EQ(deleted(id(3)).version, last);
  EXPECT_FALSE(deleted(id(2)).erase);
  EXPECT_EQ(rig.board.ledger.pending, 0) << "both answers mean delivered";
  EXPECT_EQ(rig.board.ledger.dead_letters, 0);
  EXPECT_EQ(rig.elastic.bulks(), 2U);
}

TEST(Deliverer, AClusterThatDoesNotNameItselfIsTheLastKnownSinkOfThatPattern) {
  Rig rig;
  rig.store(1, 5);
  rig.start();
  rig.run(10s);
  rig.deliverer->stop();
  rig.run(1s);
  const auto bulks = rig.elastic.bulks();
  rig.elastic.trouble = [](const HttpRequest& request) -> std::optional<FakeElastic::Answer> {
    if (request.target != "/") return std::nullopt;
    return FakeElastic::reply(200, R"({"version":{"number":"8.5.2"},"tagline":"You Know, for Search"})");
  };
  rig.end.reset();
  rig.start();
  rig.run(1min);
  EXPECT_EQ(rig.elastic.bulks(), bulks) << "nothing is sent again";
  EXPECT_EQ(rig.board.sink->cluster_uuid, "cluster-one");
  rig.store(6, 1);
  rig.run(10s);
  EXPECT_EQ(rig.elastic.documents.size(), 6U);
}

TEST(Deliverer, DocumentThatCannotIndexIsADeadLetterAlone) {
  Rig rig;
  rig.store(1, 10);
  rig.elastic.item_error = [](const FakeElastic::Line& line) {
    return line.id == id(4).to_string()
               ? std::string{R"("status":400,"error":{"type":"document_parsing_exception","reason":"failed to parse"})"}
               : std::string{};
  };
  rig.start();
  rig.run(10s);
  EXPECT_EQ(rig.elastic.documents.size(), 9U);
  EXPECT_EQ(rig.board.ledger.dead_letters, 1);
  EXPECT_EQ(rig.board.ledger.pending, 0);
  EXPECT_TRUE(rig.exposes("mentiond_dead_letters 1"));
}

TEST(Deliverer, PostThatDoesNotParseIsADeadLetterAndNeverSent) {
  Rig rig;
  rig.store({id(1)}, "AWS", R"({"not":"a post"})");
  rig.store({id(2)});
  rig.start();
  rig.run(10s);
  EXPECT_EQ(rig.elastic.documents.size(), 1U);
  EXPECT_EQ(rig.board.ledger.dead_letters, 1);
}

TEST(Deliverer, ReadOnlyIndexIsHeldAndReleasedByItself) {
  Rig rig;
  bool blocked = true;
  rig.elastic.item_error = [&](const FakeElastic::Line& line) {
    return blocked && line.index.ends_with("20260809")
               ? std::string{R"("status":403,"error":{"type":"cluster_block_exception","reason":)"
                             R"("index [x] blocked by: [FORBIDDEN/8/index write (api)];"})"}
               : std::string{};
  };
  rig.store({old_id(1), old_id(2)});
  rig.store(1, 3);
  rig.start();
  rig.run(10s);
  EXPECT_EQ(rig.elastic.documents.size(), 3U);
  EXPECT_TRUE(rig.paused("read_only"));
  EXPECT_EQ(rig.board.ledger.held, 2);
  EXPECT_EQ(rig.board.ledger.pending, 2);
  EXPECT_TRUE(rig.exposes(R"(mentiond_paused{half="deliver",reason="read_only"} 1)"));
  blocked = false;
  rig.run(10min);
  EXPECT_EQ(rig.elastic.documents.size(), 5U);
  EXPECT_FALSE(rig.paused("read_only"));
  EXPECT_EQ(rig.board.ledger.held, 0);
  EXPECT_EQ(rig.board.ledger.pending, 0);
  EXPECT_TRUE(rig.exposes(R"(mentiond_paused{half="deliver",reason="read_only"} 0)"));
}

TEST(Deliverer, DrainEndsOnceAllIsSent) {
  Rig rig;
  rig.store(1, 5);
  rig.start();
  rig.deliverer->drain(8s);
  rig.run(1min);
  EXPECT_EQ(rig.end, DeliverEnd::drained);
  EXPECT_EQ(rig.elastic.documents.size(), 5U);
}

TEST(Deliverer, DrainGivesUpARequestThatTakesTooLong) {
  Rig rig;
  rig.store(1, 5);
  rig.start();
  rig.run(1s);
  rig.elastic.takes = 1h;
  rig.run(5s);
  const Time began = rig.clock.now().wall;
  rig.deliverer->drain(8s);
  while (!rig.end && rig.clock.now().wall < began + 1min) rig.run(1s);
  EXPECT_EQ(rig.end, DeliverEnd::sink_down);
  EXPECT_LE(rig.clock.now().wall - began, 10s);
}

TEST(Deliverer, DrainOfAPausedSinkSaysSo) {
  Rig rig;
  rig.elastic.trouble = FakeElastic::refuses_connections;
  rig.store(1, 5);
  rig.start();
  rig.run(10s);
  rig.deliverer->drain(8s, Deliverer::Grace::while_progressing);
  rig.run(1min);
  EXPECT_EQ(rig.end, DeliverEnd::sink_down);
}

TEST(Deliverer, RetentionPrunesWhatWasDelivered) {
  Options options;
  options.retention = std::chrono::days{8};
  Rig rig{options};
  rig.store(1, 5);
  rig.start();
  rig.run(10s);
  rig.run(std::chrono::days{9});
  const std::vector<TweetId> roots{id(1)};
  EXPECT_TRUE(rig.ledger->rows(roots)->empty());
  EXPECT_GT(rig.board.ledger.file_bytes, 0);
}

TEST(Deliverer, RetentionPrunesAsSoonAsTheSinkIsKnownSoThatShortRunsDoTheirPart) {
  Options options;
  options.retention = std::chrono::days{8};
  Rig rig{options};
  rig.store(1, 5);
  const auto sink = rig.ledger->open_sink(rig.elastic.uuid, options.index);
  ledger::Settlement delivered;
  delivered.position = rig.ledger->last_revision();
  ASSERT_TRUE(rig.ledger->settle(*sink, delivered));
  rig.clock.advance(std::chrono::days{9});
  rig.start();
  rig.run(5s);
  const std::vector<TweetId> roots{id(1)};
  EXPECT_TRUE(rig.ledger->rows(roots)->empty());
}

TEST(Deliverer, BadIndexPatternIsAnErrorAndNoDeliverer) {
  Rig rig;
  Options options;
  options.index = "Logs-*";
  Deliverer::Context context{rig.elastic, [] { return Result<Secret>{Secret{}}; },
                             *rig.thread, rig.clock,
                             rig.random,  rig.telemetry,
                             rig.wakeup,  {}};
  EXPECT_FALSE(Deliverer::create(options, std::move(context)));
}

}  // namespace
}  // namespace mentiond::deliver
