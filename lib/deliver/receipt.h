// Between the words of elastic's BulkSender and those of the ledger, which know nothing of each other. Pure.
#pragma once

#include <vector>

#include "elastic/bulk_sender_step.h"
#include "ledger/row.h"

namespace mentiond::deliver {

ledger::Settlement to_settlement(const elastic::Receipt& receipt);
ledger::HeldGroup to_group(const elastic::HoldKey& key);
std::vector<elastic::HeldRows> to_held(const std::vector<ledger::HeldGroup>& groups);

}  // namespace mentiond::deliver
