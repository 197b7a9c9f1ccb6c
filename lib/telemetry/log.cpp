#include "telemetry/log.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "base/json_writer.h"
#include "base/time.h"
#include "telemetry/metrics.h"

namespace mentiond::telemetry {

namespace {

// The number of syslog(3) that sd-daemon(3) has in its "<N>" prefixes.
char systemd_priority(Level level) {
  switch (level) {
    case Level::debug:
      return '7';
    case Level::info:
      return '6';
    case Level::warn:
      return '4';
    case Level::error:
      return '3';
  }
  return '6';
}

bool is_c1_control(std::string_view text, std::size_t at) {
  if (text[at] != '\xC2' || at + 1 >= text.size()) return false;
  const auto next = static_cast<unsigned char>(text[at + 1]);
  return next >= 0x80 && next <= 0x9F;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7F'; }

bool needs_quotes(std::string_view value) {
  if (value.empty()) return true;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (c == ' ' || c == '"' || c == '=' || c == '\\' || is_control(c) || is_c1_control(value, i)) return true;
  }
  return false;
}

void append_escape(std::string& out, unsigned code) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u00";
  out += digits[code >> 4U & 0xFU];
  out += digits[code & 0xFU];
}

// What comes from outside must neither end the line nor speak to the terminal, hence C0 and C1 controls are
// escaped.
void append_quoted(std::string& out, std::string_view value) {
  out += '"';
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (is_control(c)) {
      append_escape(out, static_cast<unsigned char>(c));
    } else if (is_c1_control(value, i)) {
      append_escape(out, static_cast<unsigned char>(value[++i]));
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_pair(std::string& out, std::string_view name, std::string_view value) {
  if (!out.empty()) out += ' ';
  out += name;
  out += '=';
  if (needs_quotes(value)) {
    append_quoted(out, value);
  } else {
    out += value;
  }
}

struct Line {
  Level level;
  std::string_view event;
  std::initializer_list<Field> fields;
  std::string time;  // empty: the journal knows it
};

std::string as_logfmt(const Line& line) {
  std::string out;
  if (!line.time.empty()) append_pair(out, "ts", line.time);
  append_pair(out, "level", to_text(line.level));
  append_pair(out, "event", line.event);
  for (const Field& field : line.fields) append_pair(out, field.name, field.value);
  return out;
}

std::string as_text(const Line& line) {
  std::string out = line.time;
  if (!out.empty()) out += ' ';
  constexpr std::size_t level_width = 6;  // the longest name and a blank
  out += to_text(line.level);
  out.append(level_width - to_text(line.level).size(), ' ');
  out += line.event;
  for (const Field& field : line.fields) append_pair(out, field.name, field.value);
  return out;
}

std::string as_json(const Line& line) {
  std::string out;
  JsonWriter json{out};
  json.begin_object();
  if (!line.time.empty()) json.key("ts").text(line.time);
  json.key("level").text(to_text(line.level)).key("event").text(line.event);
  for (const Field& field : line.fields) {
    json.key(field.name);
    if (field.bare) {
      json.raw(field.value);
    } else {
      json.text(field.value);
    }
  }
  json.end_object();
  return out;
}

}  // namespace

std::string_view to_text(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warn:
      return "warn";
    case Level::error:
      return "error";
  }
  return "info";
}

Field::Field(std::string_view key, double number) : name(key), bare(std::isfinite(number)) {
  char digits[32];
  const auto written = std::to_chars(std::begin(digits), std::end(digits), number);
  value.assign(std::begin(digits), written.ptr);
}

struct Log::Output {
  spdlog::logger logger{"mentiond", std::make_shared<spdlog::sinks::stderr_sink_mt>()};
  Format format = Format::logfmt;
  bool under_systemd = false;
};

Log::Log(const Options& options, bool under_systemd, bool on_terminal)
    : level_(options.level), output_(std::make_unique<Output>()) {
  output_->under_systemd = under_systemd;
  output_->format = options.format != Format::automatic ? options.format : on_terminal ? Format::text : Format::logfmt;
  output_->logger.set_formatter(std::make_unique<spdlog::pattern_formatter>("%v"));
  output_->logger.set_level(spdlog::level::trace);
  output_->logger.flush_on(spdlog::level::trace);
}

Log::~Log() = default;

void Log::write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  if (!wants(level)) return;
  if (metrics_ != nullptr) metrics_->count(Counter::log_lines, to_text(level));
  Line line{level, event, fields, {}};
  if (!output_->under_systemd) {
    line.time = to_iso8601(std::chrono::floor<Millis>(std::chrono::system_clock::now()));
  }
  std::string text = output_->under_systemd ? std::string{'<', systemd_priority(level), '>'} : std::string{};
  switch (output_->format) {
    case Format::text:
      text += as_text(line);
      break;
    case Format::json:
      text += as_json(line);
      break;
    case Format::automatic:
    case Format::logfmt:
      text += as_logfmt(line);
      break;
  }
  output_->logger.log(spdlog::level::info, spdlog::string_view_t{text.data(), text.size()});
}

}  // namespace mentiond::telemetry
