#include "sim/model_elastic.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/base64.h"
#include "fakes/es_bulk.h"
#include "fakes/json_value.h"

namespace mentiond::sim {

using namespace std::chrono_literals;

namespace {

using Kind = HttpFailure::Kind;

fakes::ElasticOptions options_of(const Plan& plan) {
  fakes::ElasticOptions options;
  if (!options.set("mode", plan.mode)) throw std::runtime_error("no such mode: " + plan.mode);
  options.uuid = "cluster-0";
  options.max_shards = 100'000;
  return options;
}

fakes::Request to_fake(const HttpRequest& request) {
  fakes::Request out;
  out.method = request.method;
  out.target = request.target;
  out.headers = request.headers;
  out.body = request.body;
  return out;
}

bool is_bulk(const fakes::Request& request) { return request.target.starts_with("/_bulk"); }

}  // namespace

ModelElastic::ModelElastic(World& world, const Plan& plan)
    : world_(world), plan_(plan), core_(options_of(plan)), key_("id:SECRETe" + std::to_string(world.chance.next())) {
  mend();
}

void ModelElastic::admin(const char* path, const std::string& body, const char* method) {
  fakes::Request request;
  request.method = method;
  request.target = path;
  request.body = body;
  request.headers.add("Authorization", "ApiKey " + base64_encode(key_));
  const auto answer = core_.handle(request, world_.now());
  if (answer.status != 200) world_.fail("the fake Elasticsearch takes no " + std::string{path} + " " + body);
}

void ModelElastic::set_indices(const char* change, const std::string& body) {
  std::vector<std::string> names;
  for (const auto& [name, index] : core_.cluster().indices()) names.push_back(name);
  const bool all = body.empty() || world_.chance.below(3) == 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!all && i + 3 < names.size()) continue;
    const std::string path = "/" + names[i] + change;
    admin(path.c_str(), body, body.empty() ? "POST" : "PUT");
  }
}

void ModelElastic::mend() {
  weather_ = Weather::calm;
  key_file_ = "ApiKey " + base64_encode(key_);
  admin("/_sim/config", R"({"api_key":")" + key_ +
                            R"(","privileges":"all","max_shards":"100000","auto_create":"true","flood_stage":"false",)"
                            R"("create_blocked":"false","max_content":"100000000"})");
  for (const auto& [name, index] : core_.cluster().indices()) {
    if (index.closed) admin(("/" + name + "/_open").c_str(), "");
    if (index.block_write) admin(("/" + name + "/_settings").c_str(), R"({"index.blocks.write":false})", "PUT");
  }
  const auto& templates = core_.cluster().templates();
  const auto ours = templates.find("cloud_marketplace_data");
  if (ours != templates.end() && ours->second.find("mentiond") == std::string::npos) {
    admin("/_index_template/cloud_marketplace_data", "", "DELETE");
  }
  weather_rules_.clear();
  rules_changed_ = true;
}

void ModelElastic::turn(Weather weather) {
  mend();
  weather_ = weather;
  Chance& chance = world_.chance;
  switch (weather) {
    case Weather::refused:
      key_ = "id:SECRETe" + std::to_string(chance.next());
      return admin("/_sim/config", R"({"api_key":")" + key_ + "\"}");
    case Weather::forbidden:
      return admin("/_sim/config",
                   R"({"privileges":")" + std::string{chance.below(2) == 0 ? "none" : "create_doc"} + "\"}");
    case Weather::shard_limit:
      return admin("/_sim/config", R"({"max_shards":"1"})");
    case Weather::flood:
      return admin("/_sim/config", R"({"flood_stage":"true"})");
    case Weather::no_creation:
      return admin("/_sim/config",
                   chance.below(2) == 0 ? R"({"auto_create":"false"})" : R"({"create_blocked":"true"})");
    case Weather::no_template:
      return admin("/_sim/config", R"({"privileges":"no_template"})");
    case Weather::foreign_template:
      return admin("/_index_template/cloud_marketplace_data",
                   R"({"index_patterns":["cloud_marketplace_data_*"],"priority":500,"template":{}})", "PUT");
    case Weather::small_bodies:
      return admin("/_sim/config", R"({"max_content":"20000"})");
    case Weather::read_only:
      return set_indices("/_settings", R"({"index.blocks.write":true})");
    case Weather::closed:
      return set_indices("/_close", "");
    case Weather::drift:
      weather_rules_ = R"({"preset":"document_parsing"})";
      rules_changed_ = true;
      return;
    case Weather::unavailable:
      weather_rules_ = R"({"preset":"unavailable_shards"})";
      rules_changed_ = true;
      return;
    default:
      return;
  }
}

