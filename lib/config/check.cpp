#include "config/check.h"

#include <algorithm>

#include "base/ascii.h"
#include "config/nearest.h"
#include "config/units.h"
#include "elastic/cloud_id.h"
#include "elastic/index_name.h"
#include "http/endpoint.h"
#include "http/fingerprint.h"
#include "http/unix_socket.h"

namespace mentiond::config {

namespace {

// https://docs.x.com/x-api/posts/search/integrate/build-a-query
constexpr std::size_t max_query_characters = 512;
constexpr std::size_t max_name_bytes = 64;  // they become labels and field names

using Problem = std::optional<std::string>;

bool is_letter_or_digit(char c) { return is_letter(c) || is_digit(c); }

// A bound in the units in which one writes the key.
std::string bound(const Key& key, std::int64_t value) {
  if (key.type == Type::duration) {
    for (const auto& [name, factor] : {std::pair{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}}) {
      if (value % factor == 0) return std::to_string(value / factor) + (value == 0 ? "s" : name);
    }
    return std::to_string(value) + "ms";
  }
  if (key.type == Type::size) {
    return value % 1'000'000 == 0 ? std::to_string(value / 1'000'000) + "MB" : std::to_string(value / 1'000) + "KB";
  }
  return std::to_string(value);
}

template <class Number>
Problem check_range(const Key& key, std::string_view text, Number value) {
  if (value >= static_cast<Number>(key.least) && value <= static_cast<Number>(key.most)) return std::nullopt;
  return quoted(text) + " is out of range; expected " + bound(key, key.least) + " to " + bound(key, key.most);
}

Problem check_number(const Key& key, std::string_view text) {
  if (key.type == Type::duration) {
    const auto duration = parse_duration(text);
    return duration ? check_range(key, text, duration->count()) : Problem{duration.error().message};
  }
  if (key.type == Type::amount) {
    const auto amount = parse_amount(text);
    return amount ? check_range(key, text, *amount) : Problem{amount.error().message};
  }
  const auto number = key.type == Type::size ? parse_size(text) : parse_count(text);
  if (number) return check_range(key, text, *number);
  if (key.type == Type::size) return number.error().message;
  return number.error().message + "; expected " + bound(key, key.least) + " to " + bound(key, key.most);
}

Problem check_name(std::string_view text) {
  const auto ok = [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; };
  if (!text.empty() && text.size() <= max_name_bytes && std::all_of(text.begin(), text.end(), ok)) return std::nullopt;
  return quoted(text) + " is no name; expected 1 to 64 of the characters A-Z, a-z, 0-9, - and _";
}

Problem check_query(std::string_view text) {
  if (text.find_first_not_of(' ') == std::string_view::npos) {
    return "is empty; expected what X shall be asked, such as \"AWS Marketplace -is:retweet\"";
  }
  if (std::any_of(text.begin(), text.end(), is_control)) {
    return "holds a line break, tab or control character; expected one line (write a long one behind >-)";
  }
  const std::size_t characters = count_characters(text);
  if (characters <= max_query_characters) return std::nullopt;
  return "has " + std::to_string(characters) + " characters; X takes 512 at most: shorten or split it";
}

Problem check_choice(const Key& key, std::string_view text) {
  std::vector<std::string_view> names;
  for (std::string_view rest = key.choices; !rest.empty();) {
    const auto end = std::min(rest.find('|'), rest.size());
    names.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (std::find(names.begin(), names.end(), text) != names.end()) return std::nullopt;
  std::string problem = quoted(text) + " is not known; expected " + describe_type(key);
  if (const auto meant = nearest(text, names)) problem += "; did you mean " + std::string{*meant} + '?';
  return problem;
}

template <class T>
Problem problem_of(const Result<T>& result) {
  return result ? Problem{} : Problem{result.error().message};
}

// Whether the file is there is asked by whoever opens it: the folder may be mounted only then.
Problem check_path(const Key& key, std::string_view text) {
  // The sample shows `ca_file: ""`: no file.
  if (text.empty()) return key.path == "elasticsearch.ca_file" ? Problem{} : "is empty; expected a file's path";
  if (std::any_of(text.begin(), text.end(), is_control)) return "holds a control character; expected a file's path";
  return std::nullopt;
}

}  // namespace

Problem check(const Key& key, std::string_view text) {
  switch (key.type) {
    case Type::duration:
    case Type::size:
    case Type::count:
    case Type::amount:
      return check_number(key, text);
    case Type::name:
      return check_name(text);
    case Type::query:
      return check_query(text);
    case Type::choice:
      return check_choice(key, text);
    case Type::fingerprint:
      return problem_of(http::parse_fingerprint(text));
    case Type::path:
      return check_path(key, text);
    case Type::url:
      return problem_of(http::parse_endpoint(text));
    case Type::cloud_id:
      return problem_of(elastic::decode_cloud_id(text));
    case Type::index:
      return problem_of(elastic::IndexPattern::parse(text));
    case Type::listen:
      return problem_of(parse_listen(text));
    case Type::secret:
    case Type::text:
      return text.empty() ? Problem{"is empty; give it a value, or leave the key out"} : std::nullopt;
    case Type::flag:
      if (text == "true" || text == "false") return std::nullopt;
      return quoted(text) + " is neither true nor false";
    case Type::time_of_day:
      if (parse_time_of_day(text)) return std::nullopt;
      return quoted(text) + " is no time of day; expected HH:MM from 00:00 to 23:59 (UTC)";
  }
  return std::nullopt;
}

Result<Listen> parse_listen(std::string_view text) {
  const auto wrong = [&] {
    return fail(quoted(text),
                " is no address to listen on; expected HOST:PORT, such as 127.0.0.1:9464 or [::1]:9464, "
                "or unix:/PATH");
  };
  constexpr std::string_view unix_prefix = "unix:";
  if (text.starts_with(unix_prefix)) {
    const std::string_view path = text.substr(unix_prefix.size());
    if (!path.starts_with('/') || path.ends_with('/') || std::any_of(path.begin(), path.end(), is_control)) {
      return fail(quoted(text), " is no socket's path; expected such as unix:/run/mentiond/admin.sock");
    }
    if (path.size() > http::max_socket_path) {
      return fail(quoted(text), " is too long for a socket; expected a path of at most 103 bytes");
    }
    return Listen{.host = {}, .port = 0, .socket = std::string{path}};
  }
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong();
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto ok = [&](char c) { return is_letter_or_digit(c) || c == '.' || c == '-' || (bracketed && c == ':'); };
  if (host.empty() || !std::all_of(host.begin(), host.end(), ok)) return wrong();
  const auto port = parse_count(text.substr(colon + 1));
  if (!port || *port > 65'535) return fail(quoted(text), " has no valid port; expected 0 (a free one) to 65535");
  return Listen{.host = std::string{host}, .port = static_cast<std::uint16_t>(*port), .socket = {}};
}

std::size_t count_characters(std::string_view text) {
  const auto begins_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = [&](std::size_t at) -> unsigned {
      return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
    };
    const unsigned first = byte(i);
    const std::size_t length = first < 0x80 ? 1 : first >= 0xC2 && first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (first >= 0x80 && (first < 0xC2 || first > 0xF4)) return i;
    unsigned code = length == 1 ? first : first & (0xFFU >> (length + 1));
    for (std::size_t k = 1; k < length; ++k) {
      if ((byte(i + k) & 0xC0U) != 0x80U) return i;
      code = code << 6U | (byte(i + k) & 0x3FU);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    if (overlong || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return i;
    i += length;
  }
  return std::nullopt;
}

}  // namespace mentiond::config
