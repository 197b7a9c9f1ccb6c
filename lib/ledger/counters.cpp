#include "ledger/counters.h"

namespace mentiond::ledger {

void Counters::load() {
  values_.clear();
  Statement select{connection_, "SELECT name, value FROM counter"};
  for (auto rows = select.query(); rows.next();) values_[std::string{rows.bytes(0)}].value = rows.integer(1);
}

void Counters::save() {
  for (auto& [name, value] : values_) {
    if (!value.changed) continue;
    save_.execute(std::string_view{name}, value.value);
    value.changed = false;
  }
}

std::int64_t Counters::get(std::string_view name) const {
  const auto at = values_.find(name);
  return at == values_.end() ? 0 : at->second.value;
}

SinkCounts Counters::of_sink(std::int64_t sink) const {
  const auto waits = get(held(sink));
  return {get(above(sink)) + waits, waits, get(dead(sink)) + get(unparsed), 0};
}

void Counters::add(std::string_view name, std::int64_t delta) {
  if (delta != 0) set(name, get(name) + delta);
}

void Counters::set(std::string_view name, std::int64_t value) {
  auto at = values_.find(name);
  if (at == values_.end()) at = values_.emplace(std::string{name}, Value{}).first;
  at->second.value = value;
  at->second.changed = true;
}

}  // namespace mentiond::ledger
