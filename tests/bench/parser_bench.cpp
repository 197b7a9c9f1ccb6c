// bench_parser: how fast pages become Tweets, beside what bare simdjson on-demand needs to read the same fields of the
// same pages, and to read ids and texts alone. The three take turns in one process, so that a noisy machine hits all
// alike.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <simdjson.h>
#include <time.h>

#include "bench/sample_pages.h"
#include "xapi/page_parser.h"

namespace mentiond::bench {
namespace {

namespace od = simdjson::ondemand;

constexpr std::size_t pages_in_set = 32;
constexpr std::size_t posts_per_page = 100;

const std::vector<std::string>& page_set() {
  static const std::vector<std::string> pages = [] {
    std::vector<std::string> made;
    SamplePages sample{20260807};
    for (std::size_t i = 0; i < pages_in_set; ++i) {
      std::string page = sample.page(posts_per_page);
      page.reserve(page.size() + simdjson::SIMDJSON_PADDING);
      made.push_back(std::move(page));
    }
    return made;
  }();
  return pages;
}

// What a walk saw: keeps the compiler from leaving reads out, and shows that two walks saw the same.
struct Seen {
  std::uint64_t sum = 0;
  void add(std::string_view text) { sum += text.size(); }
  void add(std::uint64_t number) { sum += number; }
};

void bare_names(od::value list, std::string_view wanted, Seen& seen) {
  for (auto item : list.get_array()) {
    for (auto field : item.get_object()) {
      if (field.key() == wanted) seen.add(std::string_view(field.value()));
    }
  }
}

void bare_urls(od::value list, Seen& seen) {
  for (auto item : list.get_array()) {
    std::string_view expanded;
    std::string_view unwound;
    for (auto field : item.get_object()) {
      const od::raw_json_string key = field.key();
      if (key == "expanded_url") expanded = field.value();
      if (key == "unwound_url") unwound = field.value();
    }
    seen.add(unwound.empty() ? expanded : unwound);
  }
}

void bare_entities(od::value entities, Seen& seen) {
  for (auto field : entities.get_object()) {
    const od::raw_json_string key = field.key();
    if (key == "hashtags") {
      bare_names(field.value(), "tag", seen);
    } else if (key == "mentions") {
      bare_names(field.value(), "username", seen);
    } else if (key == "urls") {
      bare_urls(field.value(), seen);
    }
  }
}

void bare_metrics(od::value metrics, Seen& seen) {
  for (auto field : metrics.get_object()) {
    const od::raw_json_string key = field.key();
    if (key == "retweet_count" || key == "reply_count" || key == "like_count" || key == "quote_count" ||
        key == "bookmark_count" || key == "impression_count") {
      seen.add(std::uint64_t(field.value()));
    }
  }
}

void bare_note(od::value note, Seen& seen) {
  for (auto field : note.get_object()) {
    const od::raw_json_string key = field.key();
    if (key == "text") {
      seen.add(std::string_view(field.value()));
    } else if (key == "entities") {
      bare_entities(field.value(), seen);
    }
  }
}

void bare_post(od::object post, Seen& seen) {
  for (auto field : post) {
    const od::raw_json_string key = field.key();
    if (key == "author_id" || key == "id") {
      seen.add(field.value().get_uint64_in_string());
    } else if (key == "created_at" || key == "lang" || key == "text") {
      seen.add(std::string_view(field.value()));
    } else if (key == "edit_history_tweet_ids") {
      for (auto version : field.value().get_array()) seen.add(version.get_uint64_in_string());
    } else if (key == "entities") {
      bare_entities(field.value(), seen);
    } else if (key == "public_metrics") {
      bare_metrics(field.value(), seen);
    } else if (key == "note_tweet") {
      bare_note(field.value(), seen);
    }
  }
}

// The bare walks read in place: no copy of the page, no check of what they skip, nothing kept.
std::uint64_t walk_same_fields(od::parser& parser, const std::string& page) {
  Seen seen;
  od::document document = parser.iterate(page.data(), page.size(), page.capacity());
  for (auto post : document["data"].get_array()) bare_post(post.get_object(), seen);
  od::object meta = document["meta"].get_object();
  seen.add(std::uint64_t(meta["result_count"]));
  seen.add(std::string_view(meta["next_token"]));
  return seen.sum;
}

std::uint64_t walk_id_and_text(od::parser& parser, const std::string& page) {
  Seen seen;
  od::document document = parser.iterate(page.data(), page.size(), page.capacity());
  for (auto post : document["data"].get_array()) {
    od::object object = post.get_object();
    seen.add(object.find_field("id").get_uint64_in_string());
    seen.add(std::string_view(object.find_field("text")));
  }
  return seen.sum;
}

std::uint64_t parse(xapi::PageParser& parser, const std::string& page, xapi::Page& into) {
  const auto parsed = parser.parse_page(page, into);
  if (!parsed || into.tweets.size() != posts_per_page) {
    std::fprintf(stderr, "a sample page could not be parsed: %s\n", parsed ? "" : parsed.error().message.c_str());
    std::exit(1);
  }
  return into.tweets.back().id.value();
}

// CPU seconds of this thread: what others do on the machine must not count against the walk that is running.
double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

template <class Walk>
double seconds_for_set(Walk walk) {
  const double start = cpu_seconds();
  for (const std::string& page : page_set()) benchmark::DoNotOptimize(walk(page));
  return cpu_seconds() - start;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

void report_ratios() {
  constexpr int rounds = 301;
  constexpr int warm_up = 20;
  xapi::PageParser parser;
  xapi::Page into;
  od::parser bare;
  std::vector<double> ours;
  std::vector<double> same_fields;
  std::vector<double> id_text;
  for (int round = -warm_up; round < rounds; ++round) {
    const double parsed = seconds_for_set([&](const std::string& page) { return parse(parser, page, into); });
    const double same = seconds_for_set([&](const std::string& page) { return walk_same_fields(bare, page); });
    const double least = seconds_for_set([&](const std::string& page) { return walk_id_and_text(bare, page); });
    if (round < 0) continue;
    ours.push_back(parsed);
    same_fields.push_back(same);
    id_text.push_back(least);
  }
  double bytes = 0;
  for (const std::string& page : page_set()) bytes += static_cast<double>(page.size());
  const auto pages = static_cast<double>(pages_in_set);
  const auto row = [&](const char* name, double seconds) {
    std::printf("%-34s %10.0f %10.0f %10.1f\n", name, pages / seconds, bytes / seconds / 1e6,
                seconds / pages / static_cast<double>(posts_per_page) * 1e9);
  };
  std::printf("%-34s %10s %10s %10s\n", "100 posts a page, all fields", "pages/s", "MB/s", "ns/post");
  row("PageParser: bytes to Tweets", median(ours));
  row("bare on-demand, the same fields", median(same_fields));
  row("bare on-demand, id and text", median(id_text));
  std::printf(R"({"bench":"parser","ratio_same_fields":%.3f,"ratio_id_text":%.3f,"pages_per_second":%.0f,)"
              R"("MB_per_second":%.1f,"page_bytes":%.0f})"
              "\n",
              median(same_fields) / median(ours), median(id_text) / median(ours), pages / median(ours),
              bytes / median(ours) / 1e6, bytes / pages);
}

void bm_page_parser(benchmark::State& state) {
  xapi::PageParser parser;
  xapi::Page into;
  std::size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(parse(parser, page_set()[next++ % pages_in_set], into));
}
BENCHMARK(bm_page_parser);

void bm_bare_same_fields(benchmark::State& state) {
  od::parser bare;
  std::size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(walk_same_fields(bare, page_set()[next++ % pages_in_set]));
}
BENCHMARK(bm_bare_same_fields);

void bm_bare_id_text(benchmark::State& state) {
  od::parser bare;
  std::size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(walk_id_and_text(bare, page_set()[next++ % pages_in_set]));
}
BENCHMARK(bm_bare_id_text);

// A stored post, as the deliverer reads it.
void bm_stored_post(benchmark::State& state) {
  xapi::PageParser pages;
  xapi::PageParser posts;
  xapi::Page page;
  parse(pages, page_set().front(), page);
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(posts.parse_post(page.tweets[next++ % posts_per_page].raw).has_value());
  }
}
BENCHMARK(bm_stored_post);

}  // namespace
}  // namespace mentiond::bench

// Google Benchmark's own figures on request (any --benchmark_... flag); the ratios always.
int main(int argc, char** argv) {
  if (argc > 1) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 64;
    benchmark::RunSpecifiedBenchmarks();
  }
  mentiond::bench::report_ratios();
  return 0;
}
