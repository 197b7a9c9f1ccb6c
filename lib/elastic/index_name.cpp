#include "elastic/index_name.h"

#include <array>

namespace mentiond::elastic {
namespace {

// https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-indices-create
constexpr std::size_t longest_name = 255;
constexpr std::string_view forbidden_in_index = "\\/*?\"<>|,#:";
constexpr std::string_view forbidden_first = "-_+.";
constexpr std::string_view separators = "-_.";
constexpr std::string_view date_codes = "YmdH";
constexpr std::array<std::string_view, 5> data_stream_prefixes{"logs-", "metrics-", "traces-", "synthetics-",
                                                               "profiling-"};
constexpr std::string_view example = "; for example cloud_marketplace_data_%Y%m%d";

// A pattern taken apart.
struct Scan {
  std::string prefix;    // before the first date
  std::string wildcard;  // dates, and runs of them, as one *
  std::string codes;     // "Ymd": the dates in order
  [[nodiscard]] bool has(char code) const { return codes.find(code) != std::string::npos; }
};

std::optional<Error> check_literal(char c) {
  if (c >= 'A' && c <= 'Z') return fail("holds the capital ", std::string(1, c), ", but index names are lower case");
  if (c <= ' ' || c == 0x7F) return fail("holds white space, a control or a non-ASCII character");
  if (forbidden_in_index.find(c) != std::string_view::npos) {
    return fail("holds ", std::string(1, c), ", which Elasticsearch forbids in index names");
  }
  return std::nullopt;
}

Result<Scan> scan(std::string_view pattern) {
  Scan result;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    char c = pattern[at];
    if (c == '%') {
      ++at;
      if (at == pattern.size()) return fail("ends in a single %");
      c = pattern[at];
      if (date_codes.find(c) != std::string_view::npos) {
        result.codes += c;
        if (!result.wildcard.ends_with('*')) result.wildcard += '*';
        continue;
      }
      if (c != '%') return fail("holds %", std::string(1, c), ", but only %Y %m %d %H and %% are known");
    }
    if (const auto mistake = check_literal(c)) return *mistake;
    result.wildcard += c;
    if (result.codes.empty()) result.prefix += c;
  }
  return result;
}

// A date without its larger unit comes round again, and unlike years would share an index.
std::optional<Error> check_dates(const Scan& scan) {
  if (scan.codes.empty()) return fail("holds no date; at least %Y is needed", example);
  if (!scan.has('Y')) return fail("holds a date without its year, %Y", example);
  if (scan.has('d') && !scan.has('m')) return fail("holds %d without %m", example);
  if (scan.has('H') && !scan.has('d')) return fail("holds %H without %d", example);
  return std::nullopt;
}

std::optional<Error> check_prefix(const Scan& scan) {
  if (scan.prefix.empty())
    return fail("begins with its date; a name for alias and template must stand before it", example);
  if (forbidden_first.find(scan.prefix.front()) != std::string_view::npos) {
    return fail("begins with ", scan.prefix.substr(0, 1), ", which Elasticsearch forbids or keeps for itself");
  }
  for (const auto reserved : data_stream_prefixes) {
    if (scan.prefix.starts_with(reserved)) {
      return fail("begins with ", reserved, ", which built-in templates turn into data streams; choose another name");
    }
  }
  return std::nullopt;
}

}  // namespace

Result<IndexPattern> IndexPattern::parse(std::string_view pattern) {
  const auto mistake = [&](const Error& what) { return fail("index '", pattern, "' ", what.message); };
  if (pattern.empty()) return fail("the index name is empty", example);
  const auto parts = scan(pattern);
  if (!parts) return mistake(parts.error());
  if (const auto wrong = check_dates(*parts)) return mistake(*wrong);
  if (const auto wrong = check_prefix(*parts)) return mistake(*wrong);
  // Until the year 10000 every time expands to the same length.
  if (expand_date_pattern(pattern, Time{}).size() > longest_name) {
    return mistake(fail("becomes longer than the 255 bytes that Elasticsearch allows"));
  }
  IndexPattern result;
  result.text_ = pattern;
  result.wildcard_ = parts->wildcard;
  result.alias_ = parts->prefix.substr(0, parts->prefix.find_last_not_of(separators) + 1);
  return result;
}

std::string IndexPattern::index_of(TweetId root, std::optional<Time> created_at) const {
  return expand_date_pattern(text_, root.has_time() ? root.time() : created_at.value_or(root.time()));
}

}  // namespace mentiond::elastic
