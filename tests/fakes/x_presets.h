// The answers of X that are no page: every error body of x-api/facts.md, section 2, and what edges and proxies send
// instead. By name, as POST /_sim/fault and the tests know them. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "fakes/message.h"

namespace mentiond::fakes {

std::vector<std::string_view> x_presets();
// `now` dates the bodies that name a day. The name must be one of x_presets().
Answer x_preset(std::string_view name, Time now);

enum class ErrorShape : std::uint8_t {
  nested,  // errors[].parameters + message: what is live
  flat,    // type, title, detail, status, parameter, value: 2.167
};
// The 400 for one parameter.
Answer invalid_request(ErrorShape shape, std::string_view parameter, std::string_view value, std::string_view message);

}  // namespace mentiond::fakes
