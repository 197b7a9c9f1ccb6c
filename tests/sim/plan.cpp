#include "sim/plan.h"

#include <algorithm>
#include <array>

namespace mentiond::sim {
namespace {

using namespace std::chrono_literals;

struct Wording {
  std::string_view name, cloud;
  std::array<std::string_view, 3> texts;
};
constexpr std::array wordings{
    Wording{"aws", "AWS", {"AWS Marketplace -is:retweet", "\"AWS Marketplace\"", "AWS Marketplace lang:en"}},
    Wording{"gcp", "GCP", {"GCP Marketplace -is:retweet", "\"GCP Marketplace\"", "(GCP OR Google) Marketplace"}},
    Wording{"azure", "Azure", {"Azure Marketplace -is:retweet", "Azure Marketplace", "Azure Marketplace -lang:de"}},
    Wording{"any", "AWS", {"Marketplace", "Marketplace lang:en", "AWS OR GCP OR Azure"}},
};

collect::QueryOptions query_of(const Wording& wording, Chance& chance, Millis every) {
  collect::QueryOptions query;
  query.name = wording.name;
  query.cloud = wording.cloud;
  query.text = chance.one_of(wording.texts);
  query.schedule.every = every;
  if (chance.below(12) == 0) query.schedule.daily_at = std::chrono::minutes{chance.below(1440)};
  return query;
}

// Rare, common or never: one seed should not have everything at once.
Millis now_and_then(Chance& chance, Millis mean) {
  constexpr std::array factors{0.3, 1.0, 1.0, 4.0};
  if (chance.below(3) == 0) return 0ms;
  return Millis{static_cast<std::int64_t>(static_cast<double>(mean.count()) * chance.one_of(factors))};
}

double some(Chance& chance, double most) { return chance.below(3) == 0 ? 0 : most * chance.unit(); }

void draw_configuration(Plan& plan, Chance& chance) {
  constexpr std::array periods{5min, 15min, 30min, 60min, 240min};
  collect::Options& collect = plan.collect;
  const Millis every = chance.one_of(periods);
  for (std::size_t i = 0; i < 3; ++i) collect.queries.push_back(query_of(wordings[i], chance, every));
  if (chance.below(4) == 0) collect.queries.push_back(query_of(wordings[3], chance, every));
  collect.overlap = chance.one_of(std::array<Millis, 4>{30s, 2min, 2min, 10min});
  collect.expand_authors = chance.below(5) == 0;
  collect.budget.posts_per_month = chance.below(4) == 0 ? chance.between(200, 3'000) : 0;
  collect.budget.month_starts = static_cast<unsigned>(chance.between(1, 28));
  collect.max_pending = chance.below(4) == 0 ? chance.between(20, 300) : 1'000'000;
  change_limits(plan, chance);
  plan.deliver.retention = std::chrono::days{chance.below(2) == 0 ? 400 : chance.between(8, 12)};
}

}  // namespace

Plan draw_plan(Chance& chance, std::optional<int> days) {
  Plan plan;
  plan.days = static_cast<int>(chance.between(4, 16));
  if (days) plan.days = *days;
  plan.begins = *parse_iso8601("2026-09-01T00:00:00Z") + chance.up_to(40 * 24h);
  draw_configuration(plan, chance);

  plan.posts_per_day = chance.one_of(std::array{3.0, 30.0, 100.0, 300.0});
  plan.late_share = some(chance, 0.2);
  plan.index_delay = chance.up_to(plan.collect.overlap - 2s);
  plan.bad_share = some(chance, 0.03);
  plan.edit_share = some(chance, 0.1);
  plan.delete_share = some(chance, 0.1);
  plan.token_ttl = chance.one_of(std::array<Millis, 4>{0s, 0s, 1s, 20s});
  plan.vocabulary = chance.one_of(std::array{"both", "both", "tweet", "post"});
  plan.rate_limit = chance.one_of(std::array<std::int64_t, 4>{450, 450, 60, 5});
  plan.short_pages = static_cast<unsigned>(chance.one_of(std::array{0, 0, 10, 40}));
  plan.x_clock_offset = Millis{chance.between(-90'000, 90'000)};
  plan.stale_share = some(chance, 0.3);
  plan.strange_dates = chance.below(3) == 0;
  plan.flat_errors = chance.below(2) == 0;

  plan.mode = chance.one_of(std::array{"es8", "es8", "es9", "opensearch", "opensearch-compat"});
  plan.poison_share = some(chance, 0.02);

  plan.x_trouble = now_and_then(chance, 20h);
  plan.sink_trouble = now_and_then(chance, 16h);
  plan.x_flaky = some(chance, 0.15);
  plan.sink_flaky = some(chance, 0.15);
  plan.crash = chance.below(3) == 0 ? 0 : chance.one_of(std::array{0.0003, 0.003, 0.02});
  plan.power_cut = now_and_then(chance, 48h);
  plan.disk_trouble = now_and_then(chance, 48h);
  plan.restart = now_and_then(chance, 72h);
  plan.replacement = now_and_then(chance, 120h);
  plan.forget = now_and_then(chance, 24h);
  plan.redeliver = now_and_then(chance, 48h);
  plan.index_loss = now_and_then(chance, 72h);
  plan.letters = now_and_then(chance, 24h);
  plan.reload = now_and_then(chance, 36h);
  plan.once = now_and_then(chance, 96h);
  // Only with a clock that is right does a restored ledger draw revisions that it never drew before.
  if (chance.below(4) == 0) {
    plan.restore = 96h;
  } else {
    plan.clock_step = now_and_then(chance, 72h);
  }
  return plan;
}

void change_limits(Plan& plan, Chance& chance) {
  collect::Options& collect = plan.collect;
  collect.max_pages = static_cast<int>(chance.between(1, 10));
  collect.page_size = static_cast<int>(chance.one_of(std::array{10, 10, 25, 100}));
  deliver::Options& deliver = plan.deliver;
  deliver.batch_docs = chance.one_of(std::array<std::size_t, 4>{1'000, 1'000, 20, 3});
  deliver.batch_bytes = chance.one_of(std::array<std::size_t, 3>{5'000'000, 5'000'000, 20'000});
}

void change_queries(Plan& plan, Chance& chance) {
  auto& queries = plan.collect.queries;
  const auto& wording = chance.one_of(wordings);
  const auto at = std::ranges::find(queries, wording.name, &collect::QueryOptions::name);
  const Millis every = queries.front().schedule.every;
  if (at == queries.end()) {
    queries.push_back(query_of(wording, chance, every));
  } else if (queries.size() > 1 && chance.below(3) == 0) {
    queries.erase(at);
  } else {
    *at = query_of(wording, chance, every);
  }
}

}  // namespace mentiond::sim
