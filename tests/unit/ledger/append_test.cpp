#include "ledger/ledger_reader.h"
#include "unit/ledger/fixture.h"

namespace mentiond::ledger {
namespace {

using testing::ElementsAre;
using LedgerAppend = LedgerTest;

TEST_F(LedgerAppend, FreshPostsAreStoredAsSentWithTheirTags) {
  const auto counts = append(PageBuilder{aws}.post(30).post(20));
  EXPECT_EQ(counts.fresh, 2);
  EXPECT_EQ(counts.new_pairs, 2);
  const auto rows = pending();
  EXPECT_THAT(roots_of(rows), ElementsAre(30, 20));
  EXPECT_EQ(rows[0].payload, PageBuilder::raw_of(30, 30));
  EXPECT_EQ(rows[0].tags->clouds, (CloudSet{"AWS"}));
  EXPECT_EQ(rows[0].tags->queries, (QuerySet{"aws"}));
  EXPECT_EQ(rows[0].first_seen, noon);
  EXPECT_EQ(rows[0].state, RowState::live);
  EXPECT_FALSE(rows[0].damaged);
}

TEST_F(LedgerAppend, RevisionsAreConsecutiveAndGlobal) {
  const auto before = ledger_->last_revision();
  append(PageBuilder{aws}.post(30).post(20));
  append(PageBuilder{gcp}.post(10));
  EXPECT_EQ(row(30).revision, before + 1);
  EXPECT_EQ(row(20).revision, before + 2);
  EXPECT_EQ(row(10).revision, before + 3);
  EXPECT_EQ(ledger_->last_revision(), before + 3);
}

TEST_F(LedgerAppend, ASecondQuerysFindingIsAddedUnderANewRevision) {
  append(PageBuilder{aws}.post(30).post(20));
  const auto before = ledger_->last_revision();
  const auto counts = append(PageBuilder{gcp}.post(30));
  EXPECT_EQ(counts.changed, 1);
  EXPECT_EQ(counts.new_pairs, 1);
  EXPECT_EQ(row(30).tags->clouds, (CloudSet{"AWS", "GCP"}));
  EXPECT_EQ(row(30).tags->queries, (QuerySet{"aws", "gcp"}));
  EXPECT_EQ(row(30).revision, before + 1);
  EXPECT_THAT(roots_of(pending()), ElementsAre(20, 30));
}

TEST_F(LedgerAppend, ASecondQueryOfTheSameCloudIsNoNewPair) {
  append(PageBuilder{aws}.post(30));
  const auto counts = append(PageBuilder{aws_de}.post(30));
  EXPECT_EQ(counts.changed, 1);
  EXPECT_EQ(counts.new_pairs, 0);
  EXPECT_EQ(row(30).tags->queries, (QuerySet{"aws", "aws-de"}));
}

TEST_F(LedgerAppend, ARepeatedPostChangesNothing) {
  append(PageBuilder{aws}.post(30));
  const auto revision = ledger_->last_revision();
  const auto counts = append(PageBuilder{aws}.post(30));
  EXPECT_EQ(counts.duplicates, 1);
  EXPECT_EQ(counts.fresh + counts.changed, 0);
  EXPECT_EQ(ledger_->last_revision(), revision);
}

TEST_F(LedgerAppend, AGreaterVersionReplacesThePayloadAndKeepsTheTags) {
  append(PageBuilder{aws}.post(30));
  append(PageBuilder{gcp}.post(30));
  EXPECT_EQ(append(PageBuilder{aws}.post(30, 35)).changed, 1);
  EXPECT_EQ(row(30).tweet_id, TweetId{35});
  EXPECT_EQ(row(30).payload, PageBuilder::raw_of(30, 35));
  EXPECT_EQ(row(30).tags->clouds, (CloudSet{"AWS", "GCP"}));
  EXPECT_EQ(pending().size(), 1U);
}

TEST_F(LedgerAppend, ALowerVersionAddsItsTagsOnly) {
  append(PageBuilder{aws}.post(30, 35));
  EXPECT_EQ(append(PageBuilder{gcp}.post(30)).changed, 1);
  EXPECT_EQ(row(30).tweet_id, TweetId{35});
  EXPECT_EQ(row(30).payload, PageBuilder::raw_of(30, 35));
  EXPECT_EQ(append(PageBuilder{gcp}.post(30)).duplicates, 1);
}

TEST_F(LedgerAppend, TheSamePostTwiceOnAPageIsOneRow) {
  const auto counts = append(PageBuilder{aws}.post(30).post(30).post(30, 31));
  EXPECT_EQ(counts.fresh, 1);
  EXPECT_EQ(counts.duplicates, 1);
  EXPECT_EQ(counts.changed, 1);
  EXPECT_EQ(pending().size(), 1U);
}

TEST_F(LedgerAppend, ATombstoneStoresNothing) {
  append(PageBuilder{aws}.post(30));
  BackDoor{path_}.execute("UPDATE post SET state = 1; UPDATE payload SET raw = NULL");
  const auto counts = append(PageBuilder{gcp}.post(30, 35));
  EXPECT_EQ(counts.duplicates, 1);
  EXPECT_EQ(counts.new_pairs, 0);
  EXPECT_EQ(row(30).state, RowState::tombstone);
  EXPECT_EQ(row(30).payload, "");
  EXPECT_FALSE(row(30).damaged);
  EXPECT_EQ(row(30).tags->clouds, (CloudSet{"AWS"}));
}

TEST_F(LedgerAppend, PostsAreBilledOncePerUtcDay) {
  EXPECT_EQ(append(PageBuilder{aws}.post(30).post(20)).billed_posts, 2);
  EXPECT_EQ(append(PageBuilder{gcp}.post(30).post(10)).billed_posts, 1);
  const auto tomorrow = day_of(noon) + std::chrono::days{1};
  EXPECT_EQ(append(PageBuilder{aws}.post(30).on_day(tomorrow)).billed_posts, 1);
  EXPECT_EQ(append(PageBuilder{aws}.post(30).on_day(tomorrow)).billed_posts, 0);
  EXPECT_EQ(must(ledger_->metered_since(day_of(noon))).posts, 4);
  EXPECT_EQ(must(ledger_->metered_since(tomorrow)).posts, 1);
  EXPECT_EQ(must(ledger_->metered_since(tomorrow)).requests, 2);
}

TEST_F(LedgerAppend, ANewVersionIsBilledAgainOnTheSameDay) {
  append(PageBuilder{aws}.post(30));
  EXPECT_EQ(append(PageBuilder{aws}.post(30, 35)).billed_posts, 1);
  EXPECT_EQ(append(PageBuilder{aws}.post(30, 35)).billed_posts, 0);
}

TEST_F(LedgerAppend, ATombstoneIsBilledOncePerDayToo) {
  append(PageBuilder{aws}.post(30));
  BackDoor{path_}.execute("UPDATE post SET state = 1");
  EXPECT_EQ(append(PageBuilder{aws}.post(30)).billed_posts, 0);
  EXPECT_EQ(append(PageBuilder{aws}.post(30).on_day(day_of(noon) + std::chrono::days{1})).billed_posts, 1);
}

TEST_F(LedgerAppend, UsersAreBilledOncePerUtcDay) {
  const auto page_with_users = [&](Day day) {
    PageBuilder builder{aws};
    builder.on_day(day).page().users = {TweetId{7}, TweetId{8}, TweetId{7}};
    return append(builder).billed_users;
  };
  const auto day = day_of(noon);
  EXPECT_EQ(page_with_users(day), 2);
  EXPECT_EQ(page_with_users(day), 0);
  EXPECT_EQ(page_with_users(day + std::chrono::days{1}), 2);
  EXPECT_EQ(page_with_users(day), 0);  // replies may come in any order around midnight
  EXPECT_EQ(page_with_users(day + std::chrono::days{3}), 2);
  EXPECT_EQ(BackDoor{path_}.number("SELECT count(*) FROM billed_user"), 2);
  EXPECT_EQ(must(ledger_->metered_since(day)).users, 6);
}

TEST_F(LedgerAppend, AnUnparsablePostWithoutAnIdIsKeptAndBilledOnceThoughItsCountsChange) {
  const auto liked = [this](const std::string& likes) {
    return append(PageBuilder{aws}.bad(std::nullopt, R"({"text":"hello","likes":)" + likes + "}"));
  };
  EXPECT_EQ(liked("9").billed_posts, 1);
  const auto again = liked("10");
  EXPECT_EQ(again.bad, 0);
  EXPECT_EQ(again.billed_posts, 0);
  EXPECT_EQ(must(ledger_->metered_since(day_of(noon))).posts, 1);
}

TEST_F(LedgerAppend, UnparsablePostsOfTwoPeopleWithTheSameWordsAreTwo) {
  // As X would send it if an id were a number, which the parser does not take for one.
  const auto of = [](const std::string& id) {
    return R"({"id":)" + id + R"(,"text":"AWS Marketplace","public_metrics":{"like_count":7}})";
  };
  const auto counts = append(PageBuilder{aws}
                                 .bad(std::nullopt, of("1944000000000000001"))
                                 .bad(std::nullopt, of("1944000000000000002"))
                                 .bad(std::nullopt, of("194400000000000")));
  EXPECT_EQ(counts.bad, 3);
  EXPECT_EQ(counts.billed_posts, 3);
  EXPECT_EQ(BackDoor{path_}.text("SELECT group_concat(raw, ' ') FROM unparsed"),
            of("1944000000000000001") + " " + of("1944000000000000002") + " " + of("194400000000000"));
  EXPECT_EQ(append(PageBuilder{aws}.bad(std::nullopt, of("1944000000000000002"))).billed_posts, 0);
}

TEST_F(LedgerAppend, EveryUnparsablePostIsKeptHoweverMany) {
  PageBuilder builder{aws};
  for (std::size_t i = 0; i < 1'200; ++i) builder.bad(std::nullopt, std::string(i, 'x'));
  EXPECT_EQ(append(builder).billed_posts, 1'200);
  EXPECT_EQ(must(ledger_->counts(sink())).dead, 1'200);
  EXPECT_EQ(append(builder).billed_posts, 0);
}

TEST_F(LedgerAppend, UnparsablePostsAreKeptOnceByIdOrByTheirBytes) {
  const auto page = [] { return std::move(PageBuilder{aws}.bad(TweetId{5}, "{a}").bad(std::nullopt, "{b}")); };
  const auto counts = append(page());
  EXPECT_EQ(counts.bad, 2);
  EXPECT_EQ(counts.billed_posts, 2);
  const auto again = append(page());
  EXPECT_EQ(again.bad, 0);
  EXPECT_EQ(again.billed_posts, 0);
  EXPECT_EQ(append(page().on_day(day_of(noon) + std::chrono::days{1})).billed_posts, 2);
  EXPECT_EQ(append(PageBuilder{aws}.bad(std::nullopt, "{c}")).bad, 1);
  EXPECT_EQ(must(ledger_->counts(sink())).dead, 3);
  EXPECT_EQ(BackDoor{path_}.text("SELECT query || reason || raw FROM unparsed WHERE tweet_id = 5"), "awsno text{a}");
}

TEST_F(LedgerAppend, APostThatCanBeReadAfterAllIsNoLongerUnparsed) {
  append(PageBuilder{aws}.bad(TweetId{5}, "{a}"));
  EXPECT_EQ(append(PageBuilder{aws}.post(5)).fresh, 1);
  EXPECT_EQ(must(ledger_->counts(sink())).dead, 0);
}

TEST_F(LedgerAppend, APostThatCanBeReadAfterAllIsBilledOnceADay) {
  const auto next_day = day_of(noon) + std::chrono::days{1};
  EXPECT_EQ(append(PageBuilder{aws}.bad(TweetId{5}, "{a}").bad(TweetId{6}, "{b}")).billed_posts, 2);
  EXPECT_EQ(append(PageBuilder{aws}.post(5)).billed_posts, 0) << "it was billed already";
  EXPECT_EQ(append(PageBuilder{aws}.post(5)).billed_posts, 0);
  EXPECT_EQ(append(PageBuilder{aws}.post(6).on_day(next_day)).billed_posts, 1);
  append(PageBuilder{aws}.post(7).on_day(next_day));
  append(PageBuilder{aws}.bad(TweetId{8}, "{c}", TweetId{7}).on_day(next_day));
  EXPECT_EQ(append(PageBuilder{aws}.post(7, 8).on_day(next_day)).billed_posts, 0) << "the same for a later version";
  EXPECT_EQ(append(PageBuilder{aws}.post(7, 8).on_day(next_day)).billed_posts, 0);
}

TEST_F(LedgerAppend, AnEmptyRawPostIsKeptAsItIs) {
  PageBuilder builder{aws};
  builder.post(30);
  builder.page().tweets[0].raw = {};
  append(builder);
  EXPECT_FALSE(row(30).damaged);
  EXPECT_EQ(row(30).payload, "");
}

TEST_F(LedgerAppend, TagsWithAnyCharactersComeBackAsTheyWere) {
  const xapi::Query odd{"a\"b\\c\nd, [é]", "text", "Größe \x01"};
  append(PageBuilder{odd}.post(30));
  reopen();
  EXPECT_EQ(row(30).tags->clouds, (CloudSet{odd.cloud}));
  EXPECT_EQ(row(30).tags->queries, (QuerySet{odd.name}));
}

}  // namespace
}  // namespace mentiond::ledger
