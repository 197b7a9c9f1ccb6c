// FaultScript: which requests (or items) of a fake go wrong, and how. Filled through POST /_sim/fault; README.md has
// the language. Pure; belongs to its core.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "fakes/json_value.h"
#include "fakes/message.h"

namespace mentiond::fakes {

// What is to happen. `act` is the "do" of the rule, or "preset"; the rest are its parameters.
struct Fault {
  std::string act;
  std::string preset;
  int status = 0;  // 0: the act's own default
  std::optional<std::string> body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::size_t after_bytes = 0;
  Millis interval{1};
  Millis delay{0};
  std::size_t keep = 0;
  std::size_t item = 0;
  std::string type, reason;

  // The name for the request log.
  [[nodiscard]] const std::string& name() const { return preset.empty() ? act : preset; }
};

// What a rule is held against. The texts are empty where the fake has no such thing.
struct Occasion {
  std::int64_t number = 0;  // of the request, from 1
  std::string_view query;   // xsim
  std::string_view path;    // elasticsim, requests that are no bulk
  std::optional<std::size_t> item;
  std::vector<std::string_view> ids, indices;  // of the item, or of all items of the bulk
};

class FaultScript {
 public:
  // Reads one rule or an array of rules. Names the first mistake and adds nothing then.
  Result<void> add(const JsonValue& json, std::initializer_list<std::string_view> acts,
                   const std::vector<std::string_view>& presets);
  void clear() { rules_.clear(); }
  // The first rule that matches, among those that `wanted` accepts; counts a hit. Valid until add() or clear().
  template <class Wanted>
  const Fault* pick(const Occasion& occasion, Wanted wanted) {
    for (Rule& rule : rules_) {
      if (!wanted(rule.fault) || !rule.matches(occasion)) continue;
      ++rule.hits;
      return &rule.fault;
    }
    return nullptr;
  }
  [[nodiscard]] bool empty() const { return rules_.empty(); }
  [[nodiscard]] std::int64_t hits() const;
  [[nodiscard]] std::string to_json() const;

 private:
  struct Rule {
    std::optional<std::int64_t> request, every, from, next, percent;
    std::int64_t count = 0;  // with `from`; 0 = for ever
    std::string query, path, id, index;
    std::optional<std::size_t> item;
    Fault fault;
    std::string json;  // as it was given
    std::int64_t hits = 0;

    [[nodiscard]] bool matches(const Occasion& occasion) const;
  };
  static Result<Rule> read(const JsonValue& json, std::initializer_list<std::string_view> acts,
                           const std::vector<std::string_view>& presets);

  std::vector<Rule> rules_;
};

// True, with the answer's delivery set, if the fault is one of the wire: cut stall reset slow delay close hang_up.
bool deliver_badly(const Fault& fault, Answer& answer);
// JSON again, compact, numbers as they were written.
std::string to_json(const JsonValue& value);

}  // namespace mentiond::fakes
