// Invented posts: the text and everything around it, as a function of (seed, number) alone, so that nothing needs to be
// kept and any two runs agree. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fakes/x_words.h"

namespace mentiond::fakes {

// splitmix64 (Steele, Lea, Flood 2014): small, and good from any seed.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  bool percent(std::uint64_t chance) { return below(100) < chance; }
  // In (0, 1].
  double unit() { return static_cast<double>((next() >> 11U) + 1) / 9007199254740992.0; }

 private:
  std::uint64_t state_;
};

// A stretch of the text, in Unicode code points of the escaped text, as X counts; `value` without '#' or '@'; for a
// link its expanded form.
struct Entity {
  std::size_t start = 0;
  std::size_t end = 0;
  std::string value;
  std::string short_link;  // links only: the t.co form that stands in the text
};

struct PostText {
  std::string lang = "en";
  std::string plain;            // what a person wrote, with &, < and >
  std::string escaped;          // as X sends it
  std::size_t code_points = 0;  // of `escaped`
  std::vector<Entity> hashtags, mentions, links;

  // Append to the text, keeping count.
  void add(std::string_view plain_text);
  void add_hashtag(std::string_view tag);
  void add_mention(std::string_view name);
  void add_link(std::string_view expanded, std::uint64_t random);
};

struct Metrics {
  std::uint64_t reposts = 0, replies = 0, likes = 0, quotes = 0, bookmarks = 0, impressions = 0;
};

inline constexpr std::uint32_t author_count = 5'000;

// `noise` is the percentage of posts that no standard query finds.
PostText invent_text(std::uint64_t seed, std::uint64_t number, unsigned noise);
Metrics invent_metrics(std::uint64_t seed, std::uint64_t number);
std::uint32_t invent_author(std::uint64_t seed, std::uint64_t number);
// A text given from outside: its hashtags, mentions and links become entities.
PostText read_text(std::string_view plain, std::string_view lang);

}  // namespace mentiond::fakes
