// What the admin sides of both fakes (/_sim/) have in common: their plain answers, and the frames of /_sim/fault and
// /_sim/config. README.md has the language.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "fakes/fault_script.h"
#include "fakes/json_value.h"
#include "fakes/message.h"

namespace mentiond::fakes {

Answer text_answer(std::string text);
Answer done();
Answer mistake(std::string_view message);  // 400

// GET shows the rules, DELETE forgets them, anything else adds the body's.
Answer serve_faults(const Request& request, FaultScript& faults, std::initializer_list<std::string_view> acts,
                    const std::vector<std::string_view>& presets);

// GET shows the options; anything else sets the members of the body's object, all or none: `set(name, value)` on a
// copy, which `take_over(copy)` then makes the present ones.
template <class Options, class Set, class TakeOver>
Answer serve_config(const Request& request, const Options& options, Set set, TakeOver take_over) {
  if (request.method == "GET") return json_answer(200, options.to_json());
  const auto json = JsonValue::parse(request.body);
  if (!json || !json->is(JsonValue::Kind::object)) return mistake("the body must be a JSON object");
  Options changed = options;
  for (const auto& [name, value] : json->members()) {
    if (const Result<void> done = set(changed, name, value.text()); !done) return mistake(done.error().message);
  }
  take_over(changed);
  return json_answer(200, options.to_json());
}

}  // namespace mentiond::fakes
