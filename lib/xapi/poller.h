// SearchPoller decides everything about collecting: which query is polled when, what X is asked, how each answer
// changes gaps and cursors, when to wait, pause, park or stop. Pure: facts go in, the next step comes out; a shell
// performs the steps and nothing else. One thread.
//
// It promises that every id up to a query's cursor - overlap that X served when asked is committed, or lies in an open
// gap or a counted loss: a crash between any two steps repeats tweets and never skips any.
//
//   for (;;) {
//     Step step = poller.next(now);
//     Fetch                              -> perform, then on_reply()
//     Keep, Change, SetParked, Remember  -> commit, then on_stored() or on_full()
//     LoadMeter                          -> read, then on_metered() or on_full()
//     Sleep                              -> wait (stop() ends it early)
//     Finished                           -> leave
//   }
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/backoff.h"
#include "base/time.h"
#include "xapi/budget.h"
#include "xapi/gap.h"
#include "xapi/poller_step.h"
#include "xapi/reply.h"
#include "xapi/schedule.h"
#include "xapi/throttle.h"
#include "xapi/walk.h"

namespace mentiond::xapi {

struct PollerOptions {
  struct Plan {
    Query query;
    PollSchedule schedule;
  };
  std::vector<Plan> queries;
  std::optional<Vocabulary> vocabulary;  // nothing: tweet at first, the other one when X says so
  bool expand_authors = false;
  Millis overlap{std::chrono::minutes{2}};  // posts enter the search index late
  int max_pages = 10;                       // with posts: for a poll's new gap, and again for its older gaps
  int page_size = 100;
  BudgetLimits budget;
  std::int64_t max_pending = 1'000'000;
  bool once = false;  // one poll a query, at once; then Finished
};

// What the ledger remembers from before.
struct PollerMemory {
  std::vector<QueryState> states;         // in the order of PollerOptions::queries
  std::optional<std::string> vocabulary;  // the value last remembered under vocabulary_key
  std::optional<std::string> pause;       // and under pause_key
  std::int64_t posts = 0;                 // billed in the budget month of today
  std::int64_t users = 0;
};

// What a commit brought.
struct Stored {
  std::int64_t fresh = 0;
  std::int64_t duplicates = 0;
  std::int64_t billed_posts = 0;
  std::int64_t billed_users = 0;
};

class SearchPoller {
 public:
  static constexpr std::string_view vocabulary_key = "vocabulary";
  static constexpr std::string_view pause_key = "pause";
  static constexpr Millis parked_every{std::chrono::hours{1}};      // a refused request is not billed
  static constexpr Millis vocabulary_every{std::chrono::hours{1}};  // switches at most so often
  static constexpr int fieldless_pages = 3;       // without any asked field: the vocabulary must be wrong
  static constexpr int retries_before_turn = 10;  // then another query that is due may try
  static constexpr Millis once_patience{std::chrono::minutes{5}};  // once-mode gives up after retrying for so long
  static constexpr Millis room_check{std::chrono::seconds{10}};    // how often disk and backlog are looked at again
  static constexpr Millis longest_sleep = Throttle::longest_wait;

  SearchPoller(PollerOptions options, const PollerMemory& memory, const Now& now);

  // What to do now. A Fetch and whatever is to be committed must be answered before next() is called again.
  Step next(const Now& now);

  // Answers a Fetch. `random` in [0, 1).
  void on_reply(const Reply& reply, const Now& now, double random);
  // Answer a Keep, Change, SetParked or Remember: it is committed; or nothing was, since the disk is full or another
  // program holds the ledger (`detail`: what the ledger says). After on_full() the same step comes again: X bills a
  // page when it serves it, so it is never asked for twice for our sake. stop() allows one more try; once-mode gives
  // up.
  void on_stored(const Stored& stored, const Now& now);
  void on_full(const Now& now, const std::string& detail);
  // Answers a LoadMeter: what was billed on the days it names.
  void on_metered(std::int64_t posts, std::int64_t users, const Now& now);

  // Facts that may come at any time, to be heeded before the next request: rows waiting for the sink, and the bytes of
  // the ledger's file system.
  void set_backlog(std::int64_t pending) { backlog_ = pending; }
  void set_space(std::int64_t free, std::int64_t total);
  // Finish the page in flight, then Finished.
  void stop() { stopping_ = true; }

  // What happened since the last call, in order.
  std::vector<PollEvent> take_events();

  // For the status page.
  [[nodiscard]] const QueryState& state(std::size_t query) const { return plans_[query].state; }
  [[nodiscard]] Time next_poll(std::size_t query, const Now& now) const;
  [[nodiscard]] const Budget& budget() const { return budget_; }
  [[nodiscard]] Vocabulary vocabulary() const { return vocabulary_; }

