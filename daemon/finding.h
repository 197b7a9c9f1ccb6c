// What the answers of a service say to a person. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "base/http_message.h"
#include "collect/options.h"
#include "daemon/exit_code.h"
#include "deliver/options.h"
#include "elastic/index_name.h"
#include "elastic/index_template.h"
#include "xapi/reply.h"

namespace mentiond {

// How to leave, and in which words.
struct Finding {
  ExitCode code = ExitCode::done;
  std::string words;
};
Finding judge(const xapi::Answer& answer);

// Elasticsearch's. `address`: where it was asked.
Finding unanswered(const HttpFailure& failure);
Finding judge_cluster(const HttpReply& reply, const std::string& address);
Finding judge_privileges(const HttpReply& reply, const elastic::IndexPattern& pattern, bool installs_template);
Finding judge_template(elastic::TemplateState state, const elastic::IndexPattern& pattern,
                       deliver::TemplateChoice choice);
// Of the template that is to be installed where there is none.
Finding judge_simulation(const HttpReply& reply, const elastic::IndexPattern& pattern);

// Of two findings' exit codes: what a person has to mend weighs more than what may pass, and both more than `done`.
ExitCode worse(ExitCode one, ExitCode other);

// What so many reads cost at most: a re-read within the UTC day is free.
double cost_usd(const collect::Budget& prices, std::int64_t posts, std::int64_t users);

}  // namespace mentiond
