#include "deliver/receipt.h"

namespace mentiond::deliver {

ledger::Settlement to_settlement(const elastic::Receipt& receipt) {
  ledger::Settlement settlement;
  settlement.position = receipt.position;
  settlement.delivered = receipt.delivered;
  settlement.delivered_at = receipt.delivered_at;
  settlement.redelivered = receipt.redelivered;
  settlement.set_aside.reserve(receipt.set_aside.size());
  for (const elastic::AsideRow& row : receipt.set_aside) {
    ledger::SetAside entry;
    entry.root = row.key.root;
    entry.revision = row.key.revision;
    entry.state = row.hold ? ledger::SetAside::State::held : ledger::SetAside::State::dead;
    entry.index = row.index;
    entry.hold = row.hold;
    entry.fault = row.fault;
    entry.since = row.since;
    settlement.set_aside.push_back(std::move(entry));
  }
  return settlement;
}

ledger::HeldGroup to_group(const elastic::HoldKey& key) {
  ledger::HeldGroup group;
  group.index = key.index;
  group.hold = key.why;
  group.fault_type = key.fault_type;
  return group;
}

std::vector<elastic::HeldRows> to_held(const std::vector<ledger::HeldGroup>& groups) {
  std::vector<elastic::HeldRows> held;
  for (const ledger::HeldGroup& group : groups) {
    const bool drift = group.hold == elastic::HoldReason::drift;
    elastic::HeldRows rows;
    rows.key = {drift ? std::string{} : group.index, group.hold, drift ? group.fault_type : std::string{}};
    rows.since = group.since;
    held.push_back(std::move(rows));
  }
  return held;
}

}  // namespace mentiond::deliver
