#include "sim/oracle.h"

#include <algorithm>
#include <utility>

#include "fakes/fault_script.h"

namespace mentiond::sim {
namespace {

std::string range(std::uint64_t low, std::uint64_t high) {
  return "[" + std::to_string(low) + ", " + std::to_string(high) + ")";
}

// The ids of a page as a client reads them; what cannot be named by an id is named by its bytes.
std::multiset<std::string> keys(const ServedPage& page) {
  std::multiset<std::string> out;
  for (const auto& item : page.items) out.insert(item.id ? item.id->to_string() : item.key);
  return out;
}
std::multiset<std::string> keys(const ledger::PageCommit& page) {
  std::multiset<std::string> out;
  for (const auto& tweet : page.tweets) out.insert(tweet.id.to_string());
  for (const auto& bad : page.bad) {
    const auto json = fakes::JsonValue::parse(bad.raw);
    out.insert(bad.id ? bad.id->to_string() : json ? fakes::to_json(*json) : std::string{bad.raw});
  }
  return out;
}

}  // namespace

void Oracle::served(ServedPage page) { under_way_.push_back(std::move(page)); }

void Oracle::asked(const std::string& query) {
  std::erase_if(under_way_, [&](const ServedPage& page) { return page.query != query; });
  if (under_way_.size() > 1) under_way_.erase(under_way_.begin(), under_way_.end() - 1);
}

void Oracle::begin_append(const ledger::PageCommit& page) {
  doubt_.emplace();
  doubt_->page.query = page.query;
  doubt_->page.change = page.change;
  doubt_->is_page = page.billed_request;
  if (!page.billed_request) {
    if (!page.tweets.empty() || !page.bad.empty()) world_.fail("(meter) posts without a request");
    return;
  }
  const auto wanted = keys(page);
  const auto at = std::ranges::find_if(
      under_way_, [&](const ServedPage& one) { return one.query == page.query.text && keys(one) == wanted; });
  if (at == under_way_.end()) {
    world_.fail("(a) a page of " + page.query.name + " is stored that X did not send so");
    return;
  }
  doubt_->served = std::move(*at);
  under_way_.erase(at);
}

void Oracle::not_appended() {
  if (doubt_ && doubt_->is_page) under_way_.insert(under_way_.begin(), std::move(doubt_->served));
  doubt_.reset();
}

void Oracle::appended(LedgerFacts facts) { commit(facts); }

void Oracle::commit(LedgerFacts facts) {
  if (!doubt_) return;
  const DoubtfulPage doubt = std::move(*doubt_);
  doubt_.reset();
  const auto& query = doubt.page.query;
  const QueryKey key{query.name, query.text};
  if (doubt.is_page) {
    ++known_.requests;
    known_.read[key].add(doubt.served.low, doubt.served.high);
    for (const auto& item : doubt.served.items) take(item, query, doubt.served.day, facts);
    for (const auto& user : doubt.served.users) known_.billed_users.emplace(doubt.served.day, user);
    check_meter(facts);
  }
  check_query(facts, key);
}

void Oracle::take(const ServedPage::Item& item, const xapi::Query& query, Day day, LedgerFacts facts) {
  const auto forgotten = [this](TweetId id) {
    const auto at = known_.mentions.find(id);
    return at != known_.mentions.end() && at->second.forgotten;
  };
  if (!item.good) {
    known_.billed.emplace(day, item.key);
    if (!item.id || !forgotten(*item.id)) known_.bad.insert(item.key);
    return;
  }
  // Forgotten by the id of a version that nobody had seen yet.
  const bool by_version = forgotten(*item.id) && !forgotten(item.root);
  Mention& mention = known_.mentions[item.root];
  if (by_version) mention = {mention.newest, {}, {}, facts.tombstone(item.root).value_or(0)};
  const bool newer = !mention.forgotten && *item.id > mention.newest;
  if (known_.billed_roots.emplace(day, item.root).second || newer) known_.billed.emplace(day, item.key);
  if (mention.forgotten) {
    if (mention.newest == TweetId{}) mention.newest = item.root;
    return;
  }
  mention.newest = std::max(mention.newest, *item.id);
  mention.clouds.insert(query.cloud);
  mention.queries.insert(query.name);
}

// People know a post by the id of the version that they saw.
TweetId Oracle::root_of(TweetId id) const {
  if (known_.mentions.contains(id)) return id;
  const auto at = std::ranges::find_if(known_.mentions, [id](const auto& one) { return one.second.newest == id; });
  return at == known_.mentions.end() ? id : at->first;
}

// All of them in one transaction, so that the first that was not forgotten before tells of all.
void Oracle::end_forget(LedgerFacts facts) {
  const auto ids = std::exchange(forgetting_, {});
  std::optional<bool> done;
  for (const TweetId id : ids) {
    const TweetId root = root_of(id);
    const auto at = known_.mentions.find(root);
    const auto tombstone = facts.tombstone(root);
    if (at != known_.mentions.end() && at->second.forgotten) {
      at->second.forgotten = tombstone;
      continue;
    }
    if (done && *done != tombstone.has_value()) return world_.fail("(f) half of what was to be forgotten is");
    done = tombstone.has_value();
    if (!*done) continue;
    const TweetId newest = at == known_.mentions.end() ? root : at->second.newest;
    known_.mentions[root] = {newest, {}, {}, tombstone};
  }
}

bool Oracle::is_forgotten(TweetId root, std::uint64_t revision) const {
  const auto at = known_.mentions.find(root);
  return at != known_.mentions.end() && at->second.forgotten && revision >= *at->second.forgotten;
}

void Oracle::opened(LedgerFacts facts) {
  end_forget(facts);
  if (doubt_) {
    // Each page counts one request: that tells whether the last one got in.
    const bool got_in = doubt_->is_page && facts.bill().requests == known_.requests + 1;
    if (got_in) {
      commit(facts);
    } else {
      doubt_.reset();
    }
  }
  under_way_.clear();
  check_ledger(facts);
}

void Oracle::check_ledger(LedgerFacts facts) {
  if (!facts.is_whole()) world_.fail("(a) the ledger's file is damaged");
  std::size_t found = 0;
  facts.each_post([&](const LedgerFacts::Post& post) {
    const auto at = known_.mentions.find(post.root);
    if (at == known_.mentions.end()) {
      world_.fail("(a) the ledger holds " + post.root.to_string() + ", which no committed page bore");
      return;
    }
    ++found;
    const Mention& mention = at->second;
    const std::string name = "mention " + post.root.to_string();
    if ((post.state == 1) != mention.forgotten.has_value()) {
      world_.fail(mention.forgotten ? "(f) the ledger remembers the forgotten " + name
                                    : "(a) the ledger has forgotten " + name);
    }
    if (post.newest != mention.newest) world_.fail("(a) the ledger has another version of " + name);
    if (post.clouds != mention.clouds) world_.fail("(a) the ledger has other clouds for " + name);
    if (post.queries != mention.queries) world_.fail("(a) the ledger has other queries for " + name);
    if (post.state == 0 && !post.has_payload) world_.fail("(a) the ledger has lost the payload of " + name);
  });
  if (found != known_.mentions.size()) {
    world_.fail("(a) the ledger has lost " + std::to_string(known_.mentions.size() - found) + " committed mentions");
  }
  if (facts.unparsed() != static_cast<std::int64_t>(known_.bad.size())) {
    world_.fail("(a) the ledger holds " + std::to_string(facts.unparsed()) + " posts that cannot be parsed, not " +
                std::to_string(known_.bad.size()));
  }
  for (const auto& [key, read] : known_.read) check_query(facts, key);
  check_meter(facts);
  check_counters(facts);
}

void Oracle::check_counters(LedgerFacts facts) {
  auto counters = facts.counters();
  const auto drawn = counters["last_revision"];
  if (drawn < facts.greatest_revision()) world_.fail("(c) the ledger will draw revisions that it has drawn before");
  counters.erase("last_revision");
  const auto counted = facts.recount();
  if (counters == counted) return;
  const auto text = [](const LedgerFacts::Counters& all) {
    std::string out;
    for (const auto& [name, value] : all) out += " " + name + "=" + std::to_string(value);
    return out;
  };
  world_.fail("the ledger's counters say" + text(counters) + "; its rows are" + text(counted));
}

void Oracle::check_meter(LedgerFacts facts) {
  const auto meter = facts.bill();
  const LedgerFacts::Bill bill{static_cast<std::int64_t>(known_.billed.size()),
                               static_cast<std::int64_t>(known_.billed_users.size()), known_.requests};
  const bool right = exact_meter ? meter == bill : meter.requests == bill.requests;
  if (right) return;
  const auto text = [](const LedgerFacts::Bill& one) {
    return std::to_string(one.posts) + " posts, " + std::to_string(one.users) + " users, " +
           std::to_string(one.requests) + " requests";
  };
  world_.fail("(meter) the meter says " + text(meter) + "; X's bill for what is committed: " + text(bill));
}

void Oracle::check_query(LedgerFacts facts, const QueryKey& query) {
  const auto state = facts.query(query.first, query.second);
  if (!state.cursor) {
    known_.read.erase(query);  // a walk that found nothing, without a date to trust: the next is the very first
    return;
  }
  const IdRanges& read = known_.read[query];
  const bool first_walk = std::ranges::any_of(state.gaps, [](const auto& gap) { return gap.first == TweetId{}; });
  if (!first_walk && !known_.floors.contains(query)) known_.floors[query] = read.lowest().value_or(0);
  const auto floor = known_.floors.contains(query) ? known_.floors[query] : 0;

  IdRanges accounted = read;
  for (const auto& [low, high] : state.gaps) accounted.add(low == TweetId{} ? 0 : low.value() + 1, high.value());
  for (const auto& [low, high] : state.losses) accounted.add(low.value() + 1, high.value() + 1);
  const auto missing = accounted.first_missing(floor, state.cursor->value() + 1);
  if (!missing) return;
  world_.fail("(b) query " + query.first + ": nobody has read from " + std::to_string(*missing) + " (" +
              to_iso8601(TweetId{*missing}.time()) + ") on, and no gap or loss says so; accounted for must be " +
              range(floor, state.cursor->value() + 1));
}

}  // namespace mentiond::sim
