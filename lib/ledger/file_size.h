// The size of a file in bytes; 0 where there is none. Internal to the room.
#pragma once

#include <cstdint>
#include <string>

namespace mentiond::ledger {

std::int64_t file_size(const std::string& path);

}  // namespace mentiond::ledger
