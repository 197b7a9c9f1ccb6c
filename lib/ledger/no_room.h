// Whether a system call failed for want of room: also of inodes or quota, which a file that is not there yet may lack
// while the disk has bytes to spare. Passes by itself once somebody makes room. Internal to the room.
#pragma once

#include <cerrno>

namespace mentiond::ledger {

inline constexpr const char* room_wanted =
    "make room on its disk, or raise the quota or the limit on file sizes (inodes count as well)";

inline bool is_no_room(int error) { return error == ENOSPC || error == EDQUOT; }

}  // namespace mentiond::ledger
