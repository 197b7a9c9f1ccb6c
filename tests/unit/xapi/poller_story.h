// A poller with a world around it: a small X that serves posts as the real one does, and a ledger that can crash. Time
// passes only where the poller sleeps. Stories are told with it; each ends with the promise checked.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "xapi/poller.h"

namespace mentiond::xapi::testing {

using namespace std::chrono_literals;

inline const Time story_begins = *parse_iso8601("2026-08-10T12:00:00Z");

// The id of the n-th post made in that millisecond.
inline TweetId id_at(Time time, std::uint64_t n = 0) { return TweetId{TweetId::at(time).value() + n}; }

inline Reply answered(Answer answer, std::optional<Time> date = {}, std::optional<Time> reset = {}) {
  return {std::move(answer), date, std::nullopt, reset};
}
inline GotPage empty_page(std::string next_token = {}) {
  GotPage page;
  page.next_token = std::move(next_token);
  page.bears_asked_field = true;
  return page;
}

// X: serves the posts of one query newest first, a page at a time, and refuses ids older than its window.
class ModelX {
 public:
  std::set<TweetId, std::greater<>> posts;
  int empty_pages_first = 0;  // pages without posts, but with a token, before each run
  bool bears_asked_field = true;
  std::vector<TweetId> page;  // the ids of the last page

  Reply answer(const SearchRequest& request, Time date) {
    page.clear();
    Reply reply{.answer = Retry{}, .date = date, .remaining = {}, .reset = {}};
    const TweetId horizon = TweetId::at(date - Walk::window);
    if (request.since_id && *request.since_id < horizon) {
      reply.answer = StaleSinceId{horizon};
    } else if (request.until_id && *request.until_id < horizon) {
      reply.answer = StaleUntilId{};
    } else {
      reply.answer = serve(request, horizon);
    }
    return reply;
  }

 private:
  GotPage serve(const SearchRequest& request, TweetId horizon) {
    GotPage got;
    got.bears_asked_field = bears_asked_field;
    const std::string token{request.next_token};
    if (token.starts_with("e") ? std::stoi(token.substr(1)) < empty_pages_first
                               : token.empty() && empty_pages_first > 0) {
      got.next_token = "e" + std::to_string(token.empty() ? 1 : std::stoi(token.substr(1)) + 1);
      return got;
    }
    TweetId below{TweetId::max_value};
    if (request.until_id) below = *request.until_id;
    if (token.starts_with("t")) below = *TweetId::parse(token.substr(1));
    const TweetId above = std::max(request.since_id.value_or(TweetId{}), horizon);
    for (auto post = posts.upper_bound(below); post != posts.end() && *post > above; ++post) {
      if (page.size() == static_cast<std::size_t>(request.max_results)) {
        got.next_token = "t" + page.back().to_string();
        break;
      }
      page.push_back(*post);
    }
    got.posts = page.size();
    got.ids = page;
    return got;
  }
};

// What survives a crash.
struct ModelLedger {
  std::vector<QueryState> states;
  std::vector<std::set<TweetId>> stored;
  std::vector<std::vector<Loss>> losses;
  std::map<std::string, std::string> kept;
  std::set<std::pair<Day, TweetId>> billed;
};

class Story {
 public:
  explicit Story(PollerOptions chosen = one_query()) : options(std::move(chosen)) {
    xs.resize(options.queries.size());
    ledger.states.resize(options.queries.size());
    ledger.stored.resize(options.queries.size());
    ledger.losses.resize(options.queries.size());
    now.wall = story_begins;
    restart();
  }

  static PollerOptions one_query() {
    PollerOptions options;
    options.queries.push_back({Query{"aws", "AWS Marketplace", "AWS"}, PollSchedule{}});
    options.page_size = 10;
    return options;
  }
  static PollerOptions two_queries() {
    PollerOptions options = one_query();
    options.queries.push_back({Query{"gcp", "GCP Marketplace", "GCP"}, PollSchedule{}});
    return options;
  }

  // `count` posts, one every `apart`, the newest `age` before now.
  void publish(int count, Millis age = 1min, Millis apart = 1s, std::size_t query = 0) {
    for (int i = 0; i < count; ++i) xs[query].posts.insert(id_at(now.wall - age - apart * i));
  }

  void restart() {
    PollerMemory memory;
    memory.states = ledger.states;
    if (ledger.kept.contains("vocabulary")) memory.vocabulary = ledger.kept["vocabulary"];
    if (ledger.kept.contains("pause")) memory.pause = ledger.kept["pause"];
    memory.posts = posts_since(month_begin(day_of(now.wall), options.budget.month_starts));
    poller = std::make_unique<SearchPoller>(options, memory, now);
  }

  std::int64_t posts_since(Day first) const {
    return std::ranges::count_if(ledger.billed, [first](const auto& billed) { return billed.first >= first; });
  }

