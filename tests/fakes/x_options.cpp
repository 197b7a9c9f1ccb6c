#include "fakes/x_options.h"

#include <charconv>

#include "base/json_writer.h"
#include "fakes/message.h"

namespace mentiond::fakes {
namespace {

Result<void> bad(std::string_view name, std::string_view value) { return fail("not a value for ", name, ": ", value); }

template <class Number>
Result<void> read(Number& out, std::string_view name, std::string_view value) {
  Number number{};
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size()) return bad(name, value);
  out = number;
  return {};
}

Result<void> read(Millis& out, std::string_view name, std::string_view value) {
  const auto duration = parse_duration(value);
  if (!duration) return bad(name, value);
  out = *duration;
  return {};
}

std::string_view to_text(Accepted accepted) {
  return accepted == Accepted::tweet ? "tweet" : accepted == Accepted::post ? "post" : "both";
}

}  // namespace

Result<void> XOptions::set(std::string_view name, std::string_view value, Time now) {
  if (name == "token") return token = value, Result<void>{};
  if (name == "reject_query") return reject_query = value, Result<void>{};
  if (name == "tweets") return read(tweets, name, value);
  if (name == "seed") return read(seed, name, value);
  if (name == "live") return read(live, name, value);
  if (name == "noise") return read(noise, name, value);
  if (name == "late") return read(late, name, value);
  if (name == "short_pages") return read(short_pages, name, value);
  if (name == "rate_limit") return read(rate_limit, name, value);
  if (name == "max_query") return read(max_query, name, value);
  if (name == "span") return read(span, name, value);
  if (name == "index_delay") return read(index_delay, name, value);
  if (name == "late_by") return read(late_by, name, value);
  if (name == "rate_window") return read(rate_window, name, value);
  if (name == "window") return read(window, name, value);
  if (name == "edge") return read(edge, name, value);
  if (name == "token_ttl") return read(token_ttl, name, value);
  if (name == "clock_offset") return read(clock_offset, name, value);
  if (name == "lazy") return lazy = value != "false", Result<void>{};
  if (name == "clock") {
    const auto time = parse_iso8601(value);
    if (!time) return bad(name, value);
    clock_offset = *time - now;
    return {};
  }
  if (name == "vocabulary") {
    for (const auto choice : {Accepted::tweet, Accepted::post, Accepted::both}) {
      if (value == to_text(choice)) return vocabulary = choice, Result<void>{};
    }
    return bad(name, value);
  }
  if (name == "error_shape") {
    if (value != "nested" && value != "flat") return bad(name, value);
    error_shape = value == "flat" ? ErrorShape::flat : ErrorShape::nested;
    return {};
  }
  return fail("unknown setting: ", name);
}

bool XOptions::accepts(Vocabulary asked) const {
  return vocabulary == Accepted::both || (vocabulary == Accepted::tweet) == (asked == Vocabulary::tweet);
}

std::string XOptions::to_json() const {
  const auto millis = [](Millis duration) { return std::to_string(duration.count()) + "ms"; };
  std::string out;
  JsonWriter json{out};
  json.begin_object().key("token").text(token).key("tweets").number(tweets).key("seed").number(seed).key("span").text(
      millis(span));
  json.key("live").number(live).key("noise").number(noise).key("late").number(late).key("late_by").text(
      millis(late_by));
  json.key("short_pages")
      .number(short_pages)
      .key("index_delay")
      .text(millis(index_delay))
      .key("vocabulary")
      .text(to_text(vocabulary));
  json.key("error_shape")
      .text(error_shape == ErrorShape::flat ? "flat" : "nested")
      .key("rate_limit")
      .number(rate_limit);
  json.key("rate_window").text(millis(rate_window)).key("window").text(millis(window)).key("edge").text(millis(edge));
  json.key("token_ttl")
      .text(millis(token_ttl))
      .key("max_query")
      .number(max_query)
      .key("clock_offset")
      .text(millis(clock_offset));
  json.key("reject_query").text(reject_query).key("lazy").boolean(lazy).end_object();
  return out;
}

}  // namespace mentiond::fakes
