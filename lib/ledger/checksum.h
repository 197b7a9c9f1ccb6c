// The checksum of a stored post: over what must not change unseen, the ids that name it and the bytes X sent. It leaves
// out the revision, with which a row may move. Internal to the room.
#pragma once

#include <cstdint>
#include <string_view>

#include "mention/tweet_id.h"

namespace mentiond::ledger {

std::uint32_t checksum(std::string_view bytes);
std::uint32_t checksum(TweetId root, TweetId tweet_id, std::string_view raw);

}  // namespace mentiond::ledger
