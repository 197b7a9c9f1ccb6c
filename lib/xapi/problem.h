// Problem: what X says in the body of an error answer, in any of its shapes: flat ({type, title, detail, parameter}),
// nested
// ({errors: [{parameters: {name: [...]}, message}]}), and the old {errors: [{code, message}]}. Pure; any thread.
// https://docs.x.com/x-api/fundamentals/response-codes-and-errors
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace mentiond::xapi {

// A parameter of ours that X objects to, with its words. `parameter` is empty where X names none.
struct Complaint {
  std::string parameter;
  std::string message;
};

struct Problem {
  std::vector<std::string> kinds;  // titles, and the last path segments of the type URIs (their hosts differ)
  std::string title;
  std::string detail;
  std::optional<Day> reset_date;
  std::vector<Complaint> complaints;

  // Is `kind` among the titles and types, compared without case?
  [[nodiscard]] bool is(std::string_view kind) const;
  // Title and detail for a log line: short, one line, nothing in it that looks like a token.
  [[nodiscard]] std::string summary() const;
};

// Nothing if the body is no JSON object. Bodies beyond 1 MiB are no error answers of X.
std::optional<Problem> read_problem(std::string_view body);

// Words of a stranger made fit for a log: control characters become blanks, runs of 40 characters and more that could
// be a token become ***, and what is beyond 300 bytes is cut.
std::string fit_for_log(std::string_view words);

}  // namespace mentiond::xapi
