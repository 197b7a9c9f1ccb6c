// Walk: one walk down one gap of one query, from its high end towards its low end, page by page. It knows what to ask
// next and what each page changes; it does not know why it is asked, nor when. A plain value: the poller works on a
// copy and keeps it only once the ledger has committed the page, so that no walk stands beyond what is stored.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "xapi/gap.h"
#include "xapi/reply.h"

namespace mentiond::xapi {

// What of a request depends on the walk.
struct Asked {
  std::optional<TweetId> since_id;  // exclusive
  std::optional<TweetId> until_id;  // exclusive
  std::string next_token;
  bool operator==(const Asked&) const = default;
};

class Walk {
 public:
  // How far X's recent search reaches back. https://docs.x.com/x-api/posts/search-recent-posts
  static constexpr std::chrono::days window{7};
  // A quiet query's cursor follows the clock at this distance, far inside the window and far beyond late posts.
  static constexpr std::chrono::hours quiet_margin{24};
  // A post may be so much younger than X's clock says: its machines differ, and Date has been under way.
  static constexpr std::chrono::minutes clock_slack{5};
  // The window may begin so much later than X's Date tells: it leaves out what of a second has passed, and a reply
  // without one is dated by the one before, which has been under way.
  static constexpr std::chrono::minutes window_slack{1};
  static constexpr int longest_empty_run = 50;

  enum class Kind : std::uint8_t {
    newest,   // a poll's own new gap: everything above the cursor
    resumed,  // a gap of the ledger's
  };
  enum class End : std::uint8_t {
    goes_on,
    complete,            // nothing is left in the gap
    page_limit,          // its pages are used; the rest stays an open gap
    first_walk_dropped,  // its pages are used; the rest of a very first walk is given up
    empty_pages,         // too many without posts: a failure
  };

  // The poll's new gap: from now down to cursor - overlap; without a cursor the very first walk, which has no lower
  // end.
  static Walk newest(const std::optional<TweetId>& cursor, Millis overlap, std::int64_t key, int max_pages);
  // An open gap, with at most `page_limit` pages with posts in this poll. A gap without a lower end is the rest of a
  // very first walk: it ends when its pages_used reach `max_pages`.
  static Walk resumed(const Gap& gap, int page_limit, int max_pages);

  [[nodiscard]] Asked asked() const;

  struct Turn {
    QueryChange change;
    End end = End::goes_on;
  };
  // What time it is: by our clock, and by X's as far as that is known.
  struct Clocks {
    Time ours;
    std::optional<Time> xs;
    std::optional<Time> xs_latest;  // the later of what X's last two dates say: one of them may be wrong
  };
  // A page came: what it changes (to commit with it), and whether that was the last. `cursor` as the ledger has it.
  // Ids that X cannot mean (outside what was asked, not yet made, older than it serves) move nothing.
  Turn on_page(const GotPage& page, const Clocks& clocks, const std::optional<TweetId>& cursor);

  // X says that since_id is too old: go on without it. What lies below `bound` (X's id, else `x_now` - window) is lost;
  // the loss is counted with the page that follows. False if no since_id was sent: X's answer makes no sense.
  bool on_stale_since(const std::optional<TweetId>& bound, Time x_now);
  // X says that until_id is too old: all of the gap is lost. Nothing if no until_id was sent.
  [[nodiscard]] std::optional<Turn> on_stale_until(Time now) const;
  // X refuses the token: go on by until_id, or from the start where nothing was read. False if that makes no sense:
  // no token was sent, or this happens again with no post read in between.
  bool on_bad_token();
  // The request's other parameters are about to change, so the token is void: go on by until_id.
  void ask_anew();

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] const Gap& gap() const { return gap_; }
  [[nodiscard]] int pages() const { return pages_; }

 private:
  Walk(Kind kind, const Gap& gap, int page_limit, int max_pages)
      : kind_(kind), gap_(gap), page_limit_(page_limit), max_pages_(max_pages) {}

  void count(const GotPage& page, const Clocks& clocks);
  void count_ids(const std::vector<TweetId>& ids, const Clocks& clocks);
  void count_window(const GotPage& page, const Clocks& clocks);
  // Moves the gap's low end up to the bound; the loss to be counted, if anything lies in it: nothing that was read.
  std::optional<Loss> take_loss();
  [[nodiscard]] End end_after(const GotPage& page) const;
  [[nodiscard]] std::optional<TweetId> raised(std::optional<TweetId> cursor, bool complete,
                                              const std::optional<TweetId>& bound) const;

  Kind kind_;
  Gap gap_;                // `high` counts only once has_high_
  bool has_high_ = false;  // a finite high end: the gap can be asked for by until_id
  bool entered_ = false;   // the ledger has it
  int page_limit_;
  int max_pages_;
  int pages_ = 0;  // with posts, in this poll
  int empty_run_ = 0;
  int bad_tokens_ = 0;  // since the last page with posts
  bool answered_ = false;
  std::optional<Time> first_date_;  // X's Date on the first page
  std::optional<TweetId> newest_;
  // The parameters of the present run of pages; all but the token stay the same from page to page.
  std::optional<TweetId> since_;
  std::optional<TweetId> until_;
  std::string token_;
  std::optional<TweetId> loss_bound_;  // a stale since_id was refused: this is lost with the next page
};

}  // namespace mentiond::xapi
