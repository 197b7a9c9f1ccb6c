// Posts: what people write in the simulated world. They appear in X's index late and out of order, are edited and
// deleted, and some cannot be parsed. Keeps the truth about each for the oracle.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fakes/x_query.h"
#include "fakes/xsim.h"
#include "mention/tweet_id.h"
#include "sim/plan.h"
#include "sim/world.h"

namespace mentiond::sim {

class Posts {
 public:
  // In every text, and nowhere else: must not be seen in a log.
  static constexpr std::string_view marker = "quarzelkin";

  struct Post {
    TweetId id, root;
    Time visible;
    std::optional<Time> gone;
    std::string text;
    std::string lang = "en";
    bool good = true;
  };

  Posts(World& world, fakes::XSim& x, const Plan& plan) : world_(world), x_(x), plan_(plan) {}

  // Everything that is written in the next `span`, and edits and deletions now.
  void write(Millis span);
  void burst(int count, Millis within, bool bad);
  [[nodiscard]] const std::vector<Post>& all() const { return posts_; }
  // The post that X shows under this id.
  [[nodiscard]] const Post* find(TweetId id) const;
  // The version of the same post before that one; nullptr if that was the first.
  [[nodiscard]] const Post* before(const Post& post) const;
  // Does that query find it?
  [[nodiscard]] bool matches(const Post& post, const std::string& query);
  // Told of each root that is written.
  std::function<void(TweetId root)> on_written;

 private:
  void write_one(Time at, bool bad);
  void edit_one();
  void delete_one();
  [[nodiscard]] std::string text();
  [[nodiscard]] std::string bad_raw(TweetId id, const std::string& text);

  World& world_;
  fakes::XSim& x_;
  const Plan& plan_;
  std::vector<Post> posts_;
  std::map<TweetId, std::size_t> places_;
  std::map<std::string, fakes::SearchQuery> queries_;
};

}  // namespace mentiond::sim
