#include "elastic/hold.h"

#include <algorithm>

namespace mentiond::elastic {

bool Holds::hold(const HoldKey& key, const Fault& fault, const Now& now, double random) {
  Group* group = find(key);
  if (group != nullptr && group->state == State::waiting) return false;
  if (group == nullptr) {
    group = &groups_.emplace_back();
    group->key = key;
    group->since = now.wall;
  }
  group->fault = fault;
  group->state = State::waiting;
  group->owed = false;
  group->retrying_since.reset();
  group->backoff.reset();
  group->next = now.steady + group->backoff.next(random);
  return true;
}

void Holds::restore(const HoldKey& key, const Fault& fault, Time since, const Now& now) {
  Group& group = groups_.emplace_back();
  group.key = key;
  group.fault = fault;
  group.since = since;
  group.next = now.steady;
  group.owed = true;
}

bool Holds::probes(const Group& group, Probing which) {
  return group.state == State::waiting && (which == Probing::all || (which == Probing::owed && group.owed));
}

const Holds::Group* Holds::waiting_index(std::string_view index) const {
  const auto at = std::ranges::find_if(groups_, [&](const Group& group) {
    return group.state == State::waiting && group.key.why != HoldReason::drift && group.key.index == index;
  });
  return at == groups_.end() ? nullptr : &*at;
}

const Holds::Group* Holds::waiting_type(std::string_view fault_type) const {
  const auto at = std::ranges::find_if(groups_, [&](const Group& group) {
    return group.state == State::waiting && group.key.why == HoldReason::drift && group.key.fault_type == fault_type;
  });
  return at == groups_.end() ? nullptr : &*at;
}

Holds::Group* Holds::find(const HoldKey& key) {
  const auto at = std::ranges::find(groups_, key, &Group::key);
  return at == groups_.end() ? nullptr : &*at;
}

Holds::Group* Holds::due_probe(const Now& now, Probing which) {
  const auto at = std::ranges::find_if(
      groups_, [&](const Group& group) { return probes(group, which) && group.next <= now.steady; });
  return at == groups_.end() ? nullptr : &*at;
}

Holds::Group* Holds::releasing(const Now& now) {
  const auto at = std::ranges::find_if(
      groups_, [&](const Group& group) { return group.state == State::releasing && group.next <= now.steady; });
  return at == groups_.end() ? nullptr : &*at;
}

bool Holds::any_releasing() const {
  return std::ranges::any_of(groups_, [](const Group& group) { return group.state == State::releasing; });
}

bool Holds::any_owed() const {
  return std::ranges::any_of(groups_, [](const Group& group) { return probes(group, Probing::owed); });
}

std::vector<HoldKey> Holds::waiting() const {
  std::vector<HoldKey> keys;
  for (const Group& group : groups_) {
    if (group.state == State::waiting) keys.push_back(group.key);
  }
  return keys;
}

void Holds::probe_failed(Group& group, const Now& now, double random) {
  group.owed = false;
  group.next = now.steady + group.backoff.next(random);
}

void Holds::release(Group& group, const Now& now) {
  group.state = State::releasing;
  group.next = now.steady;
}

void Holds::drop(const HoldKey& key) {
  std::erase_if(groups_, [&](const Group& group) { return group.key == key; });
}

void Holds::probe_now(const Now& now) {
  for (Group& group : groups_) group.next = now.steady;
}

void Holds::owe_probes(const Now& now) {
  probe_now(now);
  for (Group& group : groups_) group.owed = true;
}

template <class Which>
std::optional<SteadyTime> Holds::earliest(Which which) const {
  std::optional<SteadyTime> next;
  for (const Group& group : groups_) {
    if (which(group) && (!next || group.next < *next)) next = group.next;
  }
  return next;
}

std::optional<SteadyTime> Holds::next_probe(Probing which) const {
  return earliest([which](const Group& group) { return probes(group, which); });
}

std::optional<SteadyTime> Holds::next_release() const {
  return earliest([](const Group& group) { return group.state == State::releasing; });
}

}  // namespace mentiond::elastic
