// The operator's options as the poller and the budget take them. Pure.
#pragma once

#include <optional>

#include "collect/options.h"
#include "xapi/poller.h"

namespace mentiond::collect {

xapi::PollerOptions poller_options(const Options& options, bool once);

// Nothing if X has a say.
std::optional<xapi::Vocabulary> fixed(VocabularyChoice choice);

xapi::BudgetLimits limits(const Budget& budget);

}  // namespace mentiond::collect
