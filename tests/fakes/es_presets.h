// The refusals of Elasticsearch, OpenSearch and what stands before them: each row of the two tables of
// elastic/facts.md, section 1, by name. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fakes/es_bulk.h"
#include "fakes/message.h"

namespace mentiond::fakes {

// Of single items.
std::vector<std::string_view> es_item_presets();
bool is_es_item_preset(std::string_view name);
// How the write would fail; the name must be one of es_item_presets().
BulkItem es_item_preset(std::string_view name, const EsWrite& write);

// Of whole requests.
std::vector<std::string_view> es_request_presets();
Answer es_request_preset(std::string_view name);

// {"error":{…},"status":n} as Elasticsearch words every refusal.
Answer es_error(const EsError& error);

}  // namespace mentiond::fakes
