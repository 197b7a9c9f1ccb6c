#include "config/keys.h"

#include <algorithm>
#include <array>

namespace mentiond::config {

namespace {

constexpr std::int64_t second = 1'000;  // in milliseconds, as all durations here
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;
// Recent search reaches back 7 days: a longer period would lose tweets by plan.
// https://docs.x.com/x-api/posts/search-recent-posts
constexpr std::int64_t longest_period = 6 * day;
constexpr std::int64_t many = 1'000'000'000'000;
// Clusters behind some hosted proxies take bodies of 10 MB at most; one document must still fit above the threshold.
constexpr std::int64_t largest_batch = 9'000'000;

constexpr std::array table = {
    Key{"x.base_url", Type::url, "https://api.x.com", "Where X's API is."},
    Key{"x.bearer_token", Type::secret, "", "The app's bearer token; one of this and `bearer_token_file` is needed."},
    Key{"x.bearer_token_file", Type::path, "",
        "The file that holds the token, or the name of a systemd credential; read again when X refuses the token."},
    Key{.path = "x.vocabulary",
        .type = Type::choice,
        .fallback = "auto",
        .doc = "Which of X's two sets of field names to ask in; `auto` changes over when X says so.",
        .choices = "auto|tweet|post"},
    Key{"x.expand_authors", Type::flag, "false", "Ask for author objects too; X bills each as a user read."},

    Key{"poll.every", Type::duration, "15m", "How often each query is polled.", second, longest_period},
    Key{"poll.daily_at", Type::time_of_day, "", "Poll once a day at this time (UTC), instead of `every`."},
    Key{"poll.overlap", Type::duration, "2m",
        "How far below its cursor a poll reads again: tweets enter the index late.", 0, day - 1},
    Key{"poll.max_pages", Type::count, "10", "Pages that a poll reads at most of what is new, and again of older gaps.",
        1, 100'000},
    Key{"poll.page_size", Type::count, "100", "Tweets asked for per page.", 10, 100},

    Key{"queries[].name", Type::name, "", "The query's own name, in logs, metrics and documents."},
    Key{"queries[].cloud", Type::name, "", "The cloud that its tweets are tagged with."},
    Key{"queries[].query", Type::query, "", "What X is asked; new text under an old name starts anew."},
    Key{"queries[].every", Type::duration, "", "Overrides the schedule of `poll` for this query.", second,
        longest_period},
    Key{"queries[].daily_at", Type::time_of_day, "", "Overrides the schedule of `poll` for this query."},

    Key{"budget.posts_per_month", Type::count, "20000", "Billed posts per month after which polling stops; 0: no cap.",
        0, many},
    Key{"budget.month_starts", Type::count, "1", "The day of the month on which X's billing month begins.", 1, 28},
    Key{"budget.usd_per_post", Type::amount, "0.005", "Price of a post read, for `mentiond_spend_usd`.", 0, 1'000},
    Key{"budget.usd_per_user", Type::amount, "0.010", "Price of a user read, for `mentiond_spend_usd`.", 0, 1'000},

    Key{"ledger.path", Type::path, "/var/lib/mentiond/ledger.db", "The ledger's file; its folder must be writable."},
    Key{"ledger.retention", Type::duration, "400d",
        "How long the text of a delivered tweet is kept, from when it was first seen; whole days.", 8 * day,
        36'500 * day},
    Key{"ledger.max_pending", Type::count, "1000000", "Polling stops while more tweets wait for Elasticsearch.", 1,
        many},

    Key{.path = "elasticsearch.urls",
        .type = Type::url,
        .fallback = "http://127.0.0.1:9200",
        .doc = "The cluster's nodes; the next is tried where one cannot be reached.",
        .shape = Shape::list},
    Key{"elasticsearch.cloud_id", Type::cloud_id, "", "The cluster's Elastic Cloud id, instead of `urls`."},
    Key{"elasticsearch.api_key", Type::secret, "", "An API key: `id:key`, its base64 form, or an Elastic Cloud key."},
    Key{"elasticsearch.api_key_file", Type::path, "",
        "The file that holds the key, or the name of a systemd credential."},
    Key{"elasticsearch.username", Type::text, "", "The user for basic authentication, instead of an API key."},
    Key{"elasticsearch.username_file", Type::path, "",
        "The file that holds the user's name, or the name of a systemd credential."},
    Key{"elasticsearch.password", Type::secret, "", "The user's password."},
    Key{"elasticsearch.password_file", Type::path, "",
        "The file that holds the password, or the name of a systemd credential."},
    Key{"elasticsearch.index", Type::index, "cloud_marketplace_data_%Y%m%d",
        "The index of a tweet, from the tweet's own time (UTC): `%Y`, `%m`, `%d`, `%H` and `%%`."},
    Key{.path = "elasticsearch.template",
        .type = Type::choice,
        .fallback = "install",
        .doc = "Whether to install the index template, to insist that it is there, or not to care.",
        .choices = "install|expect|none"},
    Key{"elasticsearch.ca_file", Type::path, "", "Certificates (PEM) to trust besides the system's."},
    Key{.path = "elasticsearch.ca_fingerprints",
        .type = Type::fingerprint,
        .fallback = "",
        .doc =
            "The CAs that may vouch for the cluster, by SHA-256, instead of the system's; the server must send its CA.",
        .shape = Shape::list},
    Key{"elasticsearch.batch_bytes", Type::size, "5MB",
        "A bulk request is sent when its body reaches this, uncompressed.", 1'000, largest_batch},
    Key{"elasticsearch.batch_docs", Type::count, "1000", "A bulk request is sent when it holds so many tweets.", 1,
        10'000},
    Key{"elasticsearch.flush_every", Type::duration, "2s", "A bulk request is sent after this time at the latest.", 10,
        10 * minute},
    Key{.path = "elasticsearch.gzip",
        .type = Type::choice,
        .fallback = "auto",
        .doc = "Compress bulk requests; `auto` does, except where every node is on this machine.",
        .choices = "auto|on|off"},

    Key{"admin.listen", Type::listen, "127.0.0.1:9464",
        "Where `/metrics`, `/healthz`, `/readyz` and `/status` are served; port 0 takes a free one and logs it."},
    Key{"admin.token", Type::secret, "", "The token that all but `/healthz` want as `Authorization: Bearer`."},
    Key{"admin.token_file", Type::path, "", "The file that holds it, or the name of a systemd credential."},

    Key{.path = "log.level",
        .type = Type::choice,
        .fallback = "info",
        .doc = "The least that is logged.",
        .choices = "debug|info|warn|error"},
    Key{.path = "log.format",
        .type = Type::choice,
        .fallback = "auto",
        .doc = "How lines look; `auto` is text on a terminal and logfmt otherwise.",
        .choices = "auto|text|logfmt|json"},

    Key{"shutdown_grace", Type::duration, "8s", "How long delivery may go on once the daemon is told to stop.", 0,
        hour},
};

std::string_view word(Type type) {
  switch (type) {
    case Type::text:
      return "text";
    case Type::name:
      return "name";
    case Type::query:
      return "query";
    case Type::secret:
      return "secret";
    case Type::path:
      return "path";
    case Type::url:
      return "URL";
    case Type::cloud_id:
      return "cloud id";
    case Type::index:
      return "index pattern";
    case Type::fingerprint:
      return "fingerprint";
    case Type::listen:
      return "address:port or unix:/path";
    case Type::duration:
      return "duration";
    case Type::size:
      return "size";
    case Type::count:
      return "whole number";
    case Type::amount:
      return "decimal number";
    case Type::flag:
      return "true or false";
    case Type::choice:
      return "choice";
    case Type::time_of_day:
      return "time of day";
  }
  return "text";
}

}  // namespace

std::string describe_type(const Key& key) {
  if (key.shape == Shape::list) return "list of " + std::string{word(key.type)} + 's';
  if (key.type != Type::choice) return std::string{word(key.type)};
  std::string text;
  for (const char c : key.choices) text += c == '|' ? std::string{", "} : std::string{c};
  const auto last = text.rfind(", ");
  return text.replace(last, 2, " or ");
}

std::span<const Key> all_keys() { return table; }

const Key* find_key(std::string_view path) {
  const auto* const found = std::find_if(table.begin(), table.end(), [&](const Key& key) { return key.path == path; });
  return found == table.end() ? nullptr : found;
}

std::vector<std::string_view> names_below(std::string_view prefix) {
  std::vector<std::string_view> names;
  for (const Key& key : table) {
    if (!key.path.starts_with(prefix)) continue;
    const std::string_view rest = key.path.substr(prefix.size());
    const std::string_view name = rest.substr(0, rest.find_first_of(".["));
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

}  // namespace mentiond::config
