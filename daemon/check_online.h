// `check --online`: asks each service what the daemon would ask it, prints what it learns on stdout, and changes
// nothing.
#pragma once

#include <string>

#include "config/config.h"
#include "daemon/exit_code.h"
#include "xapi/reply.h"

namespace mentiond {

// What an answer of X says to a person: how to leave, and in which words.
struct Finding {
  ExitCode code = ExitCode::done;
  std::string words;
};
Finding judge(const xapi::Answer& answer);
// The vocabulary to ask in first.
xapi::Vocabulary first_vocabulary(collect::VocabularyChoice choice);
// X refused the fields of that vocabulary, and the configuration lets us try the other one.
bool try_other_vocabulary(const config::Config& config, const xapi::Answer& answer, xapi::Vocabulary& vocabulary);

// One page of the least size for each query; X bills its posts. done, configuration (token or query refused) or
// unavailable.
ExitCode check_x(const config::Config& config);
// Product, version, privileges where that endpoint exists, and whether our index template can stand.
ExitCode check_elasticsearch(const config::Config& config);

}  // namespace mentiond
