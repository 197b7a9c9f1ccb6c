// Oracle: what must be true, whatever happened. It hears what X sent and what the ledger said is committed, sees what
// stands in the ledger's file and in Elasticsearch, and reports the first promise that is broken. It shares no code
// with the deciders that it judges.
//
//   (a) each mention of a committed page is one document, with all its clouds and its newest version, or a dead letter
//   (b) the cursor never passes what no committed page covers: every id from the end of the very first walk up to the
//       cursor lies in the range of a committed page, in an open gap or in a counted loss; and every post that X
//       indexed within the overlap and that lies below the cursor is stored
//   (c) what is sent of a mention never goes back to a lower revision, and no revision stands for two contents
//   (f) what was forgotten stays so: its row is a tombstone without names, whatever X serves later
//   the meter is the bill of the committed pages: X bills each post once a UTC day. What X sent and nobody committed
//   (a crash, a cut reply) stands on X's bill alone, and is not held against the meter; so do older versions of a
//   mention that was billed that day, and all versions but one of a forgotten one, whose versions nobody remembers.
//   the ledger's counters are what its rows come to
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ledger/row.h"
#include "sim/ledger_facts.h"
#include "sim/ranges.h"
#include "sim/world.h"

namespace mentiond::sim {

// A page that X sent and that arrived whole.
struct ServedPage {
  struct Item {
    std::optional<TweetId> id;  // where a client can read it
    TweetId root;
    bool good = false;  // can be parsed
    std::string key;    // what X bills it by
  };
  std::string query;                // its text
  std::uint64_t low = 0, high = 0;  // [low, high): X has told all that it had of this range
  std::vector<Item> items;
  std::vector<std::string> users;
  Day day;  // X's
};

// What the ledger was told to commit, and nobody has said yet whether it is.
struct DoubtfulPage {
  ledger::PageCommit page;  // without posts
  ServedPage served;
  bool is_page = false;
};

class Oracle {
 public:
  explicit Oracle(World& world) : world_(world) {}

  // --- what was heard ---
  void served(ServedPage page);
  // A search is about to be sent: of what came before, only the last page can still be on its way into the ledger.
  void asked(const std::string& query);
  // The ledger is about to take a page, and has; or has not, and it comes again; or died over it.
  void begin_append(const ledger::PageCommit& page);
  void appended(LedgerFacts facts);
  void not_appended();
  // The ledger is about to forget these, and says that it has, or that it could not; or died over it.
  void begin_forget(std::span<const TweetId> ids) { forgetting_.assign(ids.begin(), ids.end()); }
  void end_forget(LedgerFacts facts);
  // A new process has opened the ledger: whatever was in doubt is looked up.
  void opened(LedgerFacts facts);

  // --- copies of the ledger ---
  struct Mention {
    TweetId newest;
    std::set<std::string> clouds, queries;
    std::optional<std::uint64_t> forgotten;  // since the ledger drew this revision
  };
  using QueryKey = std::pair<std::string, std::string>;  // name, text
  struct Known {
    std::map<TweetId, Mention> mentions;
    std::map<QueryKey, IdRanges> read;
    std::map<QueryKey, std::uint64_t> floors;  // where the very first walk ended
    std::set<std::string> bad;
    std::set<std::pair<Day, std::string>> billed, billed_users;
    std::set<std::pair<Day, TweetId>> billed_roots;
    std::int64_t requests = 0;
  };
  [[nodiscard]] const Known& known() const { return known_; }
  // The ledger is an older copy from now on.
  void restore(const Known& known) {
    known_ = known;
    restored = true;
  }

  // --- what is checked at any time ---
  void check_ledger(LedgerFacts facts);
  void check_query(LedgerFacts facts, const QueryKey& query);
  void check_meter(LedgerFacts facts);
  void check_counters(LedgerFacts facts);
  // Was it forgotten by the time that the ledger drew this revision?
  [[nodiscard]] bool is_forgotten(TweetId root, std::uint64_t revision) const;

  bool exact_meter = true;  // X's dates can be trusted
  bool restored = false;

 private:
  void commit(LedgerFacts facts);
  void take(const ServedPage::Item& item, const xapi::Query& query, Day day, LedgerFacts facts);
  [[nodiscard]] TweetId root_of(TweetId id) const;

  World& world_;
  Known known_;
  std::vector<ServedPage> under_way_;
  std::optional<DoubtfulPage> doubt_;
  std::vector<TweetId> forgetting_;  // nobody knows yet
};

}  // namespace mentiond::sim
