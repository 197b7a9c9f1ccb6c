// DocumentBuilder: turns a tweet into the JSON document that is indexed. Derived fields are computed here, at every
// send, and stored nowhere: a better rule reaches old tweets by a redelivery.
//
// One thread at a time: it reuses its buffers, and appends to the caller's string without copying a document.
// 64-bit ids are JSON strings always: browsers round such numbers (https://github.com/elastic/kibana/issues/38398).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "base/time.h"
#include "mention/match.h"
#include "mention/tags.h"
#include "mention/tweet.h"

namespace mentiond::elastic {

// A configured query, as far as documents care.
struct QueryText {
  std::string name;
  std::string cloud;
  std::string text;
};

// Which phrases each configured query looks for. Immutable; any thread.
class MatchTable {
 public:
  MatchTable() = default;
  explicit MatchTable(std::span<const QueryText> queries);

  // The best match over those of the row's queries that search for `cloud`. A query that is no longer configured, or
  // now searches for another cloud, says nothing: what is left is `loose`. `text` is decoded.
  [[nodiscard]] Match match(std::string_view cloud, const QuerySet& queries, std::string_view text) const;

 private:
  struct Entry {
    std::string name;
    std::string cloud;
    std::vector<Phrase> phrases;
  };
  std::vector<Entry> entries_;  // a handful: searched one after the other
};

class DocumentBuilder {
 public:
  explicit DocumentBuilder(MatchTable matches) : matches_(std::move(matches)) {}

  // Appends one JSON object without a newline. What is absent (author, language, a metric, an entity) is left out.
  // Bytes that are not UTF-8 become U+FFFD.
  void append(std::string& out, const Tweet& tweet, const CloudSet& clouds, const QuerySet& queries, Time first_seen);

 private:
  std::string_view decoded(std::string_view text);
  void append_matches(JsonWriter& json, const CloudSet& clouds, const QuerySet& queries, std::string_view text) const;
  void collect_domains(const Tweet& tweet);

  MatchTable matches_;
  // Scratch, of the tweet at hand:
  std::string text_;  // decoded, if there was anything to decode
  std::string url_;
  std::vector<std::string> domains_;
};

// The host of an expanded URL: lower case, without user, port, "www." and final dot. Empty if there is none.
std::string domain_of(std::string_view url);

}  // namespace mentiond::elastic
