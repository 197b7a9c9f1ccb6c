// What a person may do about dead letters.
#include "ledger/ledger_reader.h"
#include "unit/ledger/fixture.h"

namespace mentiond::ledger {
namespace {

using Unknown = Operations::Unknown;

class DeadLetters : public LedgerTest {
 protected:
  DeadLetters() {
    const std::vector queries{aws, gcp};
    must(ledger_->load_queries(queries));
    append(PageBuilder{aws}.post(10).post(20).post(30));
    sink();
    settle_all();
  }
  void kill(std::uint64_t root, std::string type = "some_fault") {
    Settlement settlement;
    settlement.set_aside.push_back(aside(row(root), SetAside::State::dead, "mentions_2026", {}, std::move(type)));
    must(ledger_->settle(sink(), settlement));
  }
  std::vector<std::string> ids(const DeadLetterPage& page = {}) {
    std::vector<std::string> found;
    for (const auto& letter : must(ledger_->dead_letters(page))) found.push_back(letter.id);
    return found;
  }
  Operations::Handled retry(const std::vector<std::string>& which, Unknown unknown = Unknown::refuse) {
    return must(ledger_->retry_dead(which, unknown));
  }
  Operations::Handled drop(const std::vector<std::string>& which, Unknown unknown = Unknown::refuse) {
    return must(ledger_->drop_dead(which, unknown));
  }
  std::int64_t dead() { return must(ledger_->counts(sink())).dead; }
  static std::string whole_post(std::uint64_t id) {
    return R"({"id":")" + std::to_string(id) + R"(","text":"AWS Marketplace"})";
  }
  using Ids = std::vector<std::string>;
};

TEST_F(DeadLetters, AreListedPageByPageWithWhatTheSinkSaid) {
  kill(30);
  kill(10, "other_fault");
  append(PageBuilder{gcp}.bad(TweetId{25}, "{broken").bad(std::nullopt, "{}"));
  const auto all = must(ledger_->dead_letters({}));
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[0].id, "10");
  EXPECT_EQ(all[0].index, "mentions_2026");
  EXPECT_EQ(all[0].status, 403);
  EXPECT_EQ(all[0].type, "other_fault");
  EXPECT_EQ(all[0].reason, "because");
  EXPECT_EQ(all[0].since, noon);
  EXPECT_EQ(all[2].tweet, TweetId{25});
  EXPECT_EQ(all[2].type, DeadLetter::unparsed);
  EXPECT_FALSE(all[3].tweet);

