// PostReader: reads one item of a page's `data`, for page_parser.cpp alone. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "mention/tweet.h"
#include "xapi/json_walk.h"

namespace mentiond::xapi {

class PostReader {
 public:
  explicit PostReader(JsonWalk& walk) : walk_(walk) {}

  enum class Outcome : std::uint8_t {
    read,    // `tweet` holds it, but for `raw`
    bad,     // no post as we know it: reason() and id() say what is known; the item was looked through to its end
    broken,  // the document is no JSON: the walk says why
  };
  // Takes the value before which the walk stands. `tweet` is emptied first; its vectors keep their memory.
  Outcome read(Tweet& tweet);

  [[nodiscard]] std::string_view reason() const { return reason_; }
  [[nodiscard]] std::optional<TweetId> id() const { return id_; }
  [[nodiscard]] std::optional<TweetId> root() const { return root_; }
  // Some post so far has a field beyond id, text and edit history.
  [[nodiscard]] bool bears_asked_field() const { return bears_asked_field_; }

 private:
  bool read_field(std::string_view key, Tweet& tweet);
  bool read_id();
  bool read_text(Tweet& tweet);
  bool read_history();
  bool read_author(Tweet& tweet);
  bool read_created_at(Tweet& tweet);
  bool read_metrics(Tweet& tweet);
  bool read_note(Tweet& tweet);
  bool read_entities(Tweet& tweet);
  bool read_names(std::string_view key, std::vector<std::string_view>& names);
  bool read_urls(std::vector<std::string_view>& urls);
  void blame(std::string_view reason) {
    if (reason_.empty()) reason_ = reason;
  }

  JsonWalk& walk_;
  std::string_view reason_;  // the first fault of this post
  std::optional<TweetId> id_;
  std::optional<TweetId> root_;
  bool has_text_ = false;
  bool has_note_entities_ = false;
  bool bears_asked_field_ = false;
};

}  // namespace mentiond::xapi
