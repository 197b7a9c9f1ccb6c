// sim: plays histories of mentiond against models of X and Elasticsearch and checks what it promises.
//
//   sim --seed N [--days D] [--trace]   one history; prints what it was
//   sim --seeds A..B [--days D]         each of them
//   sim --minutes M                     fresh seeds for so long; each is named before it is played
//
// A failure prints its seed, what is broken, and what happened last, and the program ends with 1.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <random>
#include <string>

#include "sim/simulation.h"

namespace {

using mentiond::sim::Simulation;
using mentiond::sim::Verdict;

struct Arguments {
  std::uint64_t first = 1, last = 0;
  double minutes = 0;
  std::optional<int> days;
  bool trace = false;
};

std::optional<Arguments> read(int count, char** values) {
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    const std::string name = values[i];
    if (name == "--trace") {
      arguments.trace = true;
      continue;
    }
    if (i + 1 == count) return std::nullopt;
    const std::string value = values[++i];
    if (name == "--seed") {
      arguments.first = arguments.last = std::stoull(value);
    } else if (name == "--seeds" && value.find("..") != std::string::npos) {
      arguments.first = std::stoull(value);
      arguments.last = std::stoull(value.substr(value.find("..") + 2));
    } else if (name == "--days") {
      arguments.days = std::stoi(value);
    } else if (name == "--minutes") {
      arguments.minutes = std::stod(value);
    } else {
      return std::nullopt;
    }
  }
  return arguments;
}

class Folder {
 public:
  // In memory, where there is such a place: the lock file is written at each start.
  Folder()
      : path_(
            (std::filesystem::exists(shared_memory) ? shared_memory : std::filesystem::temp_directory_path().string()) +
            "/sim.XXXXXX") {
    if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("cannot make " + path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  static constexpr const char* shared_memory = "/dev/shm";
  std::string path_;
};

Verdict play(const Simulation::Options& options) {
  const Folder folder;
  Simulation simulation{options, folder.path()};
  return simulation.run();
}

// The fewest days after which it still fails.
int shortest(const Simulation::Options& options, int days) {
  int works = 0;
  while (days - works > 1) {
    const int middle = works + (days - works) / 2;
    if (play({options.seed, middle, false}).failure.empty()) {
      works = middle;
    } else {
      days = middle;
    }
  }
  return days;
}

bool judge(const Simulation::Options& options, bool tell) {
  const Verdict verdict = play(options);
  const auto number = [](std::int64_t value) { return static_cast<long long>(value); };
  if (tell || !verdict.failure.empty()) {
    std::printf(
        "seed %llu: %d days, %lld events, %lld pages, %lld mentions, %lld documents, %lld dead, %lld crashes, "
        "%016llx\n",
        static_cast<unsigned long long>(options.seed), verdict.days, number(verdict.events), number(verdict.pages),
        number(verdict.mentions), number(verdict.documents), number(verdict.dead), number(verdict.crashes),
        static_cast<unsigned long long>(verdict.hash));
  }
  if (verdict.failure.empty()) return true;
  const int days = options.days ? *options.days : shortest(options, verdict.days);
  const Verdict least = options.days ? verdict : play({options.seed, days, false});
  std::printf("%s\nFAILED: %s\n  again: sim --seed %llu --days %d --trace\n", least.trace.c_str(),
              least.failure.c_str(), static_cast<unsigned long long>(options.seed), days);
  return false;
}

}  // namespace

int main(int count, char** values) {
  const auto arguments = read(count, values);
  if (!arguments || (arguments->last == 0 && arguments->minutes <= 0)) {
    std::printf("usage: sim --seed N [--days D] [--trace] | --seeds A..B [--days D] | --minutes M\n");
    return 64;
  }
  const bool one = arguments->first == arguments->last;
  std::int64_t played = 0;
  if (arguments->minutes > 0) {
    const auto end =
        std::chrono::steady_clock::now() + std::chrono::duration<double, std::ratio<60>>(arguments->minutes);
    std::random_device device;
    while (std::chrono::steady_clock::now() < end) {
      const std::uint64_t seed = std::uint64_t{device()} << 8U | (device() & 0xFFU);
      std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
      std::fflush(stdout);
      if (!judge({seed, arguments->days, false}, false)) return 1;
      ++played;
    }
  } else {
    for (std::uint64_t seed = arguments->first; seed <= arguments->last; ++seed, ++played) {
      if (!judge({seed, arguments->days, arguments->trace}, one)) return 1;
    }
  }
  std::printf("sim: %lld histories, every promise kept\n", static_cast<long long>(played));
  return 0;
}
