// What the tests of the fakes share: a core with its clock, and the requests that they ask it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fakes/elasticsim.h"
#include "fakes/xsim.h"

namespace mentiond::fakes {

inline Time noon() { return *parse_iso8601("2026-10-05T12:00:00Z"); }

inline Request get(std::string target) {
  Request request;
  request.target = std::move(target);
  request.headers.add("Authorization", "Bearer t");
  return request;
}

inline Request post(std::string target, std::string body) {
  Request request = get(std::move(target));
  request.method = "POST";
  request.body = std::move(body);
  return request;
}

inline JsonValue json_of(const Answer& answer) { return JsonValue::parse(answer.body).value_or(JsonValue{}); }

// The fake X at noon, and a client that knows only its HTTP.
struct FakeX {
  explicit FakeX(const XOptions& options = {}) : sim(options, noon()) {}

  Answer ask(const std::string& parameters) { return sim.handle(get("/2/tweets/search/recent?" + parameters), now); }
  Answer admin(const std::string& path, const std::string& body) {
    return sim.handle(post("/_sim/" + path, body), now);
  }
  JsonValue state() { return json_of(sim.handle(get("/_sim/state"), now)); }
  // One post with this text now; its id.
  std::string add(const std::string& text) {
    return json_of(admin("add", R"({"posts":[{"text":")" + text + R"("}]})")).find("ids")->items()[0].text();
  }

  Time now = noon();
  XSim sim;
};

inline std::vector<std::string> ids_of(const Answer& answer) {
  std::vector<std::string> ids;
  const JsonValue page = json_of(answer);
  const JsonValue* data = page.find("data");
  for (const auto& post : data == nullptr ? std::vector<JsonValue>{} : data->items()) ids.push_back(post.text_at("id"));
  return ids;
}

inline std::string next_of(const Answer& answer) {
  const JsonValue page = json_of(answer);
  const JsonValue* meta = page.find("meta");
  return meta == nullptr ? "" : meta->text_at("next_token");
}

struct FakeElastic {
  explicit FakeElastic(const ElasticOptions& options = {}) : sim(options) {}

  Answer ask(const std::string& method, const std::string& target, const std::string& body = "") {
    Request request = post(target, body);
    request.method = method;
    request.headers.add("Content-Type", "application/x-ndjson");
    return sim.handle(request, noon());
  }
  Answer bulk(const std::string& body, const std::string& query = "") { return ask("POST", "/_bulk" + query, body); }
  Answer admin(const std::string& path, const std::string& body) {
    return sim.handle(post("/_sim/" + path, body), noon());
  }

  ElasticSim sim;
};

// One document as mentiond sends it.
inline std::string doc(const std::string& id, int version, const std::string& index = "cm_20261005",
                       const std::string& type = "external") {
  return R"({"index":{"_index":")" + index + R"(","_id":")" + id + R"(","version":)" + std::to_string(version) +
         R"(,"version_type":")" + type + "\"}}\n" + R"({"text":"t","cloud":["AWS","GCP"]})" + "\n";
}

inline int item_status(const Answer& answer, std::size_t place = 0) {
  const JsonValue json = json_of(answer);
  return static_cast<int>(
      json.find("items")->items().at(place).members().front().second.integer_at("status").value_or(0));
}

inline std::string item_error(const Answer& answer, const std::string& member, std::size_t place = 0) {
  const JsonValue json = json_of(answer);
  const JsonValue* error = json.find("items")->items().at(place).members().front().second.find("error");
  return error == nullptr ? "" : error->text_at(member);
}

}  // namespace mentiond::fakes
