// Config: everything an operator may set, validated once, as the rooms' own options. Loading never stops at the first
// mistake: it reports all of them, each with its place. A loaded Config is immutable and may be read by any thread.
//
//   const auto path = find_config(option, environment);
//   const auto config = load_file(*path, environment);       // every mistake: exit 78
//   const auto token = config->bearer_token.read();          // anew after each 401: secrets rotate
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/options.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "collect/options.h"
#include "config/draft.h"
#include "config/environment.h"
#include "config/mistake.h"
#include "config/secret_source.h"
#include "deliver/options.h"
#include "http/options.h"
#include "ledger/options.h"
#include "telemetry/options.h"

namespace mentiond::config {

// How to prove to Elasticsearch who we are: an API key, or a user and a password, or nothing (an open cluster).
struct Credentials {
  SecretSource api_key;
  SecretSource username;
  SecretSource password;
  // The value of the Authorization header as the secrets are now ("ApiKey ...", "Basic ..."); empty for an open
  // cluster.
  [[nodiscard]] Result<Secret> authorization() const;
};

struct Elasticsearch {
  http::Options http;
  deliver::Options deliver;
  Credentials credentials;
};

struct Config {
  http::Options x_http;
  SecretSource bearer_token;
  collect::Options collect;
  ledger::Options ledger;
  std::optional<Elasticsearch> elasticsearch;  // nothing: the ledger alone is the store
  admin::Options admin;
  telemetry::Options log;
  Millis shutdown_grace{8'000};  // below the 10 s after which `docker stop` kills

  std::vector<std::string> warnings;  // not wrong, but worth a log line at start: an admin port that all may ask
  Draft draft;                        // as it was written; effective() shows it
};

inline constexpr std::string_view default_path = "/etc/mentiond/mentiond.yaml";

// The file to load: `option` (from --config), else $MENTIOND_CONFIG, else default_path. Fails if that file does not
// exist, naming where it was looked for.
Result<std::string> find_config(const std::optional<std::string>& option, const Environment& environment);

// Reads YAML; `file` is its name in messages. Besides its arguments it reads the files of secrets, which must be there.
Result<Config, Mistakes> load_text(std::string_view yaml, const std::string& file, const Environment& environment);
Result<Config, Mistakes> load_file(const std::string& path, const Environment& environment);

// The configuration as YAML with defaults filled in and secrets as ***: with these put back it loads as the same.
std::string effective(const Config& config);

}  // namespace mentiond::config
