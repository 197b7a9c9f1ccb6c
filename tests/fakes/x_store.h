// PostStore: the posts of the fake X and what happens to them: they appear (some late), are edited, vanish. Remembers
// which query was served which post, and on which UTC day a post was last billed. Pure: times are arguments. One
// thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "fakes/x_corpus.h"
#include "fakes/x_query.h"
#include "fakes/x_render.h"

namespace mentiond::fakes {

using Slot = std::uint32_t;  // a post's place in the store; never re-used

struct Post {
  static constexpr Time never = Time::max();

  std::uint64_t id = 0;
  Time visible_from{};       // when search begins to find it
  Time gone_at = never;      // deleted, or replaced by a later version
  std::uint64_t number = 0;  // of the invented content
  std::uint32_t author = 0;
  std::int32_t billed_day = std::numeric_limits<std::int32_t>::min();  // days since 1970
  std::uint64_t served = 0;                                            // one bit a query: sent whole in a 200
};

// A post that is told, not invented.
struct WrittenPost {
  std::optional<std::uint64_t> id;
  Time time{};
  Time visible_from{};
  std::optional<std::uint32_t> author;
  std::string text;
  std::string lang = "en";
  std::string raw;  // served as it stands, found by every query
};

class PostStore {
 public:
  struct Settings {
    std::uint64_t seed = 1;
    unsigned noise = 5;  // percent
    bool lazy = false;   // render when asked, keep nothing
  };
  explicit PostStore(const Settings& settings) : settings_(settings) {}

  // `count` posts, evenly and with jitter over the span that ends at `now`, all visible.
  void fill(std::uint64_t count, Millis span, Time now);
  Slot add_invented(Time time, Time visible_from);
  Slot add_written(const WrittenPost& post);
  // A new version under a new id; the old one is found no more from then on. Nothing if there is no such post.
  std::optional<Slot> edit(std::uint64_t id, std::string_view text, Time when);
  // The whole chain vanishes. False if there is none.
  bool remove(std::uint64_t id, Time when);
  void set_noise(unsigned noise) { settings_.noise = noise; }

  [[nodiscard]] std::size_t size() const { return posts_.size(); }
  [[nodiscard]] Post& at(Slot slot) { return posts_[slot]; }
  [[nodiscard]] const Post& at(Slot slot) const { return posts_[slot]; }
  [[nodiscard]] std::uint64_t root_of(Slot slot) const;
  [[nodiscard]] bool matches(Slot slot, const SearchQuery& query) const;
  // The text that stands for the post, if it has one of its own instead of an invented form.
  [[nodiscard]] const std::string* raw(Slot slot) const;
  void write(Slot slot, std::string& out, FieldSet fields, Vocabulary vocabulary) const;

 private:
  struct Special {
    std::optional<PostText> text;  // else invented
    std::string raw;
    std::vector<std::uint64_t> history;  // else only the id
  };
  Slot add(Post post);
  std::uint64_t new_id(Time time, std::uint64_t random);
  [[nodiscard]] std::optional<Slot> find(std::uint64_t id) const;
  [[nodiscard]] const Special* special(Slot slot) const;
  [[nodiscard]] PostText text_of(Slot slot) const;
  [[nodiscard]] std::vector<std::uint64_t> history_of(Slot slot) const;
  [[nodiscard]] RenderedPost render(Slot slot) const;

  Settings settings_;
  std::vector<Post> posts_;
  std::vector<RenderedPost> rendered_;  // by slot; empty when lazy
  std::vector<Searchable> searchable_;  // by slot; empty when lazy
  std::unordered_map<Slot, Special> special_;
  std::uint64_t last_id_ = 0;
  std::uint64_t next_number_ = 0;
};

// The posts that one query finds, in id order; catches up with the store when asked.
class QueryIndex {
 public:
  QueryIndex(std::string text, SearchQuery query) : text_(std::move(text)), query_(std::move(query)) {}

  void catch_up(const PostStore& store);
  // Newest first: calls `visit(slot)` for each post with low < id < high that is visible, until it says false.
  template <class Visit>
  void walk(const PostStore& store, std::uint64_t low, std::uint64_t high, Time now, Visit visit) const {
    auto at = std::lower_bound(found_.begin(), found_.end(), std::pair{high, Slot{0}});
    while (at != found_.begin() && (--at)->first > low) {
      const Post& post = store.at(at->second);
      if (post.visible_from <= now && now < post.gone_at && !visit(at->second)) return;
    }
  }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::size_t matching() const { return found_.size(); }

  std::int64_t requests = 0;
  std::int64_t served = 0;  // distinct ids
  std::int64_t sent = 0;    // repeats included

 private:
  std::string text_;
  SearchQuery query_;
  std::vector<std::pair<std::uint64_t, Slot>> found_;
  Slot scanned_ = 0;
};

}  // namespace mentiond::fakes
