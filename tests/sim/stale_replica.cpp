// Pages of a replica of X that is behind: an edited post stands there in the version before, under that version's id.
#include <functional>
#include <map>

#include "base/json_writer.h"
#include "fakes/fault_script.h"
#include "fakes/json_value.h"
#include "sim/model_x.h"

namespace mentiond::sim {

namespace {

using fakes::JsonValue;

void replace(std::string& text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

std::string quoted(const std::string& text) {
  std::string out;
  JsonWriter{out}.text(text);
  return out;
}

// The item of a newer version made that of the older one: its id, its text, and a history that ends with it.
std::string as_before(const JsonValue& item, const Posts::Post& newer, const Posts::Post& older) {
  std::string json = fakes::to_json(item);
  const std::string id = quoted(newer.id.to_string());
  replace(json, "," + id + "]", "]");
  replace(json, id, quoted(older.id.to_string()));
  replace(json, quoted(item.text_at("text")), quoted(older.text));
  return json;
}

}  // namespace

std::string ModelX::from_stale_replica(const HttpRequest& request, const std::string& body) {
  const auto json = JsonValue::parse(body);
  const JsonValue* data = json ? json->find("data") : nullptr;
  const JsonValue* meta = json ? json->find("meta") : nullptr;
  if (data == nullptr || meta == nullptr) return body;
  const bool last = meta->text_at("next_token").empty();
  const TweetId lowest = TweetId::parse(last ? parameter(request, "since_id") : meta->text_at("oldest_id"))
                             .value_or(TweetId::at(x_now() - x_window));
  std::multimap<TweetId, std::string, std::greater<>> items;  // what has no id stays behind the one before it
  TweetId place{TweetId::max_value};
  bool changed = false;
  for (const auto& item : data->items()) {
    const auto id = TweetId::parse(item.text_at("id"));
    if (id) place = *id;
    const Posts::Post* newer = id ? posts_.find(*id) : nullptr;
    const Posts::Post* older = newer != nullptr && newer->good ? posts_.before(*newer) : nullptr;
    const bool shown = older != nullptr && older->id > lowest && posts_.matches(*older, parameter(request, "query"));
    changed = changed || shown;
    items.emplace(shown ? older->id : place, shown ? as_before(item, *newer, *older) : fakes::to_json(item));
  }
  if (!changed) return body;
  world_.note("a replica that is behind");
  std::string out = R"({"data":[)";
  for (const auto& [id, item] : items) out += (out.ends_with('[') ? "" : ",") + item;
  out += ']';
  for (const auto& [name, value] : json->members()) {
    if (name != "data") out += "," + quoted(name) + ":" + fakes::to_json(value);
  }
  return out + "}";
}

}  // namespace mentiond::sim
