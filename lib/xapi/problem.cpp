#include "xapi/problem.h"

#include <algorithm>

#include "base/ascii.h"
#include "xapi/json_walk.h"

namespace mentiond::xapi {
namespace {

constexpr std::size_t max_body = std::size_t{1} << 20U;  // bytes
constexpr std::size_t max_words = 300;                   // bytes
constexpr std::size_t token_length = 40;                 // X's bearer tokens have about 110 characters, its ids 19
constexpr std::size_t day_length = 10;                   // YYYY-MM-DD

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_without_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

bool may_be_in_token(char c) {
  return is_letter(c) || is_digit(c) || std::string_view{"-_%+=~"}.find(c) != std::string_view::npos;
}

std::string_view last_segment(std::string_view uri) {
  while (uri.ends_with('/')) uri.remove_suffix(1);
  return uri.substr(uri.rfind('/') + 1);
}

// "... until the next cycle begins on 2026-04-14.", where the date has no field of its own.
std::optional<Day> date_within(std::string_view words) {
  for (std::size_t at = 0; at + day_length <= words.size(); ++at) {
    if (const auto day = parse_day(words.substr(at, day_length))) return day;
  }
  return std::nullopt;
}

class ProblemReader {
 public:
  std::optional<Problem> read(std::string_view body) {
    if (body.size() > max_body || !walk_.open(body) || walk_.starts() != '{') return std::nullopt;
    std::string parameter;
    const bool whole = walk_.fields([&](std::string_view key) { return read_member(key, parameter); });
    if (!whole || !walk_.at_end()) return std::nullopt;
    if (!parameter.empty() || problem_.complaints.empty()) problem_.complaints.push_back({parameter, problem_.detail});
    if (!problem_.reset_date) problem_.reset_date = date_within(problem_.detail);
    return std::move(problem_);
  }

 private:
  bool read_member(std::string_view key, std::string& parameter) {
    if (key == "errors") return walk_.items_if([this] { return read_error(); });
    if (key == "parameter") return read(parameter);
    if (key == "detail") return read(problem_.detail);
    if (key != "reset_date") return read_kind(key, problem_.title);
    std::string date;
    if (!read(date)) return false;
    problem_.reset_date = parse_day(std::string_view{date}.substr(0, day_length));
    return true;
  }
  bool read_kind(std::string_view key, std::string& title) {
    if (key != "title" && key != "type") return walk_.skip();
    std::string text;
    if (!read(text)) return false;
    problem_.kinds.emplace_back(key == "type" ? last_segment(text) : std::string_view{text});
    if (key == "title") title = std::move(text);
    return true;
  }
  bool read_error() {
    std::vector<std::string> names;
    std::string title;
    std::string words;
    const bool whole = walk_.fields_if([&](std::string_view key) {
      if (key == "message" || (key == "detail" && words.empty())) return read(words);
      if (key == "parameter") return read(names.emplace_back());
      if (key != "parameters") return read_kind(key, title);
      return walk_.fields_if([&](std::string_view name) {
        names.emplace_back(name);
        return walk_.skip();
      });
    });
    if (names.empty()) names.emplace_back();
    for (std::string& name : names) problem_.complaints.push_back({std::move(name), words});
    return whole;
  }
  bool read(std::string& out) {
    std::string_view text;
    if (!walk_.read_text_if(text)) return false;
    out = text;
    return true;
  }

  JsonWalk walk_;
  Problem problem_;
};

}  // namespace

bool Problem::is(std::string_view kind) const {
  return std::any_of(kinds.begin(), kinds.end(), [kind](const auto& known) { return equal_without_case(known, kind); });
}

std::string Problem::summary() const {
  std::string words = title;
  // What a complaint says is worth more than "One or more parameters to your request was invalid."
  std::string_view reason = detail;
  for (const Complaint& complaint : complaints) {
    if (!complaint.message.empty()) reason = complaint.message;
  }
  if (!reason.empty() && reason != title) words.append(words.empty() ? "" : ": ").append(reason);
  return fit_for_log(words);
}

std::optional<Problem> read_problem(std::string_view body) { return ProblemReader{}.read(body); }

std::string fit_for_log(std::string_view words) {
  std::string out;
  while (!words.empty() && out.size() < max_words) {
    const auto run =
        static_cast<std::size_t>(std::find_if_not(words.begin(), words.end(), may_be_in_token) - words.begin());
    if (run >= token_length) {
      out.append("***");
    } else {
      out.append(words.substr(0, run));
    }
    words.remove_prefix(run);
    if (words.empty()) break;
    const auto byte = static_cast<unsigned char>(words.front());
    out.push_back(byte < 0x20 || byte == 0x7F ? ' ' : words.front());
    words.remove_prefix(1);
  }
  if (out.size() > max_words) out.resize(max_words);
  // Not in the middle of a character.
  while (!words.empty() && !out.empty() && (static_cast<unsigned char>(out.back()) & 0x80U) != 0) out.pop_back();
  return out;
}

}  // namespace mentiond::xapi
