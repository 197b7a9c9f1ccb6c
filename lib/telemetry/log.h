// Log: one event a line on stderr, as a stable name and fields. Never a secret, and no tweet's text below
// debug: whoever adds a field answers for that. Any thread.
//
//   log.write(Level::info, "walk_done", {{"query", "aws"}, {"pages", 3}, {"took", to_text(took)}});
//   event=walk_done query=aws pages=3 took=1.2s
#pragma once

#include <atomic>
#include <concepts>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "base/time.h"
#include "telemetry/options.h"

namespace mentiond::telemetry {

class Metrics;

// "debug", "info", "warn", "error": as in the configuration, the log and the label of
// mentiond_log_lines_total.
std::string_view to_text(Level level);
using mentiond::to_text;  // durations and days keep their names in here

struct Field {
  Field(std::string_view key, std::string_view text) : name(key), value(text) {}
  Field(std::string_view key, const char* text) : name(key), value(text) {}
  Field(std::string_view key, const std::string& text) : name(key), value(text) {}
  Field(std::string_view key, bool flag) : name(key), value(flag ? "true" : "false"), bare(true) {}
  Field(std::string_view key, std::integral auto number) : name(key), value(std::to_string(number)), bare(true) {}
  Field(std::string_view key, double number);

  std::string_view name;
  std::string value;
  bool bare = false;  // a number or a truth value: unquoted in JSON
};

class Log {
 public:
  // `under_systemd`: lines begin with a "<N>" priority (sd-daemon(3)) and bear no time of their own.
  Log(const Options& options, bool under_systemd, bool on_terminal);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void write(Level level, std::string_view event, std::initializer_list<Field> fields = {});
  [[nodiscard]] bool wants(Level level) const { return level >= level_; }
  void set_level(Level level) { level_ = level; }
  // From here on every line written counts in mentiond_log_lines_total. Before the log is shared; `metrics`
  // must live on.
  void count_in(Metrics& metrics) { metrics_ = &metrics; }

 private:
  struct Output;
  std::atomic<Level> level_;
  Metrics* metrics_ = nullptr;
  std::unique_ptr<Output> output_;
};

}  // namespace mentiond::telemetry