void ModelElastic::replace() {
  uuid_ = "cluster-" + std::to_string(++clusters_);
  admin("/_sim/replace", "{}");
  admin("/_sim/config", R"({"uuid":")" + uuid_ + "\"}");
  connected_ = false;
}

std::optional<ModelElastic::Lost> ModelElastic::lose_index() {
  const auto& indices = core_.cluster().indices();
  if (indices.empty() || weather_ != Weather::calm) return std::nullopt;
  const auto at = std::next(indices.begin(), static_cast<std::ptrdiff_t>(world_.chance.below(indices.size())));
  const std::string name = at->first;
  if (at->second.documents.empty()) return std::nullopt;
  const Time day = std::chrono::floor<std::chrono::days>(TweetId::parse(at->second.documents.begin()->first)->time());
  world_.note("somebody deletes " + name);
  admin(("/" + name).c_str(), "", "DELETE");
  return Lost{TweetId::at(day), TweetId::at(day + std::chrono::days{1})};
}

void ModelElastic::poison(TweetId root) {
  constexpr std::array presets{"document_parsing", "mapper_parsing", "strict_mapping", "immense_term", "bad_request"};
  poison_[root.to_string()] = world_.chance.one_of(presets);
  rules_changed_ = true;
}

void ModelElastic::set_rules(const std::string& first) {
  if (first.empty() && !rules_changed_) return;
  admin("/_sim/fault", "", "DELETE");
  std::string rules = first;
  const auto add = [&rules](const std::string& rule) { rules += (rules.empty() ? "" : ",") + rule; };
  // Where nothing is accepted, not even a canary, two of them would be asked about for as long as that lasts.
  const std::string tame = weather_ == Weather::drift ? "document_parsing" : "";
  for (const auto& [id, preset] : poison_) {
    add(R"({"match":{"id":")" + id + R"("},"preset":")" + (tame.empty() ? preset : tame) + "\"}");
  }
  if (!weather_rules_.empty()) add(weather_rules_);
  if (!rules.empty()) admin("/_sim/fault", "[" + rules + "]");
  rules_changed_ = !first.empty();
}

ModelElastic::Trouble ModelElastic::draw_trouble() {
  Chance& chance = world_.chance;
  if (world_.quiet) return Trouble::none;
  switch (weather_) {
    case Weather::down:
      return Trouble::unreachable;
    case Weather::overloaded:
      return chance.below(3) == 0 ? Trouble::some_items : Trouble::refuses;
    case Weather::proxy:
      return Trouble::refuses;
    default:
      break;
  }
  if (!chance.happens(weather_ == Weather::flaky ? 0.5 : plan_.sink_flaky)) return Trouble::none;
  return static_cast<Trouble>(chance.between(1, static_cast<std::int64_t>(Trouble::slow)));
}

bool ModelElastic::bears_bad_request() const {
  if (weather_ == Weather::drift) return false;
  return std::ranges::any_of(bulk_, [this](const Line& line) {
    const auto poison = poison_.find(line.id);
    return poison != poison_.end() && poison->second == "bad_request";
  });
}

fakes::Answer ModelElastic::apply(const fakes::Request& request) {
  fakes::Answer answer = core_.handle(request, world_.now());
  if (is_bulk(request)) remember_outcome(answer);
  return answer;
}

fakes::Answer ModelElastic::handle(const fakes::Request& request, Trouble trouble) {
  Chance& chance = world_.chance;
  constexpr std::array overloaded{"bulk_rejected", "too_many_retry_after"};
  constexpr std::array proxies{"html_502",     "html_503", "html_504", "timeout_408",
                               "redirect_302", "ok_html",  "ok_empty"};
  constexpr std::array items{"rejected",    "circuit_breaking", "cluster_event_timeout", "master_not_discovered",
                             "node_closed", "null_pointer",     "unavailable_shards"};
  const auto rule = [](const std::string& act) { return R"({"match":{"next":1},"do":")" + act + "\"}"; };
  const auto preset = [](const std::string& name) { return R"({"match":{"next":1},"preset":")" + name + "\"}"; };
  std::string first;
  switch (trouble) {
    case Trouble::refuses:
      first = preset(weather_ == Weather::overloaded ? chance.one_of(overloaded) : chance.one_of(proxies));
      break;
    case Trouble::half:
      first = rule("half_then");
      break;
    case Trouble::short_items:
      first = rule("short_items");
      break;
    case Trouble::long_items:
      first = rule("long_items");
      break;
    case Trouble::swapped_op:
      first = rule("swapped_op");
      break;
    case Trouble::no_items:
      first = rule("no_items");
      break;
    case Trouble::some_items:
      first =
          R"({"match":{"item":)" + std::to_string(chance.below(4)) + R"(},"preset":")" + chance.one_of(items) + "\"}";
      break;
    default:
      break;
  }
  if (!is_bulk(request) && trouble == Trouble::refuses) {
    // Rules without a path are for bulks alone.
    first = R"({"match":{"path":"/"},"preset":")" + std::string{chance.one_of(proxies)} + "\"}";
  }
  // A document that takes its request with it does so always: the first rule that fits a bulk is the only one.
  const bool refused = is_bulk(request) && trouble != Trouble::refuses && bears_bad_request();
  set_rules(refused ? "" : first);
  if (trouble == Trouble::twice) apply(request);
  fakes::Answer answer = apply(request);
  if (rules_changed_) set_rules("");  // what the operator does meanwhile must not meet this trouble
  return answer;
}