 private:
  struct Plan {
    Query query;
    QueryState state;
    DueTime due;
    Backoff again{Throttle::first_retry, Throttle::longest_retry};  // after a walk that failed by itself
    std::int64_t last_key = 0;
    bool polled = false;   // once-mode: had its turn
    bool refused = false;  // X's last word on this query alone was a 403 or the like
  };
  // The poll under way: first the walk of its own new gap, then walks of older gaps.
  struct Poll {
    std::size_t query = 0;
    Now began;
    Walk::Kind part = Walk::Kind::newest;
    std::optional<Walk> walk;
    SteadyTime walk_began;
    std::int64_t own_gap = 0;
    int older_pages_left = 0;
    int max_results = 0;
    std::int64_t fresh = 0;  // of the present walk
    std::int64_t duplicates = 0;
  };
  // The walk as it will stand once what is on its way into the ledger is committed.
  struct Pending {
    Walk after;
    Walk::End end = Walk::End::goes_on;
  };
  struct LongPause {
    PauseReason reason = PauseReason::cap;
    Time until_wall;
    SteadyTime until_steady;
  };
  struct Ahead {
    SearchRequest request;
    std::uint64_t ticket = 0;
  };
  enum class Begun : std::uint8_t { walk, commit_first, nothing_left };

  // poller.cpp: what comes next
  std::optional<std::size_t> due_query(const Now& now) const;
  bool another_is_due(const Now& now) const;
  Step idle(const Now& now);
  std::optional<Step> rest(const Now& now);
  Begun begin_walk(const Now& now);
  void close_lost_gaps(const Now& now);
  [[nodiscard]] bool older_gaps_left() const;
  bool begin_older_walk(const Now& now);
  std::optional<Fetch> make_fetch(const Now& now);
  [[nodiscard]] Fetch fetch_for(const Asked& asked, int max_results) const;
  void finish_poll();
  void fail_poll(SteadyTime again);
  [[nodiscard]] Step sleep(SteadyTime until, Sleep::Why why, const Now& now) const;

  // poller_pause.cpp: standing still
  void refresh_pauses(const Now& now);
  void begin_pause(PauseReason reason, std::string detail, std::optional<Time> until = std::nullopt);
  void end_pause(PauseReason reason);
  [[nodiscard]] bool is_paused(PauseReason reason) const;
  void begin_long_pause(PauseReason reason, Millis wait, std::string detail, const Now& now);
  void keep_pause(PauseReason reason, Time until, Millis wait);
  void recall_pause(const std::optional<std::string>& text, const Now& now);
  void give_up_once(Exit exit);

  // poller_reply.cpp: what an answer means
  struct Heard;  // visits an Answer
  void on_page(const GotPage& page, const Now& now);
  void look_ahead(const GotPage& page, const Now& now);
  bool switch_vocabulary(const std::string& why, const Now& now);
  void park(const std::string& detail, const Now& now);
  void on_auth_failed(const AuthFailed& failed, const Now& now);
  void end_refusal(Plan& plan);
  // Once-mode: this query had its turn.
  void give_up_query(Exit exit);
  void on_capped(const Capped& capped, const Now& now, double random);
  void end_walk(Walk::End end, const Now& now);
  [[nodiscard]] Day billing_day(const Now& now) const { return day_of(throttle_.x_time(now)); }
  // Of one doubtful date that lies behind, a month's pause must not come: nobody would ask for the second one.
  [[nodiscard]] Day budget_day(const Now& now) const { return day_of(throttle_.x_time_for_days(now)); }

  PollerOptions options_;
  std::vector<Plan> plans_;
  Throttle throttle_;
  Budget budget_;
  Vocabulary vocabulary_ = Vocabulary::tweet;
  std::optional<SteadyTime> switched_at_;
  int fieldless_ = 0;  // pages in a row
  std::optional<Poll> poll_;
  std::optional<Pending> pending_;
  std::optional<Ahead> ahead_;
  std::deque<Step> outbox_;  // to be committed, in order
  std::vector<PollEvent> events_;
  std::vector<PauseReason> paused_;
  std::optional<LongPause> long_pause_;
  std::optional<SteadyTime> full_until_;
  std::int64_t backlog_ = 0;
  bool room_ = true;            // enough free disk
  bool token_refused_ = false;  // or missing
  bool reread_secret_ = false;
  bool stopping_ = false;
  bool tried_before_end_ = false;  // stopping on a full disk: had its last try
  std::uint64_t tickets_ = 0;
  // Once-mode.
  bool giving_up_ = false;
  Exit exit_ = Exit::done;
  int reset_waits_ = 0;
  SteadyTime counted_reset_ = SteadyTime::min();
};

// Applies a committed change to what is known of a query, as the ledger does: gaps stay sorted, newest (highest) first.
void apply(QueryState& state, const QueryChange& change);

}  // namespace mentiond::xapi
