// The quiet days after everything was mended, and the last look at what is there.
#include <algorithm>

#include "fakes/json_value.h"
#include "sim/simulation.h"

namespace mentiond::sim {

using namespace std::chrono_literals;

namespace {

// Caps end with the UTC day, credits and parked queries are tried again within it.
constexpr Millis quiet_time = 52h;

std::set<std::string> clouds_of(const fakes::JsonValue& document) {
  std::set<std::string> out;
  const fakes::JsonValue* clouds = document.find("cloud");
  if (clouds == nullptr) return out;
  for (const auto& cloud : clouds->items()) out.insert(cloud.text());
  return out;
}

}  // namespace

void Simulation::quieten() {
  world_.note("everything is mended");
  world_.quiet = true;
  events_.clear();
  x_.mend();
  sink_.mend();
  once_until_ = {};
  disk_.die_after(0);
  disk_.fill_after(0);
  disk_.fail_sync_after(0);
  disk_full_until_ = world_.now();
  down_until_ = world_.now();
  clock_error_ = 0ms;
  // Started anew: an idle daemon looks at its sink only when it has something to send, and a used-up budget is an
  // operator's choice.
  plan_.collect.budget.posts_per_month = 0;
  if (process_) {
    process_->stop();
    end_process();
  }
  const Time end = world_.now() + quiet_time;
  last_rise_ = end;  // until two hours before, people go on writing
  while (world_.now() < end && world_.failure.empty()) one_slice(20min);
  // The last poll may have come just now.
  if (process_ && process_->board().ledger.pending != 0 && world_.failure.empty()) one_slice(5min);
}

// Each post that was in X's index within the overlap, and that the cursor says was read, is there.
void Simulation::check_stored_posts() {
  if (!process_ || world_.gone) return;
  const auto& known = oracle_.known();
  for (const auto& query : plan_.collect.queries) {
    const auto state = process_->facts().query(query.name, query.text);
    const auto floor = known.floors.find({query.name, query.text});
    if (!state.cursor || floor == known.floors.end()) continue;
    const TweetId below = TweetId::at(state.cursor->time() - plan_.collect.overlap);
    const auto excused = [&](TweetId id) {
      const auto in_gap = [id](const auto& gap) { return gap.first < id && id < gap.second; };
      const auto lost = [id](const auto& loss) { return loss.first < id && id <= loss.second; };
      return std::ranges::any_of(state.gaps, in_gap) || std::ranges::any_of(state.losses, lost);
    };
    for (const auto& post : x_.posts().all()) {
      if (post.id >= below || post.id.value() < floor->second || post.gone || !post.good) continue;
      if (post.visible > post.id.time() - plan_.x_clock_offset + plan_.collect.overlap - 1s) continue;
      if (excused(post.id) || !x_.posts().matches(post, query.text)) continue;
      const auto mention = known.mentions.find(post.root);
      const bool wanted = mention == known.mentions.end() || !mention->second.forgotten;
      if (!wanted || (mention != known.mentions.end() && mention->second.queries.contains(query.name))) continue;
      return world_.fail("(b) query " + query.name + " has passed post " + post.id.to_string() + " of " +
                         to_iso8601(post.id.time()) + ", in X's index since " + to_iso8601(post.visible) +
                         ", and has not stored it");
    }
  }
}

void Simulation::check_document(const LedgerFacts::Post& post) {
  const std::string name = post.root.to_string();
  const Oracle::Mention& mention = oracle_.known().mentions.at(post.root);
  const fakes::EsDocument* found = nullptr;
  for (const auto& [index, content] : sink_.cluster().indices()) {
    const auto at = content.documents.find(name);
    if (at == content.documents.end() || at->second.deleted) continue;
    if (found != nullptr) return world_.fail("(a) " + name + " is more than one document");
    if (index != expand_date_pattern(plan_.deliver.index, post.root.time())) {
      return world_.fail("(a) " + name + " stands in " + index);
    }
    found = &at->second;
  }
  if (found == nullptr) return world_.fail("(a) " + name + " is no document and no dead letter");
  ++documents_;
  const auto json = fakes::JsonValue::parse(found->source);
  const auto clouds = clouds_of(*json);
  const auto newest = TweetId::parse(json->text_at("tweet_id")).value_or(TweetId{});
  const auto version = static_cast<std::uint64_t>(found->version);
  if (oracle_.restored) {
    // What the lost part of the ledger had found may still be there.
    const bool all = std::ranges::includes(clouds, mention.clouds) && newest >= mention.newest;
    if (!all || version < post.revision) world_.fail("(a) the document of " + name + " is older than the ledger's row");
    return;
  }
  if (clouds != mention.clouds) world_.fail("(a) the document of " + name + " has not all its clouds, or too many");
  if (newest != mention.newest) world_.fail("(a) the document of " + name + " is not its newest version");
  if (version != post.revision) world_.fail("(c) the document of " + name + " is not at the ledger's revision");
}

void Simulation::check_gone(TweetId root) {
  for (const auto& [index, content] : sink_.cluster().indices()) {
    const auto at = content.documents.find(root.to_string());
    if (at == content.documents.end() || at->second.deleted) continue;
    world_.fail("(f) " + root.to_string() + " was forgotten, and stands in " + index);
  }
}

void Simulation::check_end() {
  if (!process_ || process_->ended() || world_.gone) {
    if (world_.failure.empty()) world_.fail("(a) mentiond does not run, though nothing is wrong any more");
    return;
  }
  check_stored_posts();
  LedgerFacts facts = process_->facts();
  oracle_.check_ledger(facts);
  const auto& board = process_->board();
  std::set<TweetId> dead;
  for (const auto& aside : facts.set_aside(facts.sink_of(sink_.uuid()))) {
    if (aside.state == "held") return world_.fail("(a) " + aside.root.to_string() + " is still held: " + aside.type);
    dead.insert(aside.root);
    ++dead_;
    if (sink_.is_poison(aside.root) || sink_.refused(aside.root.to_string())) continue;
    return world_.fail("(a) " + aside.root.to_string() + " is a dead letter (" + aside.type +
                       "), and nothing was wrong with it");
  }
  if (facts.redeliveries(facts.sink_of(sink_.uuid())) != 0) return world_.fail("(a) a redelivery does not end");
  if (board.ledger.pending != 0) return world_.fail("(a) " + std::to_string(board.ledger.pending) + " rows still wait");
  facts.each_post([&](const LedgerFacts::Post& post) {
    const bool pruned = post.state == 2;
    // A delete that the sink refused is a dead letter as well, and waits for a person.
    if (!world_.failure.empty() || dead.contains(post.root) || pruned) return;
    if (post.state == 1) return check_gone(post.root);
    check_document(post);
  });
  check_rest();
}

void Simulation::check_rest() {
  const auto& known = oracle_.known().mentions;
  for (const auto& [name, index] : sink_.cluster().indices()) {
    for (const auto& [id, document] : index.documents) {
      if (oracle_.restored || document.deleted || known.contains(*TweetId::parse(id))) continue;
      return world_.fail("(a) document " + id + " comes from no committed page");
    }
  }
  const auto& board = process_->board();
  for (const auto& pause : board.pauses) {
    world_.fail("still paused: " + pause.reason + ", " + pause.detail);
  }
  for (const auto& [name, query] : board.queries) {
    const bool fresh = query.last_success && *query.last_success > world_.now() - 3 * query.period - 1h;
    if (!fresh) world_.fail("query " + name + " has not been polled well for too long");
  }
}

}  // namespace mentiond::sim
