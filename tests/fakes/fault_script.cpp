#include "fakes/fault_script.h"

#include <algorithm>

#include "base/json_writer.h"

namespace mentiond::fakes {
namespace {

void write(JsonWriter& json, const JsonValue& value) {
  switch (value.kind()) {
    case JsonValue::Kind::null:
      json.null();
      return;
    case JsonValue::Kind::boolean:
    case JsonValue::Kind::number:
      json.raw(value.text());
      return;
    case JsonValue::Kind::string:
      json.text(value.text());
      return;
    case JsonValue::Kind::array:
      json.begin_array();
      for (const auto& item : value.items()) write(json, item);
      json.end_array();
      return;
    case JsonValue::Kind::object:
      json.begin_object();
      for (const auto& [name, member] : value.members()) {
        json.key(name);
        write(json, member);
      }
      json.end_object();
  }
}

constexpr std::string_view rule_keys[] = {"match",    "do",    "preset", "status", "body", "headers", "after_bytes",
                                          "interval", "delay", "keep",   "item",   "type", "reason"};
constexpr std::string_view match_keys[] = {"request", "every", "from", "count", "next",   "query",
                                           "path",    "item",  "id",   "index", "percent"};

template <class Keys>
Result<void> only_known(const JsonValue& json, const Keys& keys) {
  for (const auto& [name, value] : json.members()) {
    if (std::ranges::find(keys, name) == std::end(keys)) return fail("unknown key in a fault rule: ", name);
  }
  return {};
}

Result<Fault> read_fault(const JsonValue& json) {
  Fault fault;
  fault.preset = json.text_at("preset");
  fault.act = json.text_at("do", fault.preset.empty() ? "" : "preset");
  fault.status = static_cast<int>(json.integer_at("status").value_or(0));
  if (const auto* body = json.find("body"))
    fault.body = body->is(JsonValue::Kind::string) ? body->text() : to_json(*body);
  if (const auto* headers = json.find("headers")) {
    for (const auto& [name, value] : headers->members()) fault.headers.emplace_back(name, value.text());
  }
  fault.after_bytes = static_cast<std::size_t>(json.integer_at("after_bytes").value_or(0));
  for (auto [name, target] : {std::pair{"interval", &fault.interval}, std::pair{"delay", &fault.delay}}) {
    if (json.find(name) == nullptr) continue;
    const auto duration = parse_duration(json.text_at(name));
    if (!duration) return fail(name, ": expected a duration such as 30s");
    *target = *duration;
  }
  fault.keep = static_cast<std::size_t>(json.integer_at("keep").value_or(0));
  fault.item = static_cast<std::size_t>(json.integer_at("item").value_or(0));
  fault.type = json.text_at("type");
  fault.reason = json.text_at("reason");
  return fault;
}

}  // namespace

std::string to_json(const JsonValue& value) {
  std::string out;
  JsonWriter json{out};
  write(json, value);
  return out;
}

Result<FaultScript::Rule> FaultScript::read(const JsonValue& json, std::initializer_list<std::string_view> acts,
                                            const std::vector<std::string_view>& presets) {
  if (!json.is(JsonValue::Kind::object)) return fail("a fault rule is a JSON object");
  if (auto known = only_known(json, rule_keys); !known) return known.error();
  auto fault = read_fault(json);
  if (!fault) return fault.error();
  Rule rule;
  rule.fault = std::move(*fault);
  if (rule.fault.act != "preset" && std::ranges::find(acts, rule.fault.act) == acts.end()) {
    return fail("unknown \"do\": ", rule.fault.act);
  }
  if (!rule.fault.preset.empty() && std::ranges::find(presets, rule.fault.preset) == presets.end()) {
    return fail("unknown preset: ", rule.fault.preset);
  }
  if (const auto* match = json.find("match")) {
    if (auto known = only_known(*match, match_keys); !known) return known.error();
    rule.request = match->integer_at("request");
    rule.every = match->integer_at("every");
    rule.from = match->integer_at("from");
    rule.next = match->integer_at("next");
    rule.percent = match->integer_at("percent");
    rule.count = match->integer_at("count").value_or(0);
    rule.query = match->text_at("query");
    rule.path = match->text_at("path");
    rule.id = match->text_at("id");
    rule.index = match->text_at("index");
    if (const auto item = match->integer_at("item")) rule.item = static_cast<std::size_t>(*item);
  }
  rule.json = fakes::to_json(json);
  return rule;
}

Result<void> FaultScript::add(const JsonValue& json, std::initializer_list<std::string_view> acts,
                              const std::vector<std::string_view>& presets) {
  std::vector<Rule> added;
  const auto take = [&](const JsonValue& one) -> Result<void> {
    auto rule = read(one, acts, presets);
    if (!rule) return rule.error();
    added.push_back(std::move(*rule));
    return {};
  };
  if (json.is(JsonValue::Kind::array)) {
    for (const auto& one : json.items()) {
      if (auto taken = take(one); !taken) return taken;
    }
  } else if (auto taken = take(json); !taken) {
    return taken;
  }
  rules_.insert(rules_.end(), std::make_move_iterator(added.begin()), std::make_move_iterator(added.end()));
  return {};
}

namespace {

// The same for the same occasion of every run. https://prng.di.unimi.it/splitmix64.c
std::int64_t dice_of_a_hundred(const Occasion& occasion) {
  std::uint64_t z =
      (static_cast<std::uint64_t>(occasion.number) << 32U | occasion.item.value_or(0)) + 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111eb;
  return static_cast<std::int64_t>((z ^ (z >> 31U)) % 100);
}

}  // namespace

bool FaultScript::Rule::matches(const Occasion& occasion) const {
  if (path.empty() != occasion.path.empty() || occasion.path.find(path) == std::string_view::npos) return false;
  if (request && occasion.number != *request) return false;
  if (every && occasion.number % std::max<std::int64_t>(*every, 1) != 0) return false;
  if (from && (occasion.number < *from || (count > 0 && occasion.number >= *from + count))) return false;
  if (next && hits >= *next) return false;
  if (percent && dice_of_a_hundred(occasion) >= *percent) return false;
  if (occasion.query.find(query) == std::string_view::npos) return false;
  if (item && occasion.item && *item != *occasion.item) return false;
  if (!id.empty() && std::ranges::find(occasion.ids, id) == occasion.ids.end()) return false;
  return index.empty() || std::ranges::find(occasion.indices, index) != occasion.indices.end();
}

std::int64_t FaultScript::hits() const {
  std::int64_t sum = 0;
  for (const auto& rule : rules_) sum += rule.hits;
  return sum;
}

std::string FaultScript::to_json() const {
  std::string out;
  JsonWriter json{out};
  json.begin_array();
  for (const auto& rule : rules_)
    json.begin_object().key("rule").raw(rule.json).key("hits").number(rule.hits).end_object();
  json.end_array();
  return out;
}

bool deliver_badly(const Fault& fault, Answer& answer) {
  using Kind = Delivery::Kind;
  constexpr std::pair<std::string_view, Kind> kinds[] = {
      {"cut", Kind::cut},     {"stall", Kind::stall}, {"reset", Kind::reset},     {"slow", Kind::slow},
      {"delay", Kind::whole}, {"close", Kind::close}, {"hang_up", Kind::hang_up},
  };
  for (const auto& [name, kind] : kinds) {
    if (fault.act != name) continue;
    answer.delivery = {.kind = kind, .after_bytes = fault.after_bytes, .pause = fault.interval, .delay = fault.delay};
    return true;
  }
  return false;
}

}  // namespace mentiond::fakes
