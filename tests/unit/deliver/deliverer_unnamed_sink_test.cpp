// While the sink has not yet said which one it is.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "deliver_rig.h"
#include "ledger/ledger_reader.h"

namespace mentiond::deliver {
namespace {

using namespace testing;

TEST(Deliverer, AfterTheFirstContactThereIsOneSink) {
  Rig rig;
  rig.elastic.trouble = FakeElastic::refuses_connections;
  rig.store(1, 5);
  rig.start();
  rig.run(1min);
  rig.elastic.trouble = nullptr;
  rig.run(10min);
  EXPECT_EQ(rig.elastic.documents.size(), 5U);
  const auto stats = (*ledger::LedgerReader::open(rig.folder.ledger()))->stats();
  ASSERT_TRUE(stats);
  ASSERT_EQ(stats->sinks.size(), 1U);
  EXPECT_EQ(stats->sinks[0].first.cluster_uuid, "cluster-one");
  EXPECT_EQ(stats->sinks[0].second.pending, 0);
}

TEST(Deliverer, NothingIsPrunedUntilTheSinkHasSaidWhichItIs) {
  Options options;
  options.retention = std::chrono::days{8};
  Rig rig{options};
  rig.store(1, 5);
  rig.start();
  rig.run(10s);
  rig.deliverer->stop();
  rig.run(1s);
  ASSERT_EQ(rig.board.ledger.pending, 0);

  // Another cluster, which has got none of it, and takes its time.
  rig.elastic.documents.clear();
  rig.elastic.uuid = "cluster-two";
  rig.elastic.trouble = FakeElastic::refuses_connections;
  rig.end.reset();
  rig.start();
  rig.run(std::chrono::days{9});
  rig.elastic.trouble = nullptr;
  rig.run(10min);
  EXPECT_EQ(rig.board.sink->cluster_uuid, "cluster-two");
  EXPECT_EQ(rig.elastic.documents.size(), 5U);
}

TEST(Deliverer, WhatAnotherClusterGetsIsNotSettledForTheLastOneThoughTheLedgerWasLockedWhenItAnswered) {
  Rig rig;
  rig.store(1, 5);
  rig.start();
  rig.run(10s);
  rig.deliverer->stop();
  rig.run(1s);
  rig.elastic.documents.clear();
  rig.elastic.uuid = "cluster-two";
  rig.store(6, 5);
  rig.connection().execute("PRAGMA busy_timeout = 0");
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(rig.folder.ledger().c_str(), &other), SQLITE_OK);
  int looks = 0;
  rig.elastic.trouble = [&](const HttpRequest& request) -> std::optional<FakeElastic::Answer> {
    if (request.target == "/")
      sqlite3_exec(other, ++looks == 1 ? "BEGIN IMMEDIATE" : "ROLLBACK", nullptr, nullptr, nullptr);
    return std::nullopt;
  };
  rig.end.reset();
  rig.start();
  rig.run(10min);
  sqlite3_close(other);
  EXPECT_GE(looks, 2);
  EXPECT_EQ(rig.elastic.documents.size(), 10U);
  const auto stats = (*ledger::LedgerReader::open(rig.folder.ledger()))->stats();
  ASSERT_TRUE(stats);
  ASSERT_EQ(stats->sinks.size(), 2U);
  for (const auto& [sink, counts] : stats->sinks) {
    EXPECT_EQ(counts.pending, sink.cluster_uuid == "cluster-one" ? 5 : 0) << sink.cluster_uuid;
  }
}

TEST(Deliverer, DeadLettersAreCountedWholeWhileTheSinkIsDown) {
  Rig rig;
  rig.store({id(1)}, "AWS", R"({"not":"a post"})");
  rig.start();
  rig.run(10s);
  rig.deliverer->stop();
  rig.run(1s);
  rig.elastic.trouble = FakeElastic::refuses_connections;
  rig.end.reset();
  rig.start();
  rig.run(1h);
  EXPECT_EQ(rig.board.ledger.dead_letters, 1);
}

}  // namespace
}  // namespace mentiond::deliver
