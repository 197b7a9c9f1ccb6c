// A story of the ledger, told in steps that each are one acknowledged call: open, pages, receipts, pruning,
// checkpoints, a close, and what operators order. It can be told on any disk and to any step, and says after each what
// the ledger holds.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "sim/memory_disk.h"
#include "unit/ledger/fixture.h"

namespace mentiond::ledger {

class Story {
 public:
  // `path`: where the ledger lies on SQLite's default file system; its lock file beside it is a real one. `large`:
  // pages so large that the write-ahead log grows beyond what calls for a checkpoint.
  Story(std::string path, bool large);

  // Tells one step after the other; true if all of them were acknowledged, else acknowledged() says how many.
  bool tell();
  [[nodiscard]] std::size_t acknowledged() const { return done_.size(); }
  // What the ledger held after each acknowledged step; only noted by a teller that asks for it before tell().
  void note_states() { notes_ = true; }
  [[nodiscard]] const std::vector<std::string>& states() const { return done_; }
  // The greatest revision that somebody outside may have seen.
  [[nodiscard]] std::uint64_t last_revision() const { return last_revision_; }
  [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }
  // Closes the ledger, whatever state it is in.
  void end() { ledger_.reset(); }

  // Opens what came up, sound and with every acknowledged step in it, the one under way whole or not. `states`: those
  // of a story that nothing disturbed. Null if it does not open, which is a failure too.
  std::unique_ptr<SqliteLedger> expect_whole(const std::vector<std::string>& states) const;
  // What was acknowledged to a person holds in what came up after the cut: also when X serves all of it again.
  void expect_orders_stand(SqliteLedger& ledger, const sim::MemoryDisk& disk) const;

 private:
  // Everything in a ledger as text, but for what a start may change: the revision counter, the note that the log is to
  // be erased, and revisions beyond their order (rows that were being drawn anew are so by the next start).
  static std::string state_of(SqliteLedger& ledger);
  using Step = bool (Story::*)();
  static const std::vector<Step>& steps();

  template <class T>
  bool accepted(const Outcome<T>& outcome) {
    if (!outcome) failure_ = outcome.error();
    return outcome.has_value();
  }
  bool open();
  bool reopen();
  bool configure();
  bool first_page();
  bool second_query();
  bool edits();
  bool last_page_of_the_walk();
  bool opens_sink();
  bool receipt();
  bool release();
  bool remembers();
  bool parks();
  bool prunes();
  bool retries_dead();
  bool retries_post();
  bool drops_dead();
  bool orders_redelivery();
  bool redelivers();
  bool ends_redelivery();
  bool forgets();
  bool draws_anew();
  bool truncates_the_log();
  bool moves_the_log();
  bool page(PageBuilder& builder);
  [[nodiscard]] std::string text_of(std::uint64_t root) const;
  [[nodiscard]] std::vector<std::string> letters() const;

  std::string path_;
  bool large_;
  bool notes_ = false;
  std::unique_ptr<SqliteLedger> ledger_;
  Sink sink_;
  std::vector<std::string> done_;
  std::uint64_t last_revision_ = 0;
  std::uint64_t first_of_page_ = 0;  // the first root of the last first_page()
  // Acknowledged to a person.
  std::set<std::uint64_t> forgotten_;
  std::vector<std::string> dropped_;
  TweetId redelivered_;
  std::uint64_t outbid_ = 0;  // the version that somebody else had used
  std::optional<Failure> failure_;
};

}  // namespace mentiond::ledger