  // Performs one step; false once finished.
  bool step() {
    const Step next = poller->next(now);
    if (const auto* fetch = std::get_if<Fetch>(&next)) perform(*fetch);
    if (const auto* keep = std::get_if<Keep>(&next)) commit(keep->query, keep->change, keep->billing_day, true);
    if (const auto* change = std::get_if<Change>(&next))
      commit(change->query, change->change, change->billing_day, false);
    if (const auto* parked = std::get_if<SetParked>(&next)) {
      ledger.states[parked->query].parked_since = parked->since;
      poller->on_stored({}, now);
    }
    if (const auto* small = std::get_if<Remember>(&next)) {
      ledger.kept[small->key] = small->value;
      poller->on_stored({}, now);
    }
    if (const auto* load = std::get_if<LoadMeter>(&next)) poller->on_metered(posts_since(load->since), 0, now);
    if (const auto* rest = std::get_if<Sleep>(&next)) {
      sleeps.push_back(*rest);
      pass(std::chrono::ceil<Millis>(rest->until - now.steady));
    }
    if (const auto* end = std::get_if<Finished>(&next)) exit = end->exit;
    for (auto& event : poller->take_events()) events.push_back(std::move(event));
    return !exit;
  }
  void pass(Millis by) {
    now.wall += by;
    now.steady += by;
  }
  // Steps until the poller has asked something and then sleeps for its schedule, or is finished.
  void poll() {
    const auto asked = requests.size();
    for (int steps = 0; steps < 100'000; ++steps) {
      const auto slept = sleeps.size();
      if (!step()) return;
      const bool rests = sleeps.size() > slept && sleeps.back().why == Sleep::Why::schedule;
      if (rests && requests.size() > asked) return;
    }
    FAIL() << "the poller never rests";
  }
  void run_for(Millis span) {
    const Time end = now.wall + span;
    while (now.wall < end && step()) {
    }
  }
  // Steps until the poller has fetched `count` times.
  void fetches(std::size_t count) {
    while (requests.size() < count && step()) {
    }
  }

  template <class Event>
  std::vector<Event> told() const {
    std::vector<Event> found;
    for (const auto& event : events) {
      if (const auto* one = std::get_if<Event>(&event)) found.push_back(*one);
    }
    return found;
  }
  const QueryState& state(std::size_t query = 0) const { return ledger.states[query]; }
  const std::set<TweetId>& stored(std::size_t query = 0) const { return ledger.stored[query]; }
  bool has_all(std::size_t query = 0) const {
    return std::ranges::all_of(xs[query].posts, [&](TweetId id) { return ledger.stored[query].contains(id); });
  }
  Millis lost(std::size_t query = 0) const {
    Millis sum{};
    for (const Loss& loss : ledger.losses[query]) sum += loss.length();
    return sum;
  }

  // The promise: every id up to cursor - overlap that X has is stored, or lies in an open gap or a counted loss. (What
  // a very first walk gave up was never promised: `from` is where it ended.)
  void check_promise(TweetId from = {}) const {
    for (std::size_t q = 0; q < xs.size(); ++q) {
      const QueryState& known = ledger.states[q];
      if (!known.cursor) continue;
      const TweetId sure = TweetId::at(known.cursor->time() - options.overlap);
      for (const TweetId id : xs[q].posts) {
        if (id > sure || id < from || ledger.stored[q].contains(id)) continue;
        const bool open = std::ranges::any_of(known.gaps, [id](const Gap& g) { return g.low < id && id < g.high; });
        const bool counted =
            std::ranges::any_of(ledger.losses[q], [id](const Loss& l) { return l.low < id && id <= l.high; });
        ASSERT_TRUE(open || counted) << "nobody knows of " << id.to_string() << " of query " << q;
      }
    }
  }

  PollerOptions options;
  std::vector<ModelX> xs;  // one a query
  ModelLedger ledger;
  std::unique_ptr<SearchPoller> poller;
  Now now;
  std::deque<Answer> script;                                  // answers that X gives first
  std::function<std::optional<Reply>(const Fetch&)> trouble;  // stands before X, where set
  bool x_sends_date = true;
  int full_commits = 0;  // the next commits fail: the disk is full
  std::optional<std::int64_t> remaining;
  std::optional<Time> reset;

  std::vector<Fetch> requests;
  std::vector<Sleep> sleeps;
  std::vector<PollEvent> events;
  std::optional<Exit> exit;

 private:
  void perform(const Fetch& fetch) {
    requests.push_back(fetch);
    ModelX& x = xs[fetch.query];
    x.page.clear();
    const auto date = x_sends_date ? std::optional{now.wall} : std::nullopt;
    Reply reply{.answer = Retry{}, .date = date, .remaining = remaining, .reset = reset};
    std::optional<Reply> fault = trouble ? trouble(fetch) : std::nullopt;
    if (fault) {
      reply = *fault;
    } else if (!script.empty()) {
      reply.answer = script.front();
      script.pop_front();
    } else {
      reply.answer = x.answer(fetch.request, now.wall).answer;
    }
    poller->on_reply(reply, now, 0.5);
  }
  void commit(std::size_t query, const QueryChange& change, Day day, bool with_page) {
    if (full_commits > 0) {
      --full_commits;
      poller->on_full(now, "the disk is full");
      return;
    }
    Stored counts;
    apply(ledger.states[query], change);
    if (change.loss) ledger.losses[query].push_back(*change.loss);
    if (with_page) {
      for (const TweetId id : xs[query].page) {
        ledger.stored[query].insert(id).second ? ++counts.fresh : ++counts.duplicates;
        if (ledger.billed.emplace(day, id).second) ++counts.billed_posts;
      }
    }
    poller->on_stored(counts, now);
  }
};

}  // namespace mentiond::xapi::testing
