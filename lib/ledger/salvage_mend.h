// Makes a ledger of what was found page by page: rows and texts that belong together, one text a row, counters that
// count. Internal to the room.
#pragma once

#include "ledger/salvage.h"
#include "ledger/statement.h"
#include "ledger/tag_sets.h"
#include "xapi/page_parser.h"

namespace mentiond::ledger {

class SalvageMend {
 public:
  SalvageMend(Connection& ledger, Time now) : ledger_(ledger), now_(now) {}
  void run(Salvaged& salvaged);

 private:
  struct Post {
    TweetId root;
    TweetId tweet_id;
    std::uint64_t revision = 0;
    std::int64_t state = 0;
  };
  struct Text {
    std::uint64_t revision = 0;
    TweetId tweet_id;
    bool intact = false;
  };
  void mend_posts(Salvaged& salvaged);
  void mend_post(const Post& post, Salvaged& salvaged);
  // The best text found for a root: intact before damaged, newest first.
  std::optional<Text> best_text(const Post& post);
  void adopt_texts();
  void adopt_text(std::uint64_t revision);
  void mend_tags(Salvaged& salvaged);
  void mend_gaps(Salvaged& salvaged);
  void count_anew();

  Connection& ledger_;
  Time now_;
  TagSets tags_{ledger_};
  xapi::PageParser parser_;
  std::int64_t settled_ = 0;  // by the sink that was opened last
  Statement texts_{ledger_, "SELECT revision, crc, raw FROM payload WHERE root_id = ?1 ORDER BY revision DESC"};
  Statement drop_others_{ledger_, "DELETE FROM payload WHERE root_id = ?1 AND revision <> ?2"};
  Statement put_text_{ledger_, "INSERT OR REPLACE INTO payload VALUES (?1, ?2, ?3, NULL)"};
  Statement set_post_{ledger_, "UPDATE post SET tweet_id = ?2, revision = ?3, state = ?4 WHERE root_id = ?1"};
};

}  // namespace mentiond::ledger
