// What the operator does while mentiond runs, by the functions behind the daemon's verbs.
#include <algorithm>

#include "sim/simulation.h"

namespace mentiond::sim {

using namespace std::chrono_literals;

std::optional<admin::Answer> Simulation::order(const admin::Order& order) {
  std::string words = "the operator says:";
  for (const auto& word : order) words += " " + word;
  world_.note(words);
  const auto answer = process_->order(order);
  if (answer) world_.note("the answer: " + without(answer->text, path_));
  return answer;
}

// Ids as people have them: of roots, of versions, of what cannot be parsed, of what was never stored.
void Simulation::forget_some() {
  const auto& posts = x_.posts().all();
  if (!process_ || posts.empty()) return;
  admin::Order order{"forget"};
  const std::size_t recent = std::min<std::size_t>(posts.size(), 400);
  for (auto count = world_.chance.between(1, 4); count > 0; --count) {
    const auto& post = posts[posts.size() - 1 - world_.chance.below(recent)];
    const TweetId id = world_.chance.below(3) == 0 ? post.id : post.root;
    order.push_back(id.to_string());
    forgotten_.push_back(order.back());
  }
  // Nobody leaves it at an order that was not carried out.
  const auto answer = this->order(order);
  if (!answer || answer->outcome != admin::Answer::Outcome::done) forget_again_ = true;
}

void Simulation::redeliver_some() {
  if (!process_) return;
  const Time from = world_.now() - world_.chance.about(72h);
  order({"redeliver", to_iso8601(from), world_.chance.below(2) == 0 ? "-" : to_iso8601(from + 24h)});
}

void Simulation::lose_index() {
  if (const auto lost = sink_.lose_index()) lost_.push_back(*lost);
  if (process_) restore_lost();
}

// Once for each index that is gone, as soon as mentiond takes the order.
void Simulation::restore_lost() {
  for (auto lost = lost_.begin(); lost != lost_.end() && process_ && !world_.gone;) {
    const auto answer = order({"redeliver", to_iso8601(lost->from.time()), to_iso8601(lost->to.time())});
    const bool done = answer && answer->outcome == admin::Answer::Outcome::done;
    if (done) redelivered_.push_back(*lost);
    lost = done ? lost_.erase(lost) : lost + 1;
  }
}

void Simulation::forget_what_is_left() {
  if (!forget_again_ || !process_ || world_.gone || forgotten_.empty()) return;
  admin::Order order{"forget"};
  order.insert(order.end(), forgotten_.begin(), forgotten_.end());
  const auto answer = this->order(order);
  forget_again_ = !answer || answer->outcome != admin::Answer::Outcome::done;
}

void Simulation::handle_letters() {
  if (!process_ || world_.gone) return;
  const std::string verb = world_.chance.below(4) == 0 ? "drop" : "retry";
  std::vector<std::string> ids;
  for (const auto& aside : process_->facts().set_aside(process_->facts().sink_of(sink_.uuid()))) {
    if (aside.state == "dead") ids.push_back(aside.root.to_string());
  }
  if (ids.empty() || world_.chance.below(2) == 0) {
    order({verb, "all"});
  } else {
    order({verb, "ids", world_.chance.one_of(ids)});
  }
}

void Simulation::reload() {
  if (!process_) return;
  if (world_.chance.below(2) == 0) change_queries(plan_, world_.chance);
  change_limits(plan_, world_.chance);
  world_.note("SIGHUP");
  process_->reload(plan_);
}

// For a day or two, mentiond is run by a timer.
void Simulation::run_once_for_a_while() {
  if (process_) {
    process_->stop();
    end_process();
  }
  once_until_ = world_.now() + world_.chance.about(36h);
  down_until_ = world_.now();
  world_.note("a timer runs it with --once");
}

void Simulation::full_for_a_moment() {
  disk_.fill_after(static_cast<int>(world_.chance.between(1, 30)));
  world_.note("a write is about to find no room");
}

}  // namespace mentiond::sim
