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
  struct Ids {
    TweetId root;
    TweetId id;
  };
  void place_spares(Salvaged& salvaged);
  void assign_texts();
  TweetId owner_of_text(const Rows& rows);
  static TweetId owner_of_none(const Rows& rows);
  void name_rows();
  std::optional<Ids> own_words(std::int64_t crc, std::string_view raw);
  void mend_posts(Salvaged& salvaged);
  void mend_post(Post post, Salvaged& salvaged);
  void judge_by_text(Post& post);
  // The best text found for a root: intact before damaged, the latest edit, newest first.
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
  std::int64_t settled_ = 0;         // by the sink that was opened last
  std::uint64_t free_revision_ = 0;  // the next that nothing bears
  Statement assign_{ledger_, "UPDATE payload SET root_id = ?2 WHERE revision = ?1"};
  Statement spares_{ledger_, "SELECT revision, crc, raw FROM payload WHERE revision < 0"};
  Statement move_{ledger_, "UPDATE payload SET revision = ?2, root_id = ?3 WHERE revision = ?1"};
  Statement at_{ledger_, "SELECT root_id, crc, raw FROM payload WHERE revision = ?1"};
  Statement texts_{ledger_, "SELECT revision, crc, raw FROM payload WHERE root_id = ?1 ORDER BY revision DESC"};
  Statement drop_others_{ledger_, "DELETE FROM payload WHERE root_id = ?1 AND revision <> ?2"};
  Statement put_text_{ledger_, "INSERT OR REPLACE INTO payload VALUES (?1, ?2, ?3, NULL)"};
  Statement set_post_{ledger_, "UPDATE post SET tweet_id = ?2, revision = ?3, state = ?4 WHERE root_id = ?1"};
};

}  // namespace mentiond::ledger
