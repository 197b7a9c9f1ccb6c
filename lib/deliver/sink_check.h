// SinkCheck looks at who answers on the other end and sees to the index template: what has to stand before the first
// bulk. Performs requests; what their answers mean is said by elastic. On the event loop's thread.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/http_message.h"
#include "base/result.h"
#include "deliver/options.h"
#include "elastic/auth.h"
#include "elastic/bulk_sender_step.h"
#include "elastic/cluster_info.h"
#include "elastic/index_name.h"
#include "elastic/index_template.h"
#include "loop/task.h"

namespace mentiond::deliver {

class SinkCheck {
 public:
  using Send = std::function<Task<Result<HttpReply, HttpFailure>>(HttpRequest)>;

  struct Outcome {
    // Nothing: all is well. Never `Ready`: which sink of the ledger this is, the caller finds out.
    std::optional<elastic::CheckOutcome> trouble;
    elastic::ClusterInfo info;
    enum class Template : std::uint8_t { untouched, installed, replaced } index_template = Template::untouched;
  };

  // One at a time. `authorization` is the whole header's value.
  static Task<Outcome> run(Send send, const elastic::IndexPattern& pattern, TemplateChoice choice,
                           elastic::Authorization authorization);
};

// The types of the faults that a template can pause the sink with; `denied` also where the right to install is missing.
namespace template_fault {
constexpr const char* foreign = "foreign_template";
constexpr const char* absent = "absent_template";
constexpr const char* denied = "template_denied";
}  // namespace template_fault

}  // namespace mentiond::deliver
