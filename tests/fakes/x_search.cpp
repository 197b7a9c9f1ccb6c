#include "fakes/x_search.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "mention/tweet_id.h"

namespace mentiond::fakes {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view known_parameters[] = {"query",        "start_time",   "end_time",    "since_id",
                                                 "until_id",     "max_results",  "next_token",  "pagination_token",
                                                 "sort_order",   "tweet.fields", "post.fields", "expansions",
                                                 "media.fields", "poll.fields",  "user.fields", "place.fields"};
constexpr std::string_view known_expansions[] = {"article.cover_media",        "article.media_entities",
                                                 "attachments.media_keys",     "attachments.media_source_tweet",
                                                 "attachments.poll_ids",       "author_id",
                                                 "entities.mentions.username", "geo.place_id",
                                                 "in_reply_to_user_id"};
constexpr std::string_view tweet_expansions[] = {"edit_history_tweet_ids", "entities.note.mentions.username",
                                                 "referenced_tweets.id", "referenced_tweets.id.attachments.media_keys",
                                                 "referenced_tweets.id.author_id"};
constexpr std::string_view post_expansions[] = {"edit_history_post_ids", "referenced_posts", "username"};

constexpr std::string_view digits32 = "0123456789abcdefghijklmnopqrstuv";  // base32hex
constexpr std::uint64_t mask = 0x5DEECE66DA1B2C3DULL;                      // makes tokens look opaque, hides nothing

std::uint64_t fnv(std::string_view text, std::uint64_t hash = 0xCBF29CE484222325ULL) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return hash;
}

void put(std::string& out, std::uint64_t value) {
  value ^= mask;
  for (unsigned shift = 65; shift > 0; shift -= 5) out += digits32[value >> (shift - 5) & 31U];
}

std::optional<std::uint64_t> take(std::string_view& token) {
  if (token.size() < 13) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : token.substr(0, 13)) {
    const auto digit = digits32.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    value = value << 5U | digit;
  }
  token.remove_prefix(13);
  return value ^ mask;
}

// To the minute, as the message has it.
std::string to_minute(Time time) { return to_iso8601(time).substr(0, 16) + "Z"; }

class Reader {
 public:
  Reader(const Parameters& parameters, const XOptions& options, Time now)
      : parameters_(parameters), options_(options), now_(now) {}

  std::variant<Search, Answer> read() {
    const bool good = names() && query() && size() && order() && ids_and_times() && fields() && expansions() && token();
    if (!good) return std::move(*refusal_);
    return std::move(search_);
  }

 private:
  bool refuse(std::string_view name, std::string_view value, std::string_view message) {
    refusal_ = invalid_request(options_.error_shape, name, value, message);
    return false;
  }

  bool names() {
    std::string all;
    for (const auto known : known_parameters) {
      if (known == "tweet.fields" && !options_.accepts(Vocabulary::tweet)) continue;
      if (known == "post.fields" && !options_.accepts(Vocabulary::post)) continue;
      all += (all.empty() ? "" : ",") + std::string{known};
    }
    for (const auto& [name, value] : parameters_) {
      if (!lists(all, name))
        return refuse(name, value, "The query parameter [" + name + "] is not one of [" + all + "]");
    }
    return true;
  }

  bool query() {
    const auto text = find(parameters_, "query");
    if (!text || text->empty()) return refuse("query", "", "The `query` query parameter can not be empty");
    const auto length = static_cast<std::size_t>(
        std::ranges::count_if(*text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
    if (length > options_.max_query) {
      return refuse("query", *text,
                    "There were errors processing your request: Rules must be " + std::to_string(options_.max_query) +
                        " characters or less, this one has " + std::to_string(length));
    }
    if (!options_.reject_query.empty() && text->find(options_.reject_query) != std::string::npos) {
      return refuse("query", *text,
                    "There were errors processing your request: Ambiguous use of and as a keyword. (at position 1)");
    }
    search_.query = *text;
    return true;
  }

  bool size() {
    const auto text = find(parameters_, "max_results");
    if (!text) return true;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), search_.max_results);
    if (error != std::errc{} || end != text->data() + text->size() || search_.max_results < 10 ||
        search_.max_results > 100) {
      return refuse("max_results", *text,
                    "The `max_results` query parameter value [" + *text + "] is not between 10 and 100");
    }
    return true;
  }

  bool order() {
    const auto text = find(parameters_, "sort_order");
    if (!text || *text == "recency" || *text == "relevancy") return true;
    return refuse("sort_order", *text,
                  "The `sort_order` query parameter value [" + *text + "] is not one of [recency,relevancy]");
  }

  bool ids_and_times() {
    const Time oldest = now_ - options_.window;
    search_.low = std::max<std::uint64_t>(TweetId::at(oldest).value(), 1) - 1;
    search_.high = TweetId::at(now_ - options_.edge).value() + (options_.edge > 0ms ? 0 : TweetId::max_value / 2);
    const auto since = find(parameters_, "since_id");
    const auto until = find(parameters_, "until_id");
    const auto start = find(parameters_, "start_time");
    const auto end = find(parameters_, "end_time");
    if ((since || until) && (start || end)) {
      return refuse(since ? "since_id" : "until_id", since ? *since : *until,
                    "Invalid use of 'since_id' or 'until_id' in conjunction with 'start_time' or 'end_time'");
    }
    if (since && !id("since_id", *since, oldest)) return false;
    if (until && !id("until_id", *until, oldest)) return false;
    return (!start || time("start_time", *start, oldest)) && (!end || time("end_time", *end, oldest));
  }

