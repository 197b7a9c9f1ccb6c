// Every allocation of a story of the ledger fails once, C++'s and SQLite's: that ends the story with a failure or with
// bad_alloc, and the ledger that is opened then holds every acknowledged step, and the one under way whole or not.
// One in 23 of them, others each time, or all with MENTIOND_EVERY_ALLOCATION=yes.
// https://www.sqlite.org/testing.html#out_of_memory_testing
#include <cstdio>
#include <cstdlib>
#include <new>
#include <random>

#include "faults/out_of_memory/allocations.h"
#include "faults/power_cut/story.h"

namespace mentiond::ledger {
namespace {

class OutOfMemory : public testing::Test {
 protected:
  using Failing = faults::Allocations::Failing;
  static void SetUpTestSuite() { faults::take_over_sqlite(); }

  void remove_ledger() const {
    for (const char* suffix : {"", "-wal", "-shm", ".lock"}) std::filesystem::remove(path_ + suffix);
  }

  void tell_undisturbed() {
    Story story{path_, false};
    story.note_states();
    ASSERT_TRUE(story.tell());
    states_ = story.states();
  }

  // False once the story ends before its n-th allocation.
  bool fail(std::int64_t nth, Failing how) {
    SCOPED_TRACE("allocation " + std::to_string(nth));
    remove_ledger();
    Story story{path_, false};
    bool told = false;
    bool failed = false;
    {
      const faults::Allocations allocations{nth, how};
      try {
        told = story.tell();
      } catch (const std::bad_alloc&) {
      }
      story.end();
      failed = faults::Allocations::failed();
    }
    EXPECT_EQ(told, story.acknowledged() == states_.size());
    story.expect_whole(states_);
    if (story.failure()) {
      EXPECT_EQ(story.failure()->kind, Failure::Kind::fatal) << story.failure()->message;
    }
    return failed;
  }

  void fail_all(Failing how) {
    const char* wish = std::getenv("MENTIOND_EVERY_ALLOCATION");
    const std::int64_t every = wish != nullptr ? 1 : 23;
    std::int64_t nth = 1 + std::random_device{}() % every;
    std::printf("every %lld. allocation from the %lld. on", static_cast<long long>(every), static_cast<long long>(nth));
    while (fail(nth, how) && !HasFailure()) nth += every;
    std::printf(", of %lld\n", static_cast<long long>(nth));
    EXPECT_GT(nth, 1'000);
  }

  Folder folder_;
  std::string path_ = folder_.path() + "/ledger.db";
  std::vector<std::string> states_;
};

TEST_F(OutOfMemory, WhicheverAllocationFailsNothingAcknowledgedIsLost) {
  tell_undisturbed();
  fail_all(Failing::once);
}

TEST_F(OutOfMemory, FromWhicheverAllocationOnAllFailNothingAcknowledgedIsLost) {
  tell_undisturbed();
  fail_all(Failing::for_good);
}

}  // namespace
}  // namespace mentiond::ledger
