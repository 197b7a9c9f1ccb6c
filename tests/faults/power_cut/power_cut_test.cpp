// The power is cut at every write, sync and truncation of a story, and what was not synced is dropped, torn at sectors
// or arrives in any order: the ledger that comes up holds every acknowledged step, and the one under way whole or not.
#include <array>
#include <cstdio>

#include "faults/power_cut/story.h"
#include "sim/memory_disk.h"

namespace mentiond::ledger {
namespace {

using sim::MemoryDisk;

class PowerCut : public testing::Test {
 protected:
  // Tells the story once with nothing going wrong, and keeps what the ledger holds after each step.
  void tell_undisturbed(bool large = false) {
    MemoryDisk disk{1};
    Story story{path_, large};
    story.note_states();
    ASSERT_TRUE(story.tell()) << "step " << story.acknowledged() << ": "
                              << (story.failure() ? story.failure()->message : "it did not do what the story says");
    states_[large ? 1 : 0] = story.states();
  }

  // Tells the story until the disk dies at its n-th change, cuts the power, and looks at what is left. False once the
  // story ends before that.
  bool cut(std::uint64_t seed, int nth, bool large = false) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", change " + std::to_string(nth));
    MemoryDisk disk{seed};
    Story story{path_, large};
    disk.die_after(nth);
    const bool whole = story.tell();
    story.end();
    // The last close may have died as well: it acknowledges nothing.
    if (whole && !disk.dead()) return false;
    disk.revive(MemoryDisk::Cut::power);
    expect_whole(story, disk, large);
    return true;
  }

  void expect_whole(const Story& story, const MemoryDisk& disk, bool large = false) {
    const auto ledger = story.expect_whole(states_[large ? 1 : 0]);
    if (ledger) story.expect_orders_stand(*ledger, disk);
  }

  Folder folder_;
  std::string path_ = folder_.path() + "/ledger.db";
  std::array<std::vector<std::string>, 2> states_;
};

TEST_F(PowerCut, AtEveryWriteAndSyncNothingAcknowledgedIsLost) {
  tell_undisturbed();
  int cuts = 0;
  for (std::uint64_t seed = 1; seed <= 4 && !HasFailure(); ++seed) {
    for (int nth = 1; cut(seed, nth) && !HasFailure(); ++nth) ++cuts;
  }
  RecordProperty("cuts", cuts);
  std::printf("%d power cuts\n", cuts);
  EXPECT_GT(cuts, 500);
}

TEST_F(PowerCut, WhileALongLogIsMovedNothingAcknowledgedIsLost) {
  tell_undisturbed(true);
  sim::Chance chance{7};
  int cuts = 0;
  for (; cuts < 24 && !HasFailure(); ++cuts) cut(chance.next(), static_cast<int>(1 + chance.below(16'000)), true);
  EXPECT_EQ(cuts, 24) << "each of them was survived";
}

TEST_F(PowerCut, AFailedSyncIsFatalWhereverItComesAndLosesNothingAcknowledged) {
  tell_undisturbed();
  int failures = 0;
  for (int nth = 1; !HasFailure(); ++nth, ++failures) {
    SCOPED_TRACE("sync " + std::to_string(nth));
    MemoryDisk disk{static_cast<std::uint64_t>(nth)};
    Story story{path_, false};
    disk.fail_sync_after(nth);
    const bool whole = story.tell();
    if (whole && !disk.sync_failed()) break;
    if (!whole && story.acknowledged() > 0) {
      ASSERT_TRUE(story.failure());
      EXPECT_EQ(story.failure()->kind, Failure::Kind::fatal) << story.failure()->message;
    }
    story.end();
    disk.revive(MemoryDisk::Cut::power);
    expect_whole(story, disk);
  }
  EXPECT_GT(failures, 20);
}

}  // namespace
}  // namespace mentiond::ledger
