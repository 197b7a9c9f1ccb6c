// The admin side of the fake X: /_sim/.
#include <algorithm>

#include "base/json_writer.h"
#include "fakes/sim_admin.h"
#include "fakes/xsim.h"
#include "mention/tweet_id.h"

namespace mentiond::fakes {
namespace {

constexpr double usd_per_post = 0.005;  // https://docs.x.com/x-api/getting-started/pricing
constexpr double usd_per_user = 0.010;

Answer ids_answer(std::string_view name, const std::vector<std::uint64_t>& ids) {
  std::string body;
  JsonWriter json{body};
  json.begin_object().key(name).begin_array();
  for (const auto id : ids) json.text(std::to_string(id));
  json.end_array().end_object();
  return json_answer(200, std::move(body));
}

std::uint64_t number(std::string_view text) { return TweetId::parse(text).value_or(TweetId{}).value(); }

}  // namespace

XSim::Bill XSim::bill() const {
  Bill sum;
  for (const auto& [day, bill] : days_) {
    sum.posts += bill.posts;
    sum.users += bill.users;
  }
  return sum;
}

std::string XSim::state_json(Time real_now) {
  const Time now = real_now + options_.clock_offset;
  const Bill total = bill();
  std::int64_t roots = 0;
  std::set<std::uint64_t> chains;  // of edited posts only: all others are their own root
  for (Slot slot = 0; slot < store_.size(); ++slot) {
    if (store_.at(slot).served == 0) continue;
    const auto root = store_.root_of(slot);
    if (root == store_.at(slot).id || chains.insert(root).second) ++roots;
  }
  std::string out;
  JsonWriter json{out};
  json.begin_object().key("now").text(to_iso8601(now)).key("requests").number(requests_).key("pages").number(pages_);
  json.key("posts")
      .number(store_.size())
      .key("served")
      .begin_object()
      .key("ids")
      .number(served_ids_)
      .key("roots")
      .number(roots)
      .end_object();
  json.key("bill")
      .begin_object()
      .key("posts")
      .number(total.posts)
      .key("users")
      .number(total.users)
      .key("requests")
      .number(requests_);
  json.key("days").begin_object();
  for (const auto& [day, bill] : days_) {
    json.key(to_text(day)).begin_object().key("posts").number(bill.posts).key("users").number(bill.users).end_object();
  }
  json.end_object().end_object();
  json.key("usd").number(usd_per_post * static_cast<double>(total.posts) +
                         usd_per_user * static_cast<double>(total.users));
  json.key("statuses").begin_object();
  for (const auto& [status, count] : statuses_) json.key(std::to_string(status)).number(count);
  json.end_object().key("faults").number(faulted_).key("rate").begin_object().key("limit").number(options_.rate_limit);
  json.key("remaining").number(std::max<std::int64_t>(0, options_.rate_limit - (now < rate_.reset ? rate_.used : 0)));
  json.key("reset")
      .number(std::chrono::ceil<std::chrono::seconds>(rate_.reset.time_since_epoch()).count())
      .end_object();
  json.key("queries").begin_object();
  for (const auto& query : queries_) {
    query->catch_up(store_);
    json.key(query->text())
        .begin_object()
        .key("requests")
        .number(query->requests)
        .key("matching")
        .number(query->matching());
    json.key("served").number(query->served).key("sent").number(query->sent).end_object();
  }
  json.end_object().end_object();
  return out;
}

std::string XSim::served_text() const {
  std::vector<Slot> slots;
  for (Slot slot = 0; slot < store_.size(); ++slot) {
    if (store_.at(slot).served != 0) slots.push_back(slot);
  }
  std::ranges::sort(slots, {}, [&](Slot slot) { return store_.at(slot).id; });
  std::string out;
  for (const Slot slot : slots) {
    const Post& post = store_.at(slot);
    out += std::to_string(post.id) + '\t' + std::to_string(store_.root_of(slot));
    for (std::size_t i = 0; i < queries_.size(); ++i) {
      if ((post.served >> i & 1U) != 0) out += '\t' + queries_[i]->text();
    }
    out += '\n';
  }
  return out;
}

Answer XSim::admin(const Request& request, Time real_now) {
  const std::string path = request.path();
  if (path == "/_sim/state") return json_answer(200, state_json(real_now));
  if (path == "/_sim/served") return text_answer(served_text());
  if (path == "/_sim/requests") {
    std::string text;
    for (const auto& line : log_) text += line + '\n';
    return text_answer(std::move(text));
  }
  if (path == "/_sim/config") return admin_config(request, real_now);
  if (path == "/_sim/fault") return admin_faults(request);
  const auto json = JsonValue::parse(request.body);
  if (!json || !json->is(JsonValue::Kind::object)) return mistake("the body must be a JSON object");
  const Time now = real_now + options_.clock_offset;
  if (path == "/_sim/add") return admin_add(*json, now);
  if (path == "/_sim/edit") {
    const auto slot = store_.edit(number(json->text_at("id")), json->text_at("text"), now);
    if (!slot) return mistake("no post with that id is there to edit");
    std::string body;
    JsonWriter{body}.begin_object().key("id").text(std::to_string(store_.at(*slot).id)).end_object();
    return json_answer(200, std::move(body));
  }
  if (path == "/_sim/delete") {
    const JsonValue* ids = json->find("ids");
    if (ids == nullptr) return mistake("expected {\"ids\":[\"…\"]}");
    for (const auto& id : ids->items()) {
      if (!store_.remove(number(id.text()), now)) return mistake("no post with the id " + id.text());
    }
    return done();
  }
  return mistake("no such admin path: " + path);
}

Answer XSim::admin_faults(const Request& request) {
  return serve_faults(
      request, faults_,
      {"status", "body", "cut", "stall", "reset", "slow", "delay", "close", "hang_up", "short_page", "no_token",
       "wrong_count", "broken_post", "partial_errors", "no_date", "no_rate_headers", "no_fields"},
      x_presets());
}

Answer XSim::admin_config(const Request& request, Time real_now) {
  const auto set = [real_now](XOptions& options, const std::string& name, const std::string& value) -> Result<void> {
    if (name == "tweets" || name == "seed" || name == "span" || name == "lazy") {
      return fail(name, " can only be chosen at the start");
    }
    return options.set(name, value, real_now);
  };
  return serve_config(request, options_, set, [&](const XOptions& changed) {
    if (changed.rate_limit != options_.rate_limit || changed.rate_window != options_.rate_window) rate_ = {};
    if (changed.live != options_.live || changed.clock_offset != options_.clock_offset) {
      next_live_ = real_now + changed.clock_offset;
    }
    options_ = changed;
    store_.set_noise(options_.noise);
  });
}

Answer XSim::admin_add(const JsonValue& json, Time now) {
  std::vector<std::uint64_t> ids;
  const Time time = now - parse_duration(json.text_at("age", "0s")).value_or(Millis{0});
  for (auto left = json.integer_at("count").value_or(0); left > 0; --left)
    ids.push_back(store_.at(store_.add_invented(time, time)).id);
  const JsonValue* posts = json.find("posts");
  if (posts == nullptr) return ids_answer("ids", ids);
  for (const auto& post : posts->items()) {
    WrittenPost written;
    const auto id = TweetId::parse(post.text_at("id"));
    if (post.find("id") != nullptr && !id) return mistake("not an id: " + post.text_at("id"));
    const auto created = parse_iso8601(post.text_at("created_at"));
    if (post.find("created_at") != nullptr && !created) return mistake("not a time: " + post.text_at("created_at"));
    if (id) written.id = id->value();
    written.time = id ? id->time() : created.value_or(time);
    written.visible_from = now + parse_duration(post.text_at("visible_in", "0s")).value_or(Millis{0});
    if (const auto author = post.integer_at("author")) written.author = static_cast<std::uint32_t>(*author);
    written.text = post.text_at("text");
    written.lang = post.text_at("lang", "en");
    written.raw = post.text_at("raw");
    ids.push_back(store_.at(store_.add_written(written)).id);
  }
  return ids_answer("ids", ids);
}

}  // namespace mentiond::fakes
