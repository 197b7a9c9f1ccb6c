// Rows sent again on a person's word, and rows forgotten on it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "deliver_rig.h"

namespace mentiond::deliver {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Redelivery, WritesEqualVersionsAnewAndCountsNothingAsPending) {
  Rig rig;
  rig.store(1, 30);
  rig.start();
  rig.run(10s);
  ASSERT_EQ(rig.elastic.documents.size(), 30U);
  const auto before = rig.elastic.requests.size();
  ASSERT_EQ(*rig.ledger->redeliver(id(11), id(21)), 10);
  rig.wakeup.notify();
  rig.run(10s);
  ASSERT_EQ(rig.elastic.requests.size(), before + 1) << "one bulk, over the connection in use";
  const auto& body = rig.elastic.requests.back().body;
  EXPECT_THAT(body, HasSubstr("external_gte"));
  EXPECT_THAT(body, HasSubstr(id(11).to_string()));
  EXPECT_THAT(body, Not(HasSubstr(id(21).to_string())));
  EXPECT_EQ(rig.board.ledger.pending, 0);
  rig.run(1h);
  EXPECT_EQ(rig.ledger->redelivery({1, "", "", 0, false}, 10, 1'000)->size(), 0U);
}

TEST(Redelivery, ALaterDelivererGoesOnWithIt) {
  Rig rig;
  rig.store(1, 30);
  rig.start();
  rig.run(10s);
  rig.deliverer->leave();
  rig.run(10s);
  ASSERT_TRUE(rig.end);
  ASSERT_EQ(*rig.ledger->redeliver(TweetId{}, TweetId{TweetId::max_value}), 30);
  rig.elastic.documents.clear();
  rig.end.reset();
  rig.start();
  rig.run(10s);
  EXPECT_EQ(rig.elastic.documents.size(), 30U);
}

TEST(Forgotten, IsDeletedInTheSink) {
  Rig rig;
  rig.store(1, 3);
  rig.start();
  rig.run(10s);
  const std::vector gone{id(2)};
  ASSERT_TRUE(rig.ledger->forget(gone, rig.clock.now().wall));
  rig.wakeup.notify();
  rig.run(10s);
  const auto& line = rig.elastic.documents.at("cloud_marketplace_data_20260810/" + id(2).to_string());
  EXPECT_TRUE(line.erase);
  EXPECT_EQ(rig.board.ledger.pending, 0);
}

}  // namespace
}  // namespace mentiond::deliver