  bool id(const std::string& name, const std::string& value, Time oldest) {
    const auto parsed = TweetId::parse(value);
    if (!parsed)
      return refuse(name, value,
                    "The `" + name + "` query parameter value [" + value + "] does not match ^[0-9]{1,19}$");
    const TweetId bound = TweetId::at(oldest);
    if (*parsed < bound) {
      return refuse(name, value,
                    "'" + name + "' must be a tweet id created after " + to_minute(oldest) + ". Please use a '" + name +
                        "' that is larger than " + bound.to_string());
    }
    if (name == "since_id") {
      search_.low = parsed->value();
    } else {
      search_.high = std::min(search_.high, parsed->value());
    }
    return true;
  }

  bool time(const std::string& name, const std::string& value, Time oldest) {
    const auto parsed = parse_iso8601(value);
    if (!parsed)
      return refuse(name, value,
                    "The `" + name + "` query parameter value [" + value + "] is not a valid RFC3339 timestamp");
    if (*parsed > now_ - 10s) {
      return refuse(name, value,
                    "Invalid '" + name + "':'" + value + "'. '" + name +
                        "' must be a minimum of 10 seconds prior to the request time.");
    }
    if (*parsed < oldest) {
      return refuse(name, value,
                    "Invalid '" + name + "':'" + value + "'. '" + name + "' must be on or after " + to_minute(oldest) +
                        ". Please use a '" + name + "' that is greater than or equal to " + to_minute(oldest + 1min) +
                        ".");
    }
    if (name == "start_time") {
      search_.low = TweetId::at(*parsed).value() - 1;
    } else {
      search_.high = TweetId::at(*parsed).value();
    }
    return true;
  }

  bool fields() {
    const bool only_post = options_.vocabulary == Accepted::post;
    search_.vocabulary = only_post || find(parameters_, "post.fields") ? Vocabulary::post : Vocabulary::tweet;
    const std::string name = search_.vocabulary == Vocabulary::tweet ? "tweet.fields" : "post.fields";
    return each(name, [&](std::string_view value) {
      const auto field = field_named(value, search_.vocabulary);
      if (field) search_.fields.add(*field);
      return field.has_value();
    });
  }

  bool expansions() {
    search_.user_fields = find(parameters_, "user.fields").value_or("");
    return each("expansions", [&](std::string_view value) {
      if (value == "author_id") {
        search_.users = true;
        search_.fields.add(Field::author_id);
      }
      const auto among = [&](const auto& list) { return std::ranges::find(list, value) != std::end(list); };
      return among(known_expansions) ||
             (search_.vocabulary == Vocabulary::tweet ? among(tweet_expansions) : among(post_expansions));
    });
  }

  // Hands each value of a list parameter to `accept`; the first that it does not know is refused by name.
  template <class Accept>
  bool each(const std::string& name, Accept accept) {
    const std::string all = find(parameters_, name).value_or("");
    std::string_view rest = all;
    while (!rest.empty()) {
      const auto comma = rest.find(',');
      const auto value = rest.substr(0, comma);
      rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
      if (!accept(value))
        return refuse(name, value,
                      "The `" + name + "` query parameter value [" + std::string{value} +
                          "] is not one of the values that are known here");
    }
    return true;
  }

  bool token() {
    search_.hash = fnv(search_.query);
    for (const auto name : {"since_id", "until_id", "start_time", "end_time", "sort_order", "max_results"}) {
      search_.hash = fnv(find(parameters_, name).value_or("-"), search_.hash);
    }
    const auto next = find(parameters_, "next_token");
    const auto page = find(parameters_, "pagination_token");
    const std::string name = next ? "next_token" : "pagination_token";
    if (next && page)
      return refuse("pagination_token", *page, "next_token and pagination_token are the same parameter: give one");
    if (!next && !page) return true;
    const std::string& text = next ? *next : *page;
    std::string_view rest = text;
    const auto last = take(rest);
    const auto issued = take(rest);
    const auto hash = take(rest);
    const bool good = hash && *hash == search_.hash && rest.empty();
    const bool expired = good && options_.token_ttl > 0ms &&
                         now_ > Time{Millis{static_cast<std::int64_t>(*issued)}} + options_.token_ttl;
    if (!good || expired) return refuse(name, text, "The '" + name + "' [" + text + "] is not valid");
    search_.high = std::min(search_.high, *last);
    return true;
  }

  const Parameters& parameters_;
  const XOptions& options_;
  Time now_;
  Search search_;
  std::optional<Answer> refusal_;
};

}  // namespace

std::variant<Search, Answer> read_search(const Parameters& parameters, const XOptions& options, Time now) {
  return Reader{parameters, options, now}.read();
}

std::string make_page_token(std::uint64_t last, Time issued, std::uint64_t hash) {
  std::string out;
  put(out, last);
  put(out, static_cast<std::uint64_t>(issued.time_since_epoch().count()));
  put(out, hash);
  return out;
}

}  // namespace mentiond::fakes