  EXPECT_EQ(ids({"some_fault", "", 10}), Ids{"30"});
  EXPECT_EQ(ids({"unparsed", "", 10}), (Ids{"post-1", "post-2"}));
  EXPECT_EQ(ids({"", "10", 2}), (Ids{"30", "post-1"}));
  EXPECT_EQ(ids({"", "post-1", 2}), Ids{"post-2"});
  EXPECT_EQ(must(must(LedgerReader::open(path_))->dead_letters({})).size(), 4U) << "a reader sees the same";
}

TEST_F(DeadLetters, RetriedGoOutAgainUnderANewRevisionAlsoAfterARestart) {
  kill(20);
  const auto before = row(20).revision;
  EXPECT_TRUE(pending().empty());
  EXPECT_EQ(retry({"20"}).letters, 1);
  EXPECT_TRUE(ids().empty());
  EXPECT_EQ(dead(), 0);
  EXPECT_EQ(must(ledger_->counts(sink())).pending, 1);
  reopen();
  ASSERT_EQ(roots_of(pending()), std::vector<std::uint64_t>{20});
  EXPECT_GT(pending().front().revision, before);
}

TEST_F(DeadLetters, OneUnknownIdChangesNothingAtAll) {
  kill(20);
  const auto handled = retry({"20", "99", "x"});
  EXPECT_EQ(handled.letters, 0);
  EXPECT_EQ(handled.unknown, (Ids{"99", "x"}));
  EXPECT_EQ(ids(), Ids{"20"});
  EXPECT_EQ(drop({"20", "post-5"}).unknown, Ids{"post-5"});
  EXPECT_EQ(ids(), Ids{"20"});
}

TEST_F(DeadLetters, UnknownIdsMayBePassedOver) {
  kill(20);
  const auto handled = retry({"99", "20"}, Unknown::skip);
  EXPECT_EQ(handled.letters, 1);
  EXPECT_EQ(handled.unknown, Ids{"99"});
}

TEST_F(DeadLetters, DroppedAreNeitherCountedNorSentAndStayKnown) {
  kill(20);
  EXPECT_EQ(drop({"20"}).letters, 1);
  EXPECT_TRUE(ids().empty());
  EXPECT_EQ(dead(), 0);
  reopen();
  EXPECT_TRUE(pending().empty());
  EXPECT_EQ(append(PageBuilder{aws}.post(20)).duplicates, 1);
  EXPECT_TRUE(pending().empty()) << "found again, and nothing new about it";
  append(PageBuilder{aws}.post(20, 21));
  EXPECT_EQ(roots_of(pending()), std::vector<std::uint64_t>{20}) << "an edit is another document";
}

TEST_F(DeadLetters, ADroppedRowIsNoCanaryAndNotRedelivered) {
  kill(30);
  drop({"30"});
  EXPECT_EQ(must(ledger_->canary(sink()))->root, TweetId{20});
  EXPECT_EQ(must(ledger_->redeliver(TweetId{}, TweetId{TweetId::max_value})), 2);
}

TEST_F(DeadLetters, RetentionTakesWhatWasDroppedAndSparesTheRest) {
  kill(10);
  kill(20);
  drop({"20"});
  EXPECT_EQ(must(ledger_->prune(sink(), noon + std::chrono::days{400}, 100)), 2);
  EXPECT_EQ(ids(), Ids{"10"});
  EXPECT_EQ(retry({"10"}).letters, 1);
}

TEST_F(DeadLetters, APostThatCanBeReadByNowBecomesARowAndIsNotBilledAgain) {
  append(PageBuilder{gcp}.bad(TweetId{25}, whole_post(25)));
  const auto billed = must(ledger_->metered_since(day_of(noon))).posts;
  EXPECT_EQ(retry({"post-1"}).letters, 1);
  EXPECT_TRUE(ids().empty());
  EXPECT_EQ(dead(), 0);
  ASSERT_EQ(roots_of(pending()), std::vector<std::uint64_t>{25});
  EXPECT_TRUE(pending().front().tags->clouds.contains("GCP"));
  EXPECT_EQ(must(ledger_->metered_since(day_of(noon))).posts, billed);
}

TEST_F(DeadLetters, APostThatStillCannotBeReadStays) {
  append(PageBuilder{gcp}.bad(std::nullopt, "{broken"));
  const auto handled = retry({"post-1"});
  EXPECT_EQ(handled.letters, 0);
  EXPECT_EQ(handled.stuck, Ids{"post-1"});
  EXPECT_EQ(ids(), Ids{"post-1"});
}

TEST_F(DeadLetters, ADroppedPostIsKnownWhenXServesItAgain) {
  append(PageBuilder{gcp}.bad(TweetId{25}, "{broken").bad(std::nullopt, "{}"));
  EXPECT_EQ(drop({"post-1", "post-2"}).letters, 2);
  EXPECT_TRUE(ids().empty());
  EXPECT_EQ(dead(), 0);
  EXPECT_EQ(append(PageBuilder{gcp}.bad(TweetId{25}, "{broken").bad(std::nullopt, "{}")).bad, 0);
  EXPECT_EQ(dead(), 0);
  EXPECT_EQ(drop({"post-1"}).unknown, Ids{"post-1"});
  append(PageBuilder{gcp}.post(25));  // can be read at last
  EXPECT_EQ(dead(), 0);
  EXPECT_EQ(roots_of(pending()), std::vector<std::uint64_t>{25});
}

TEST_F(DeadLetters, OfAnotherSinkAreNotShown) {
  kill(20);
  sink("cluster-b");
  EXPECT_TRUE(ids().empty());
  EXPECT_EQ(retry({"20"}).unknown, Ids{"20"});
}

TEST_F(DeadLetters, WhatWasDroppedIsNotCalledBackByAFaultThatTurnsOutToBeEverybodys) {
  kill(10);
  kill(20);
  drop({"10"});
  Settlement drift;
  for (const std::uint64_t root : {10U, 20U}) {
    drift.set_aside.push_back(aside(row(root), SetAside::State::held, "mentions_2026", elastic::HoldReason::drift));
  }
  must(ledger_->settle(sink(), drift));
  const auto counts = must(ledger_->counts(sink()));
  EXPECT_EQ(counts.held, 1);
  EXPECT_EQ(counts.dead, 0);
  EXPECT_EQ(roots_of(must(ledger_->held(sink(), must(ledger_->held_groups(sink())).at(0), 10, 1'000'000))),
            (std::vector<std::uint64_t>{20}));
}

}  // namespace
}  // namespace mentiond::ledger
