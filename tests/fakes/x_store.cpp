#include "fakes/x_store.h"

#include <algorithm>

#include "mention/tweet_id.h"

namespace mentiond::fakes {
namespace {

constexpr std::uint64_t low_bits = (1ULL << 22U) - 1;  // of an id, below its time

}  // namespace

// Ids that are made here are even and grow with time; roots of invented edit histories are odd, so that none meets
// another.
std::uint64_t PostStore::new_id(Time time, std::uint64_t random) {
  std::uint64_t id = TweetId::at(time).value() + (random & low_bits & ~1ULL);
  if (id <= last_id_ && last_id_ - id <= low_bits) id = last_id_ + 2;
  last_id_ = std::max(last_id_, id);
  return id;
}

void PostStore::fill(std::uint64_t count, Millis span, Time now) {
  posts_.reserve(posts_.size() + count);
  if (!settings_.lazy) {
    rendered_.reserve(posts_.size() + count);
    searchable_.reserve(posts_.size() + count);
  }
  Random random{settings_.seed ^ 0xF111U};
  const double step = static_cast<double>(span.count()) / static_cast<double>(std::max<std::uint64_t>(count, 1));
  for (std::uint64_t i = 0; i < count; ++i) {
    const double place = (static_cast<double>(i) + random.unit() * 0.9) * step;
    const Time time = now - span + Millis{static_cast<std::int64_t>(place)};
    add_invented(time, time);
  }
}

Slot PostStore::add_invented(Time time, Time visible_from) {
  const std::uint64_t number = next_number_++;
  Random random{settings_.seed + number * 31};
  Post post;
  post.id = new_id(time, random.next());
  post.number = number;
  post.visible_from = visible_from;
  post.author = invent_author(settings_.seed, number);
  const auto slot = static_cast<Slot>(posts_.size());
  if (random.percent(1)) {  // it was edited before anybody looked
    const Time first = time - Millis{static_cast<std::int64_t>(60'000 + random.below(1'500'000))};
    special_[slot].history = {TweetId::at(first).value() + ((random.next() & low_bits) | 1U), post.id};
  }
  return add(post);
}

Slot PostStore::add_written(const WrittenPost& written) {
  const std::uint64_t number = next_number_++;
  Post post;
  post.id = written.id.value_or(0);
  if (!written.id) post.id = new_id(written.time, Random{number}.next());
  post.number = number;
  post.visible_from = written.visible_from;
  post.author = written.author.value_or(invent_author(settings_.seed, number));
  Special& special = special_[static_cast<Slot>(posts_.size())];
  special.text = read_text(written.text, written.lang);
  special.raw = written.raw;
  return add(post);
}

Slot PostStore::add(Post post) {
  const auto slot = static_cast<Slot>(posts_.size());
  posts_.push_back(post);
  if (!settings_.lazy) {
    rendered_.push_back(render(slot));
    searchable_.push_back(searchable(text_of(slot), post.author));
  }
  return slot;
}

std::optional<Slot> PostStore::find(std::uint64_t id) const {
  const auto at = std::ranges::find(posts_.rbegin(), posts_.rend(), id, &Post::id);
  if (at == posts_.rend()) return std::nullopt;
  return static_cast<Slot>(posts_.rend() - at - 1);
}

std::optional<Slot> PostStore::edit(std::uint64_t id, std::string_view text, Time when) {
  const auto old = find(id);
  if (!old || posts_[*old].gone_at != Post::never) return std::nullopt;
  posts_[*old].gone_at = when;
  Post post = posts_[*old];
  post.id = new_id(when, Random{id}.next());
  post.visible_from = when;
  post.gone_at = Post::never;
  post.served = 0;
  post.billed_day = std::numeric_limits<std::int32_t>::min();
  Special changed;
  changed.text = read_text(text, text_of(*old).lang);
  changed.history = history_of(*old);
  changed.history.push_back(post.id);
  special_[static_cast<Slot>(posts_.size())] = std::move(changed);
  return add(post);
}

bool PostStore::remove(std::uint64_t id, Time when) {
  const auto slot = find(id);
  if (!slot) return false;
  const std::uint64_t root = root_of(*slot);
  for (Slot other = 0; other < posts_.size(); ++other) {
    if (root_of(other) == root) posts_[other].gone_at = std::min(posts_[other].gone_at, when);
  }
  return true;
}

const PostStore::Special* PostStore::special(Slot slot) const {
  const auto found = special_.find(slot);
  return found == special_.end() ? nullptr : &found->second;
}

std::uint64_t PostStore::root_of(Slot slot) const {
  const Special* extra = special(slot);
  return extra == nullptr || extra->history.empty() ? posts_[slot].id : extra->history.front();
}

std::vector<std::uint64_t> PostStore::history_of(Slot slot) const {
  const Special* extra = special(slot);
  if (extra == nullptr || extra->history.empty()) return {posts_[slot].id};
  return extra->history;
}

PostText PostStore::text_of(Slot slot) const {
  const Special* extra = special(slot);
  if (extra != nullptr && extra->text) return *extra->text;
  return invent_text(settings_.seed, posts_[slot].number, settings_.noise);
}

RenderedPost PostStore::render(Slot slot) const {
  const Post& post = posts_[slot];
  const PostHead head{
      .id = post.id, .history = history_of(slot), .author = post.author, .time = TweetId{post.id}.time()};
  return {head, text_of(slot), invent_metrics(settings_.seed, post.number)};
}

bool PostStore::matches(Slot slot, const SearchQuery& query) const {
  if (raw(slot) != nullptr) return true;
  if (!settings_.lazy) return query.matches(searchable_[slot]);
  return query.matches(searchable(text_of(slot), posts_[slot].author));
}

const std::string* PostStore::raw(Slot slot) const {
  const Special* extra = special(slot);
  return extra == nullptr || extra->raw.empty() ? nullptr : &extra->raw;
}

void PostStore::write(Slot slot, std::string& out, FieldSet fields, Vocabulary vocabulary) const {
  if (const auto* own = raw(slot)) {
    out += *own;
  } else if (settings_.lazy) {
    render(slot).write(out, fields, vocabulary);
  } else {
    rendered_[slot].write(out, fields, vocabulary);
  }
}

void QueryIndex::catch_up(const PostStore& store) {
  for (; scanned_ < store.size(); ++scanned_) {
    if (!store.matches(scanned_, query_)) continue;
    const std::pair entry{store.at(scanned_).id, scanned_};
    if (found_.empty() || found_.back() < entry) {
      found_.push_back(entry);
    } else {
      found_.insert(std::ranges::lower_bound(found_, entry), entry);
    }
  }
}

}  // namespace mentiond::fakes
