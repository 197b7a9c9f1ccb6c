// Name lookups of this test program: names under "hang.invalid" do not come back until released, as with a name server
// that is down; all others are the system's.
#pragma once

namespace mentiond::http {

class HangingLookups {
 public:
  HangingLookups();
  ~HangingLookups();  // releases all that hang
  HangingLookups(const HangingLookups&) = delete;
  HangingLookups& operator=(const HangingLookups&) = delete;
};

}  // namespace mentiond::http
