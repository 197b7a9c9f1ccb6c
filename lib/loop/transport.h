// Transport: HttpRequest in, HttpReply or HttpFailure out. One Transport speaks to one service; lib/http has the real
// one, tests bring their own. On the event loop's thread; several requests may be under way at once.
#pragma once

#include "base/http_message.h"
#include "base/result.h"
#include "loop/task.h"

namespace mentiond {

class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  virtual Task<Result<HttpReply, HttpFailure>> send(HttpRequest request) = 0;
};

}  // namespace mentiond
