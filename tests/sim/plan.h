// Plan: what kind of history a seed is: how mentiond is configured, how X and Elasticsearch are, how often what goes
// wrong. Drawn once, at the beginning.
#pragma once

#include <string>
#include <vector>

#include "collect/options.h"
#include "deliver/options.h"
#include "sim/chance.h"

namespace mentiond::sim {

struct Plan {
  int days = 14;
  Time begins{};

  collect::Options collect;
  deliver::Options deliver;

  // X
  double posts_per_day = 60;
  double late_share = 0;  // of posts: indexed later than the overlap
  Millis index_delay{};   // of the others, at most; within the overlap
  double bad_share = 0;   // posts that cannot be parsed
  double edit_share = 0;
  double delete_share = 0;
  Millis token_ttl{};
  std::string vocabulary = "both";
  std::int64_t rate_limit = 450;
  unsigned short_pages = 0;  // percent
  Millis x_clock_offset{};
  double stale_share = 0;      // pages of a replica that knows an edited post in an older version
  bool strange_dates = false;  // X's Date is missing or wrong now and then
  bool flat_errors = false;

  // Elasticsearch
  std::string mode = "es8";
  double poison_share = 0;

  // how often (mean time between), and how likely
  Millis x_trouble{};
  Millis sink_trouble{};
  double x_flaky = 0;
  double sink_flaky = 0;
  double crash = 0;  // at each seam
  Millis power_cut{};
  Millis disk_trouble{};
  Millis clock_step{};
  Millis restart{};
  Millis replacement{};  // of the cluster by an empty one
  Millis restore{};      // of the ledger from an older copy
  // and how often the operator does what
  Millis forget{};
  Millis redeliver{};
  Millis index_loss{};  // by mistake; what was in it is sent again
  Millis letters{};     // tries dead letters again, or drops them
  Millis reload{};
  Millis once{};  // has mentiond run by a timer for a while
};

Plan draw_plan(Chance& chance, std::optional<int> days);
// Other queries than before, as an operator who edits the configuration would have them.
void change_queries(Plan& plan, Chance& chance);
// Pages and batches of other sizes.
void change_limits(Plan& plan, Chance& chance);

}  // namespace mentiond::sim
