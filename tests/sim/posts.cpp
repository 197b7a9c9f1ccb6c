#include "sim/posts.h"

#include <array>

#include "base/json_writer.h"

namespace mentiond::sim {

using namespace std::chrono_literals;

namespace {

fakes::Answer tell(fakes::XSim& x, const char* path, std::string body, Time now) {
  fakes::Request request;
  request.method = "POST";
  request.target = path;
  request.body = std::move(body);
  return x.handle(request, now);
}

}  // namespace

std::string Posts::text() {
  constexpr std::array subjects{"AWS", "GCP", "Azure", "AWS and GCP", "Google Cloud", "Azure, AWS, GCP"};
  Chance& chance = world_.chance;
  std::string text{chance.one_of(subjects)};
  text += chance.below(12) == 0 ? " bazaar " : " Marketplace ";
  text += std::string{marker} + std::to_string(chance.below(1'000'000));
  if (chance.below(8) == 0) text += " & <more> \"words\" \\ \n #cloud https://example.com/x";
  return text;
}

std::string Posts::bad_raw(TweetId id, const std::string& text) {
  std::string quoted;
  JsonWriter{quoted}.text(text);
  const std::string name = '"' + id.to_string() + '"';
  switch (world_.chance.below(4)) {
    case 0:
      return R"({"text":)" + quoted + R"(,"n":)" + name + "}";  // without an id
    case 1:
      return R"({"id":)" + id.to_string() + R"(,"text":)" + quoted + "}";  // a number
    case 2:
      return R"({"id":)" + name + R"(,"edit_history_tweet_ids":"none","text":)" + quoted + "}";
    default:
      return R"(["no object",)" + name + "]";
  }
}

void Posts::write_one(Time at, bool bad) {
  Chance& chance = world_.chance;
  Post post;
  post.id = TweetId{TweetId::at(at + plan_.x_clock_offset).value() + chance.below(1U << 22U)};
  while (places_.contains(post.id)) post.id = TweetId{post.id.value() + 1};
  post.root = post.id;
  post.text = text();
  post.good = !bad;
  Millis delay = chance.up_to(plan_.index_delay);
  if (chance.happens(plan_.late_share)) delay += chance.about(20min);
  post.visible = at + delay;
  std::string body;
  JsonWriter json{body};
  json.begin_object().key("posts").begin_array().begin_object();
  json.key("id").text(post.id.to_string()).key("text").text(post.text);
  json.key("visible_in").text(std::to_string((post.visible - world_.now()).count()) + "ms");
  if (chance.below(6) == 0) post.lang = "de";
  json.key("lang").text(post.lang);
  if (bad) json.key("raw").text(bad_raw(post.id, post.text));
  json.end_object().end_array().end_object();
  tell(x_, "/_sim/add", std::move(body), world_.now());
  if (on_written && post.good) on_written(post.root);
  places_[post.id] = posts_.size();
  posts_.push_back(std::move(post));
}

void Posts::write(Millis span) {
  Chance& chance = world_.chance;
  const double expected = plan_.posts_per_day * static_cast<double>(span.count()) / (24.0 * 3'600'000.0);
  auto count = static_cast<int>(expected);
  if (chance.happens(expected - count)) ++count;
  for (int i = 0; i < count; ++i) {
    write_one(world_.now() + chance.up_to(span), chance.happens(plan_.bad_share));
    if (chance.happens(plan_.edit_share)) edit_one();
    if (chance.happens(plan_.delete_share)) delete_one();
  }
}

void Posts::burst(int count, Millis within, bool bad) {
  for (int i = 0; i < count; ++i) write_one(world_.now() + world_.chance.up_to(within), bad);
}

void Posts::edit_one() {
  if (posts_.empty()) return;
  const std::size_t recent = std::min<std::size_t>(posts_.size(), 60);
  const std::size_t place = posts_.size() - 1 - world_.chance.below(recent);
  if (posts_[place].gone || !posts_[place].good || posts_[place].visible > world_.now()) return;
  Post post = posts_[place];
  post.text = text();
  std::string body;
  JsonWriter{body}.begin_object().key("id").text(post.id.to_string()).key("text").text(post.text).end_object();
  const auto answer = tell(x_, "/_sim/edit", std::move(body), world_.now());
  const auto json = fakes::JsonValue::parse(answer.body);
  const auto id = answer.status == 200 && json ? TweetId::parse(json->text_at("id")) : std::nullopt;
  if (!id) return;
  posts_[place].gone = world_.now();
  post.id = *id;
  post.visible = world_.now();
  places_[post.id] = posts_.size();
  posts_.push_back(std::move(post));
}

void Posts::delete_one() {
  if (posts_.empty()) return;
  const std::size_t recent = std::min<std::size_t>(posts_.size(), 200);
  Post& post = posts_[posts_.size() - 1 - world_.chance.below(recent)];
  if (post.gone) return;
  std::string body;
  JsonWriter{body}.begin_object().key("ids").begin_array().text(post.id.to_string()).end_array().end_object();
  tell(x_, "/_sim/delete", std::move(body), world_.now());
  post.gone = world_.now();
}

const Posts::Post* Posts::find(TweetId id) const {
  const auto at = places_.find(id);
  return at == places_.end() ? nullptr : &posts_[at->second];
}

const Posts::Post* Posts::before(const Post& post) const {
  const Post* found = nullptr;
  for (const Post& one : posts_) {
    if (one.root == post.root && one.id < post.id && (found == nullptr || one.id > found->id)) found = &one;
  }
  return found;
}

bool Posts::matches(const Post& post, const std::string& query) {
  if (!post.good) return true;
  auto at = queries_.find(query);
  if (at == queries_.end()) at = queries_.emplace(query, *fakes::SearchQuery::parse(query)).first;
  return at->second.matches(fakes::searchable(fakes::read_text(post.text, post.lang), 0));
}

}  // namespace mentiond::sim
