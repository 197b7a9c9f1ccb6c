#include "sim/model_x.h"

#include <algorithm>
#include <array>
#include <limits>

#include "fakes/fault_script.h"
#include "fakes/json_value.h"
#include "xapi/throttle.h"

namespace mentiond::sim {

using namespace std::chrono_literals;

namespace {

using Kind = HttpFailure::Kind;

// A first page without posts has not moved on: what comes in the meantime still lies before its token.
constexpr std::uint64_t no_bound = std::numeric_limits<std::uint64_t>::max();

fakes::XOptions x_options(const Plan& plan) {
  fakes::XOptions options;
  options.live = 0;
  options.noise = 0;
  options.rate_limit = plan.rate_limit;
  options.token_ttl = plan.token_ttl;
  options.short_pages = plan.short_pages;
  options.clock_offset = plan.x_clock_offset;
  options.error_shape = plan.flat_errors ? fakes::ErrorShape::flat : fakes::ErrorShape::nested;
  return options;
}

std::uint64_t number(const std::string& digits) { return TweetId::parse(digits).value_or(TweetId{}).value(); }

}  // namespace

std::string ModelX::parameter(const HttpRequest& request, std::string_view name) {
  fakes::Request asked;
  asked.target = request.target;
  return fakes::find(asked.query(), name).value_or("");
}

ModelX::ModelX(World& world, const Plan& plan, Oracle& oracle)
    : world_(world),
      plan_(plan),
      oracle_(oracle),
      core_(x_options(plan), world.now()),
      posts_(world, core_, plan),
      token_("SECRETx" + std::to_string(world.chance.next())),
      token_file_(token_) {
  mend();
}

void ModelX::configure(const std::string& json) {
  fakes::Request request;
  request.method = "POST";
  request.target = "/_sim/config";
  request.body = json;
  if (core_.handle(request, world_.now()).status != 200) world_.fail("the fake X takes no " + json);
}

void ModelX::mend() {
  weather_ = Weather::calm;
  token_file_ = token_;
  configure(R"({"token":")" + token_ + R"(","reject_query":"","vocabulary":")" + plan_.vocabulary +
            R"(","rate_limit":")" + std::to_string(plan_.rate_limit) + R"("})");
}

void ModelX::turn(Weather weather) {
  mend();
  weather_ = weather;
  Chance& chance = world_.chance;
  if (weather == Weather::refused) {
    token_ = "SECRETx" + std::to_string(chance.next());  // the operator will hear of it
    configure(R"({"token":")" + token_ + "\"}");
  }
  if (weather == Weather::limited) configure(R"({"rate_limit":"2"})");
  if (weather == Weather::renamed)
    configure(chance.below(2) == 0 ? R"({"vocabulary":"post"})" : R"({"vocabulary":"tweet"})");
  if (weather == Weather::rejects) configure(R"({"reject_query":"Azure"})");
}

ModelX::Trouble ModelX::draw_flaky(const HttpRequest& request) {
  using enum Trouble::Kind;
  Chance& chance = world_.chance;
  constexpr std::array presets{
      "html_503",  "internal_500",      "bad_gateway_502", "gateway_timeout_504",     "timeout_408",  "ok_html",
      "ok_empty",  "ok_empty_object",   "ok_array",        "ok_broken_json",          "ok_no_meta",   "html_429",
      "empty_404", "rate_limited_bare", "redirect_302",    "too_many_with_remaining", "rate_limited", "stale_since_id"};
  constexpr std::array pages{"short_page", "wrong_count", "partial_errors", "no_rate_headers", "no_fields", "no_date"};
  // Where X's dates can be trusted, there is one.
  const std::size_t some_pages = pages.size() - (plan_.strange_dates ? 0 : 1);
  switch (chance.below(8)) {
    case 0:
      return {unreachable, ""};
    case 1:
      return {lost, ""};
    case 2:
      return {cut, ""};
    case 3:
    case 4:
      return {page, pages.at(chance.below(some_pages))};
    default:
      break;
  }
  if (chance.below(10) == 0) return {preset, "invalid_query_nested"};
  if (chance.below(4) == 0 && !parameter(request, "next_token").empty()) return {preset, "invalid_next_token"};
  return {preset, chance.one_of(presets)};
}

ModelX::Trouble ModelX::draw_trouble(const HttpRequest& request) {
  using enum Trouble::Kind;
  Chance& chance = world_.chance;
  constexpr std::array down{"html_503", "internal_500", "bad_gateway_502", "gateway_timeout_504"};
  constexpr std::array caps{"usage_capped", "credits_old", "credits_new", "spend_cap"};
  if (world_.quiet) return {};
  switch (weather_) {
    case Weather::down:
      return chance.below(3) == 0 ? Trouble{unreachable, ""} : Trouble{preset, chance.one_of(down)};
    case Weather::capped:
      return {preset, chance.one_of(caps)};
    case Weather::forbidden:
      return {preset, chance.below(2) == 0 ? "client_forbidden" : "forbidden"};
    case Weather::flaky:
      return chance.happens(0.5) ? draw_flaky(request) : Trouble{};
    default:
      return chance.happens(plan_.x_flaky) ? draw_flaky(request) : Trouble{};
  }
}

