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
  group->retrying_since.reset();
  group->backoff.reset();
  group->next = now.steady + group->backoff.next(random);
  return true;
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

Holds::Group* Holds::due_probe(const Now& now) {
  const auto at = std::ranges::find_if(
      groups_, [&](const Group& group) { return group.state == State::waiting && group.next <= now.steady; });
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

void Holds::probe_failed(Group& group, const Now& now, double random) {
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

std::optional<SteadyTime> Holds::next_time(bool probes) const {
  std::optional<SteadyTime> next;
  for (const Group& group : groups_) {
    if (!probes && group.state == State::waiting) continue;
    if (!next || group.next < *next) next = group.next;
  }
  return next;
}

}  // namespace mentiond::elastic
