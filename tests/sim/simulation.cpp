#include "sim/simulation.h"

#include <algorithm>
#include <array>

namespace mentiond::sim {

using namespace std::chrono_literals;

namespace {

constexpr Millis longest_slice = 30min;
// The fake sink looks at one rule after the other.
constexpr int most_poison = 30;
// A run by a timer waits for X's reset once, and for the sink as long as anything gets through.
constexpr Millis longest_once = 12h;

}  // namespace

Simulation::Simulation(const Options& options, std::string folder)
    : options_(options),
      path_(std::move(folder) + "/ledger.db"),
      world_(options.seed * 0x9E3779B97F4A7C15ULL + 1, options.trace),
      plan_(draw_plan(world_.chance, options.days)),
      disk_(world_.chance.next()),
      oracle_(world_),
      x_(world_, plan_, oracle_),
      sink_(world_, plan_) {
  world_.time = plan_.begins;
  world_.crash = plan_.crash;
  oracle_.exact_meter = !plan_.strange_dates;
  x_.posts().on_written = [this](TweetId root) {
    if (world_.chance.happens(plan_.poison_share) && poisoned_++ < most_poison) sink_.poison(root);
  };
  sink_.is_forgotten = [this](TweetId root, std::uint64_t revision) { return oracle_.is_forgotten(root, revision); };
  draw_events();
}

Simulation::~Simulation() {
  disk_.die();  // nobody looks at the files any more
}

void Simulation::draw_events() {
  using S = Simulation;
  const std::array all{Event{plan_.x_trouble, &S::x_weather},
                       Event{plan_.sink_trouble, &S::sink_weather},
                       Event{plan_.power_cut, &S::power_cut},
                       Event{plan_.disk_trouble, &S::fill_disk},
                       Event{plan_.disk_trouble, &S::break_sync},
                       Event{plan_.clock_step, &S::step_clock},
                       Event{plan_.restart, &S::restart},
                       Event{plan_.replacement, &S::replace_cluster},
                       Event{plan_.restore, &S::restore_ledger},
                       Event{plan_.forget, &S::forget_some},
                       Event{plan_.redeliver, &S::redeliver_some},
                       Event{plan_.index_loss, &S::lose_index},
                       Event{plan_.letters, &S::handle_letters},
                       Event{plan_.reload, &S::reload},
                       Event{plan_.once, &S::run_once_for_a_while},
                       Event{plan_.disk_trouble / 4, &S::full_for_a_moment},
                       Event{48h, &S::burst}};
  for (Event event : all) {
    if (event.mean == 0ms) continue;
    event.next = world_.now() + world_.chance.about(event.mean);
    events_.push_back(event);
  }
}

void Simulation::let_events_happen() {
  for (Event& event : events_) {
    if (event.next > world_.now()) continue;
    event.next = world_.now() + world_.chance.about(event.mean);
    (this->*event.happen)();
  }
}

Verdict Simulation::run() {
  const Time end = plan_.begins + plan_.days * 24h;
  while (world_.now() < end && world_.failure.empty()) {
    let_events_happen();
    one_slice(std::min<Millis>(world_.chance.about(10min), longest_slice));
    if (day_of(world_.now()) != day_of(last_rise_) && process_) {
      last_rise_ = world_.now();
      check_stored_posts();
    }
  }
  if (world_.failure.empty()) quieten();
  if (world_.failure.empty()) check_end();
  watch_log();
  if (process_) end_process();
  Verdict verdict;
  verdict.failure = world_.failure;
  verdict.trace = world_.trace.last_lines();
  verdict.hash = world_.trace.hash();
  verdict.events = world_.trace.count();
  verdict.mentions = static_cast<std::int64_t>(oracle_.known().mentions.size());
  verdict.pages = oracle_.known().requests;
  verdict.documents = documents_;
  verdict.dead = dead_;
  verdict.crashes = crashes_;
  verdict.days = plan_.days;
  return verdict;
}

void Simulation::one_slice(Millis span) {
  if (!world_.quiet || world_.now() + 2h < last_rise_) x_.posts().write(span);
  if (disk_full_until_ && world_.now() >= *disk_full_until_) {
    disk_full_until_.reset();
    disk_.limit(std::nullopt);
    if (process_) process_->set_room(true);
    world_.note("the disk has room again");
  }
  if (!process_ && world_.now() >= down_until_) start_process();
  if (!process_) {
    world_.time += span;
    return;
  }
  forget_what_is_left();
  restore_lost();
  process_->run_for(span);
  watch_log();
  const bool once = process_->mode() == RunMode::once;
  if (once && world_.now() - started_ > longest_once) world_.fail("a run with --once does not end");
  if (!world_.failure.empty() || (!process_->ended() && !world_.gone)) return;
  const auto code = process_->exit_code();
  if (once && !world_.gone && code != ExitCode::ledger_io) {
    end_process();
    down_until_ = world_.now() + world_.chance.about(1h);
    return;
  }
  ++crashes_;
  end_process();
  down_until_ = world_.now() + (world_.chance.below(20) == 0 ? world_.chance.about(30h) : world_.chance.about(1min));
}

void Simulation::start_process() {
  world_.gone = false;
  auto opened = ledger::SqliteLedger::open(path_, world_.now() + clock_error_);
  if (!opened || disk_.dead()) {
    world_.note("the ledger is not opened");
    const bool fine = !opened && opened.error().kind == ledger::Failure::Kind::full;
    const bool dying = disk_.dead() || disk_.sync_failed();
    if (!fine && !dying) world_.fail("the ledger cannot be opened: " + opened.error().message);
    if (opened) opened->reset();
    disk_.die();
    disk_.revive(cut_);
    down_until_ = world_.now() + 1min;
    return;
  }
  auto watched = std::make_unique<WatchedLedger>(
      std::move(*opened),
      WatchedLedger::Surroundings{world_, disk_, oracle_,
                                  [this](const std::string& cluster, TweetId root, std::uint64_t revision) {
                                    return sink_.has_applied(cluster, root, revision);
                                  },
                                  plan_.collect.max_pending});
  watched->room = !disk_full_until_;
  world_.note("started");
  oracle_.opened(watched->facts());
  const RunMode mode = world_.now() < once_until_ ? RunMode::once : RunMode::forever;
  started_ = world_.now();
  process_ = std::make_unique<Process>(
      Process::Parts{world_, plan_, x_, sink_, std::move(watched), clock_error_, world_.chance.next(), mode});
}

// Whatever it still does while it is taken apart reaches no file.
void Simulation::end_process() {
  const bool lost_writes = disk_.sync_failed();
  disk_.die();
  process_.reset();
  disk_.revive(lost_writes ? MemoryDisk::Cut::power : cut_);
  cut_ = MemoryDisk::Cut::kill;
  world_.note("the process is gone");
}

void Simulation::watch_log() {
  const auto line = log_.find({"SECRET", Posts::marker});
  if (line) world_.fail("(d) a secret or a post's text is in the log: " + *line);
}

void Simulation::x_weather() {
  const auto weather = static_cast<ModelX::Weather>(world_.chance.between(0, 9));
  const bool mended = world_.chance.below(2) == 0;
  world_.note("weather of X: " + std::to_string(mended ? 0 : static_cast<int>(weather)));
  if (mended) {
    x_.mend();
  } else {
    x_.turn(weather);
  }
}

void Simulation::sink_weather() {
  const auto weather = static_cast<ModelElastic::Weather>(world_.chance.between(0, 16));
  const bool mended = world_.chance.below(2) == 0;
  world_.note("weather of the sink: " + std::to_string(mended ? 0 : static_cast<int>(weather)));
  if (mended) {
    sink_.mend();
  } else {
    sink_.turn(weather);
  }
}

// In the middle of something, soon.
void Simulation::power_cut() {
  cut_ = world_.chance.below(2) == 0 ? MemoryDisk::Cut::kill : MemoryDisk::Cut::power;
  disk_.die_after(static_cast<int>(world_.chance.between(1, 40)));
  world_.note("the power is about to fail");
}

void Simulation::fill_disk() {
  const bool hard = world_.chance.below(2) == 0;
  if (hard) disk_.limit(disk_.used() + world_.chance.between(0, 100'000));
  disk_full_until_ = world_.now() + world_.chance.about(4h);
  if (process_) process_->set_room(false);
  world_.note(hard ? "the disk is full" : "the disk is nearly full");
}

void Simulation::break_sync() {
  disk_.fail_sync_after(static_cast<int>(world_.chance.between(1, 20)));
  world_.note("a sync is about to fail");
}

void Simulation::step_clock() {
  const Millis by = world_.chance.below(3) == 0
                        ? -clock_error_
                        : Millis{world_.chance.between(-1, 1) * world_.chance.about(12h).count()};
  clock_error_ += by;
  if (process_) process_->step_wall(by);
  world_.note("the wall clock is off by " + to_text(clock_error_));
}

void Simulation::restart() {
  if (!process_) return;
  const bool politely = world_.chance.below(2) == 0;
  world_.note(politely ? "SIGTERM" : "SIGKILL");
  if (politely) process_->stop();
  end_process();
  if (world_.chance.below(3) == 0) {
    change_queries(plan_, world_.chance);
    world_.note("the queries are changed");
  }
  down_until_ = world_.now() + (world_.chance.below(4) == 0 ? world_.chance.about(40h) : world_.chance.about(10s));
}

void Simulation::replace_cluster() {
  world_.note("an empty cluster stands in the old one's place");
  sink_.mend();
  sink_.replace();
  lost_.clear();  // everything goes out again
  redelivered_.clear();
}

void Simulation::restore_ledger() {
  if (process_) {
    process_->stop();
    end_process();
  }
  if (!backup_ || world_.chance.below(2) == 0) {
    world_.note("a copy of the ledger is made");
    // Opened once more, so that the oracle knows what is in it.
    start_process();
    if (!process_) return;
    end_process();
    backup_ = Backup{disk_.copy(), oracle_.known()};
    return;
  }
  world_.note("the ledger is restored from a copy");
  disk_.restore(backup_->image);
  oracle_.restore(backup_->known);
  sink_.revisions_may_return = true;
  // What a copy cannot know has to be ordered again.
  forget_again_ = true;
  lost_.insert(lost_.end(), redelivered_.begin(), redelivered_.end());
  redelivered_.clear();
}

void Simulation::burst() {
  const bool bad = plan_.bad_share > 0 && world_.chance.below(3) == 0;
  x_.posts().burst(static_cast<int>(world_.chance.between(5, 150)), 10min, bad);
  world_.note(bad ? "a burst of posts that cannot be parsed" : "a burst of posts");
}

}  // namespace mentiond::sim
