#include "fakes/sim_admin.h"

#include <utility>

#include "base/json_writer.h"

namespace mentiond::fakes {

Answer text_answer(std::string text) {
  Answer answer;
  answer.headers.add("Content-Type", "text/plain; charset=utf-8");
  answer.body = std::move(text);
  return answer;
}

Answer done() { return json_answer(200, R"({"ok":true})"); }

Answer mistake(std::string_view message) {
  std::string body;
  JsonWriter{body}.begin_object().key("error").text(message).end_object();
  return json_answer(400, std::move(body));
}

Answer serve_faults(const Request& request, FaultScript& faults, std::initializer_list<std::string_view> acts,
                    const std::vector<std::string_view>& presets) {
  if (request.method == "GET") return json_answer(200, faults.to_json());
  if (request.method == "DELETE") {
    faults.clear();
    return done();
  }
  const auto json = JsonValue::parse(request.body);
  if (!json) return mistake("the body must be a fault rule or an array of them");
  const auto added = faults.add(*json, acts, presets);
  return added ? done() : mistake(added.error().message);
}

}  // namespace mentiond::fakes
