// What the ledger remembers, for verbs that only look: they work beside a running daemon, and before the first run.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "config/config.h"
#include "ledger/ledger_reader.h"

namespace mentiond {

class Past {
 public:
  // No ledger yet is a past without anything in it. One that is there and cannot be read fails: whoever took it for
  // none would ask X for what was paid already.
  static ledger::Outcome<Past> open(const std::string& path);

  [[nodiscard]] bool is_empty() const { return reader_ == nullptr; }
  // How far the query has come; nothing: it was never walked.
  ledger::Outcome<std::optional<TweetId>> cursor(const collect::QueryOptions& query) const;
  ledger::Outcome<std::optional<std::string>> vocabulary() const;
  // The first revision that a run started now would draw.
  ledger::Outcome<std::uint64_t> next_revision(Time now) const;

 private:
  explicit Past(std::unique_ptr<ledger::LedgerReader> reader) : reader_(std::move(reader)) {}
  std::unique_ptr<ledger::LedgerReader> reader_;
};

}  // namespace mentiond
