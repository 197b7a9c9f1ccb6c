// Bulks go only where somebody has looked: over the connection of the last answer, or right after a look at the sink.
#include <gtest/gtest.h>

#include "bulk_sender_rig.h"
#include "elastic/bulk_sender.h"

namespace mentiond::elastic {
namespace {

using namespace testing;

TEST(BulkSender, ConnectionThatIsGoneLeadsToALookAtTheSinkAndTheSameRowsBuiltAnew) {
  Rig rig;
  rig.store(1, 5);
  rig.run(3s);
  rig.connected = false;
  rig.store(6, 5);
  rig.run(3s);
  ASSERT_EQ(rig.unconnected.size(), 1U);
  EXPECT_EQ(rig.checks.size(), 2U);
  ASSERT_EQ(rig.bulks.size(), 2U);
  EXPECT_EQ(rig.bulks[1].rows, rig.unconnected[0]);
  EXPECT_EQ(rig.bulks[1].at, *rig.checked_at);
  rig.expect_all_settled();
}

TEST(BulkSender, ConnectionThatIsGoneIsNoFailure) {
  Rig rig;
  for (std::uint64_t n = 0; n < 20; ++n) {
    rig.connected = false;
    rig.store(1 + n, 1);
    rig.run(2'000ms);
    EXPECT_EQ(rig.documents.size(), n + 1) << "it was waited for";
  }
  EXPECT_EQ(rig.unconnected.size(), 19U);
  EXPECT_EQ(rig.count<notice::Paused>(), 0U);
  rig.store(100, 100);
  rig.run();
  EXPECT_EQ(rig.bulks.back().rows.size(), 100U) << "no reason for smaller bulks";
}

TEST(BulkSender, LookAtTheSinkOfLongAgoAllowsNoFreshConnection) {
  Rig rig{{.batch_bytes = 5'000'000, .batch_docs = 100, .flush_every = 10s}};
  rig.store(1, 5);
  rig.run(1s);
  ASSERT_EQ(rig.checks.size(), 1U);
  rig.connected = false;
  rig.run(10s);
  EXPECT_EQ(rig.unconnected.size(), 1U);
  EXPECT_EQ(rig.checks.size(), 2U);
  EXPECT_EQ(rig.bulks.size(), 1U);
  rig.expect_all_settled();
}

}  // namespace
}  // namespace mentiond::elastic