void ModelElastic::apply_late_bulks() {
  const auto due = [this](const LateBulk& bulk) { return bulk.due <= world_.now(); };
  std::vector<LateBulk> now;
  std::ranges::copy_if(late_, std::back_inserter(now), due);
  std::erase_if(late_, due);
  while (!now.empty()) {
    const auto at = now.begin() + static_cast<std::ptrdiff_t>(world_.chance.below(now.size()));
    if (at->cluster == uuid_) {
      world_.note("a bulk arrives that nobody waits for");
      set_rules("");
      const auto present = std::exchange(bulk_, lines(at->request.body));
      apply(at->request);
      bulk_ = present;
    }
    now.erase(at);
  }
}

Task<Result<HttpReply, HttpFailure>> ModelElastic::send(HttpRequest wanted) {
  Chance& chance = world_.chance;
  const fakes::Request request = to_fake(wanted);
  world_.dies("before " + request.path());
  if (wanted.same_connection && (!connected_ || chance.below(30) == 0)) {
    connected_ = false;
    co_await world_.pass(1ms);
    co_return HttpFailure{Kind::no_connection, "the connection is gone"};
  }
  if (is_bulk(request)) {
    bulk_ = lines(request.body);
    watch(bulk_);
  }
  const std::string connected_to = uuid_;
  const Trouble trouble = draw_trouble();
  co_await world_.pass(chance.up_to(trouble == Trouble::slow ? 28s : 100ms));
  // No connection outlasts the cluster at its other end.
  if (wanted.same_connection && connected_to != uuid_) {
    world_.note("the connection ended with its cluster");
    co_return HttpFailure{Kind::no_connection, "the connection is gone"};
  }
  const std::string answering = uuid_;
  if (trouble == Trouble::unreachable || trouble == Trouble::unreachable_late) {
    if (trouble == Trouble::unreachable_late) co_await world_.pass(20s);
    connected_ = false;
    world_.note("the sink is not reached");
    co_return HttpFailure{Kind::connect, "connection refused"};
  }
  apply_late_bulks();
  if (trouble == Trouble::late && is_bulk(request)) {
    late_.push_back({request, world_.now() + chance.about(3min), uuid_});
    co_await world_.pass(wanted.timeout);
    connected_ = false;
    co_return HttpFailure{Kind::timeout, "no answer in time"};
  }
  fakes::Answer answer = handle(request, trouble);
  const std::string what =
      is_bulk(request) ? std::to_string(bulk_.size()) + " from " + bulk_.front().id : request.path();
  world_.note("sink " + std::to_string(answer.status) + " for " + what + ", trouble " +
              std::to_string(static_cast<int>(trouble)) + ", weather " + std::to_string(static_cast<int>(weather_)));
  if (world_.dies("after " + request.path())) co_await world_.pass(0ms);
  if (trouble == Trouble::lost || trouble == Trouble::cut) {
    connected_ = false;
    const Millis waited = trouble == Trouble::lost ? wanted.timeout : 30ms;
    co_await world_.pass(waited);
    co_return HttpFailure{trouble == Trouble::lost ? Kind::timeout : Kind::cut, "no whole answer"};
  }
  co_await world_.pass(chance.up_to(trouble == Trouble::slow ? 28s : 100ms));
  connected_ = answering == uuid_;
  HttpReply reply;
  reply.status = answer.status;
  reply.headers = std::move(answer.headers);
  reply.body = std::move(answer.body);
  co_return reply;
}

}  // namespace mentiond::sim
