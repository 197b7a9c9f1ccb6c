// Forgetting: erased for good, and nothing brings it back.
#include <fstream>
#include <iterator>

#include "unit/ledger/fixture.h"

namespace mentiond::ledger {
namespace {

class Forget : public LedgerTest {
 protected:
  Operations::Forgotten forget(std::vector<std::uint64_t> ids) {
    std::vector<TweetId> wanted;
    for (const auto id : ids) wanted.emplace_back(id);
    return must(ledger_->forget(wanted, noon));
  }
  static std::string with(std::uint64_t root, const std::string& text) {
    return R"({"id":")" + std::to_string(root) + R"(","text":")" + text + R"("})";
  }
  // In any of the ledger's files, as they are on the disk.
  bool on_disk(const std::string& text) {
    for (const char* suffix : {"", "-wal"}) {
      std::ifstream file{path_ + suffix, std::ios::binary};
      const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
      if (bytes.find(text) != std::string::npos) return true;
    }
    return false;
  }
};

TEST_F(Forget, ErasesTheRowAndSendsADelete) {
  append(PageBuilder{aws}.post(10).post(20));
  sink();
  settle_all();
  EXPECT_EQ(forget({10}).known, 1);
  const auto rows = pending();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows.front().root, TweetId{10});
  EXPECT_EQ(rows.front().state, RowState::tombstone);
  EXPECT_TRUE(rows.front().payload.empty());
  EXPECT_EQ(rows.front().tags->clouds, CloudSet{});
  EXPECT_EQ(must(ledger_->counts(sink())).pending, 1);
  settle_all();
  EXPECT_EQ(must(ledger_->counts(sink())).pending, 0);
}

TEST_F(Forget, NothingThatXServesLaterIsStored) {
  append(PageBuilder{aws}.post(10));
  forget({10});
  sink();
  settle_all();
  append(PageBuilder{aws}.post(10));
  append(PageBuilder{gcp}.post(10, 11));
  const auto next_day = day_of(noon) + std::chrono::days{1};
  EXPECT_EQ(append(PageBuilder{gcp}.bad(TweetId{10}, "{broken").on_day(next_day)).billed_posts, 1) << "X bills it";
  EXPECT_TRUE(pending().empty());
  EXPECT_EQ(row(10).state, RowState::tombstone);
  EXPECT_TRUE(must(ledger_->dead_letters({})).empty());
  reopen();
  append(PageBuilder{aws_de}.post(10, 12));
  EXPECT_TRUE(pending().empty());
}

TEST_F(Forget, AnUnreadablePostIsNotBilledAgainOnTheDayOnWhichItWasBilled) {
  EXPECT_EQ(append(PageBuilder{aws}.bad(TweetId{10}, "{broken")).billed_posts, 1);
  append(PageBuilder{aws}.bad(TweetId{11}, "{broken too"));
  must(ledger_->drop_dead(std::vector<std::string>{"post-2"}, Operations::Unknown::refuse));
  EXPECT_EQ(forget({10, 11}).posts, 1) << "the other one was dropped before";
  EXPECT_EQ(append(PageBuilder{aws}.bad(TweetId{10}, "{broken")).billed_posts, 0);
  EXPECT_EQ(append(PageBuilder{aws}.bad(TweetId{11}, "{broken too")).billed_posts, 0);
  const auto next_day = day_of(noon) + std::chrono::days{1};
  EXPECT_EQ(append(PageBuilder{aws}.bad(TweetId{10}, "{broken").on_day(next_day)).billed_posts, 1);
}

TEST_F(Forget, TakesTheUnreadableVersionsWithIt) {
  const auto history = [](const std::string& key, const std::string& ids) {
    return R"({"text":7,")" + key + R"(":[)" + ids + "]}";
  };
  append(PageBuilder{aws}.post(10));
  append(PageBuilder{aws}
             .bad(TweetId{11}, history("edit_history_tweet_ids", R"("10","11")"))
             .bad(std::nullopt, history("edit_history_post_ids", R"("10","12")"))
             .bad(TweetId{20}, history("edit_history_tweet_ids", R"("20")"))
             .bad(TweetId{21}, "{\"edit_history_tweet_ids\":[\"10\""));
  EXPECT_EQ(forget({10, 11}).posts, 2);
  EXPECT_EQ(BackDoor{path_}.text("SELECT count(*) FROM unparsed WHERE length(raw) > 0"), "2") << "20, and no JSON";
}

TEST_F(Forget, AnUnreadableEditThatComesLaterIsNotStored) {
  append(PageBuilder{aws}.post(10));
  forget({10});
  const auto edit = [] { return std::move(PageBuilder{aws}.bad(TweetId{13}, "{broken", TweetId{10})); };
  append(edit());
  EXPECT_TRUE(must(ledger_->dead_letters({})).empty());
  EXPECT_EQ(BackDoor{path_}.text("SELECT count(*) FROM unparsed"), "0");
}

TEST_F(Forget, AnIdNeverSeenIsForgottenInAdvance) {
  sink();
  EXPECT_EQ(forget({10}).in_advance, 1);
  EXPECT_EQ(roots_of(pending()), std::vector<std::uint64_t>{10}) << "the sink may know it from another ledger";
  settle_all();
  EXPECT_EQ(append(PageBuilder{aws}.post(10)).fresh, 0);
  EXPECT_TRUE(pending().empty());
}

TEST_F(Forget, TheIdOfALaterVersionMeansTheWholeTweet) {
  append(PageBuilder{aws}.post(10, 15));
  EXPECT_EQ(forget({15}).known, 1);
  EXPECT_EQ(row(10).state, RowState::tombstone);
  EXPECT_EQ(must(ledger_->rows(std::vector{TweetId{15}})).size(), 0U) << "there is no row of that id";
}

TEST_F(Forget, AVersionForgottenInAdvanceTakesItsTweetWithIt) {
  forget({15});
  append(PageBuilder{aws}.post(10, 15));
  EXPECT_EQ(row(10).state, RowState::tombstone);
  append(PageBuilder{aws}.post(10, 16));
  EXPECT_EQ(row(10).state, RowState::tombstone);
}

TEST_F(Forget, LeavesNoByteOfTheTextInAnyFile) {
  const std::string large(20'000, 'x');  // beyond one page of the file
  append(PageBuilder{aws}.post(10, 10, with(10, "a first secret")).post(20, 20, with(20, large + "second secret")));
  append(PageBuilder{gcp}.post(20, 20, with(20, large + "second secret")));  // moves to the end of the feed
  append(PageBuilder{aws}.post(10, 11, with(10, "a third secret")));         // an edit
  append(PageBuilder{aws}.bad(TweetId{30}, "{fourth secret"));
  append(PageBuilder{aws}.post(40, 40, with(40, "may stay")));
  sink();
  Settlement settlement;
  auto dead = aside(row(10), SetAside::State::dead);
  dead.fault.reason = "cannot parse [a third secret]";
  settlement.set_aside.push_back(dead);
  must(ledger_->settle(sink(), settlement));
  ASSERT_TRUE(on_disk("secret"));
  const auto counts = forget({10, 20, 30});
  EXPECT_EQ(counts.known, 2);
  EXPECT_EQ(counts.posts, 1);
  EXPECT_FALSE(on_disk("secret"));
  EXPECT_TRUE(on_disk("may stay"));
}

TEST_F(Forget, WhatAReaderKeepsInTheWalGoesOnceTheReaderIsGone) {
  append(PageBuilder{aws}.post(10, 10, with(10, "a secret")));
  {
    BackDoor reader{path_};
    reader.execute("BEGIN; SELECT count(*) FROM post");
    EXPECT_EQ(forget({10}).known, 1);
    EXPECT_TRUE(on_disk("a secret"));
    reader.execute("COMMIT");
  }
  EXPECT_FALSE(must(ledger_->truncate_wal())) << "it was not for its size";
  EXPECT_FALSE(on_disk("a secret"));
}

TEST_F(Forget, AFaultThatComesLateLeavesNothingOfIt) {
  append(PageBuilder{aws}.post(10));
  sink();
  const auto on_its_way = row(10);
  forget({10});
  Settlement settlement;
  settlement.set_aside.push_back(aside(on_its_way, SetAside::State::dead));
  settlement.position = on_its_way.revision;
  must(ledger_->settle(sink(), settlement));
  EXPECT_TRUE(must(ledger_->dead_letters({})).empty());
  EXPECT_EQ(roots_of(pending()), std::vector<std::uint64_t>{10});
}

TEST_F(Forget, SaidAgainSendsTheDeleteAgain) {
  append(PageBuilder{aws}.post(10));
  forget({10});
  sink();
  settle_all();
  EXPECT_EQ(forget({10}).again, 1);
  EXPECT_EQ(roots_of(pending()), std::vector<std::uint64_t>{10});
}

TEST_F(Forget, APrunedTweetStaysForgottenToo) {
  append(PageBuilder{aws}.post(10));
  sink();
  settle_all();
  ASSERT_EQ(must(ledger_->prune(sink(), noon + std::chrono::days{400}, 10)), 1);
  EXPECT_EQ(forget({10}).known, 1);
  EXPECT_EQ(roots_of(pending()), std::vector<std::uint64_t>{10});
  append(PageBuilder{aws}.post(10));
  EXPECT_EQ(row(10).state, RowState::tombstone);
  EXPECT_EQ(ledger_->totals().pruned, 0);
}

TEST_F(Forget, CountsAreThoseOfAFreshCount) {
  append(PageBuilder{aws}.post(10).post(20).post(30));
  append(PageBuilder{gcp}.post(20));
  sink();
  settle_all();
  forget({10, 20, 77});
  BackDoor door{path_};
  EXPECT_EQ(door.number("SELECT value FROM counter WHERE name = 'posts'"), door.number("SELECT count(*) FROM post"));
  EXPECT_EQ(door.number("SELECT value FROM counter WHERE name = 'payloads'"),
            door.number("SELECT count(*) FROM payload WHERE raw IS NOT NULL"));
  EXPECT_EQ(must(ledger_->counts(sink())).pending, static_cast<std::int64_t>(pending().size()));
}

}  // namespace
}  // namespace mentiond::ledger