fakes::Answer ModelX::handle(const HttpRequest& request, const Trouble& trouble) {
  if (trouble.kind == Trouble::Kind::preset) {
    fakes::Answer answer = fakes::x_preset(trouble.name, x_now());
    answer.headers.add("Date", to_http_date(x_now()));
    return answer;
  }
  fakes::Request asked;
  asked.method = request.method;
  asked.target = request.target;
  asked.headers = request.headers;
  if (trouble.kind != Trouble::Kind::page) return core_.handle(asked, world_.now());
  fakes::Request rule;
  rule.method = "POST";
  rule.target = "/_sim/fault";
  rule.body = R"({"do":")" + trouble.name + R"(","keep":)" + std::to_string(world_.chance.below(4)) + "}";
  core_.handle(rule, world_.now());
  fakes::Answer answer = core_.handle(asked, world_.now());
  rule.method = "DELETE";
  core_.handle(rule, world_.now());
  return answer;
}

// After a start nothing tells two clocks that are wrong and agree from two that are right: a date from more than a day
// ahead, borne out by ours, takes a quiet query's cursor along.
bool ModelX::is_borne_out(Time date) const {
  return date - xapi::Throttle::longest_doubt > x_now() &&
         date - xapi::Throttle::longest_doubt <= world_.clock->now().wall;
}

HttpReply ModelX::to_reply(fakes::Answer answer) {
  Chance& chance = world_.chance;
  // A wrong date stands alone: what two in a row say is X's time.
  const bool strange = plan_.strange_dates && !world_.quiet && !strange_before_ && chance.below(12) == 0;
  strange_before_ = strange;
  HttpReply reply;
  reply.status = answer.status;
  reply.body = std::move(answer.body);
  for (const auto& [name, value] : answer.headers) {
    if (name != "Date" || !strange) {
      reply.headers.add(name, value);
    } else if (chance.below(3) != 0) {
      const Millis off = chance.below(2) == 0 ? chance.about(20min) : chance.about(10 * 24h);
      const Time date = chance.below(2) == 0 ? x_now() + off : x_now() - off;
      if (!is_borne_out(date)) reply.headers.add(name, to_http_date(date));
    }
  }
  return reply;
}

Task<Result<HttpReply, HttpFailure>> ModelX::send(HttpRequest request) {
  Chance& chance = world_.chance;
  const bool slow = weather_ == Weather::slow && !world_.quiet;
  const Millis way = slow ? chance.up_to(25s) : chance.up_to(200ms);
  if (!world_.dies("before a search")) oracle_.asked(parameter(request, "query"));
  const Trouble trouble = draw_trouble(request);
  co_await world_.pass(way);
  if (trouble.kind == Trouble::Kind::unreachable) {
    world_.note("X is not reached");
    co_return HttpFailure{Kind::connect, "connection refused"};
  }
  fakes::Answer answer = handle(request, trouble);
  world_.note("X " + std::to_string(answer.status) + (trouble.name.empty() ? "" : " " + trouble.name) + " for " +
              request.target.substr(request.target.find("query=")));
  if (answer.status == 200 && !world_.quiet && chance.happens(plan_.stale_share)) {
    answer.body = from_stale_replica(request, answer.body);
  }
  auto page = answer.status == 200 ? read_page(request, answer.body) : std::nullopt;
  if (world_.dies("after a search")) co_await world_.pass(0ms);
  if (trouble.kind == Trouble::Kind::lost) {
    co_await world_.pass(request.timeout);
    co_return HttpFailure{Kind::timeout, "no answer in time"};
  }
  co_await world_.pass(way);
  if (trouble.kind == Trouble::Kind::cut) co_return HttpFailure{Kind::cut, "closed in the middle"};
  if (page) oracle_.served(*std::move(page));
  co_return to_reply(std::move(answer));
}

std::optional<ServedPage> ModelX::read_page(const HttpRequest& request, const std::string& body) {
  const auto json = fakes::JsonValue::parse(body);
  const fakes::JsonValue* meta = json ? json->find("meta") : nullptr;
  if (meta == nullptr) return std::nullopt;
  ServedPage page;
  page.query = parameter(request, "query");
  page.day = day_of(x_now());
  const fakes::JsonValue* data = json->find("data");
  for (const auto& item : data == nullptr ? std::vector<fakes::JsonValue>{} : data->items()) {
    ServedPage::Item served;
    served.id = TweetId::parse(item.text_at("id"));
    const Posts::Post* post = served.id ? posts_.find(*served.id) : nullptr;
    served.good = post != nullptr && post->good;
    served.root = served.good ? post->root : TweetId{};
    served.key = served.good ? served.id->to_string() : fakes::to_json(item);
    page.items.push_back(std::move(served));
  }
  if (meta->integer_at("result_count") != static_cast<std::int64_t>(page.items.size())) return std::nullopt;
  if (const auto* users = json->at("includes", "users")) {
    for (const auto& user : users->items()) page.users.push_back(user.text_at("id"));
  }
  const std::uint64_t newest = number(meta->text_at("newest_id"));
  const std::uint64_t oldest = number(meta->text_at("oldest_id"));
  const std::string token = parameter(request, "next_token");
  const std::string until = parameter(request, "until_id");
  std::uint64_t bound = until.empty() ? no_bound : number(until);
  if (!token.empty()) bound = std::min(bound, positions_[token]);
  page.high = bound == no_bound ? std::max(TweetId::at(x_now()).value(), newest + 1) : bound;
  const std::string next = meta->text_at("next_token");
  if (next.empty()) {
    const std::string since = parameter(request, "since_id");
    // Of what has left its window X tells nothing; its Date says when that begins, to the second.
    const Time date = std::chrono::floor<std::chrono::seconds>(x_now());
    page.low = since.empty() ? TweetId::at(date - x_window).value() : number(since) + 1;
  } else {
    page.low = page.items.empty() ? page.high : oldest;
    positions_[next] = page.items.empty() ? bound : oldest;
  }
  return page;
}

}  // namespace mentiond::sim
