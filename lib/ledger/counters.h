// Counters are the few numbers that would be dear to count anew: the last revision, rows, what waits per sink. Held in
// memory, written to the table `counter` by the transaction that changed them. Internal to the room.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "ledger/row.h"
#include "ledger/statement.h"

namespace mentiond::ledger {

class Counters {
 public:
  explicit Counters(Connection& connection) : connection_(connection) {}

  // Reads them all anew: at open, and after a transaction was rolled back.
  void load();
  // Writes what has changed, within the transaction under way.
  void save();

  [[nodiscard]] std::int64_t get(std::string_view name) const;
  void add(std::string_view name, std::int64_t delta);
  void set(std::string_view name, std::int64_t value);

  // What waits for a sink; `redeliveries` are no counter.
  [[nodiscard]] SinkCounts of_sink(std::int64_t sink) const;

  static constexpr std::string_view last_revision = "last_revision";  // the greatest ever drawn
  static constexpr std::string_view posts = "posts";                  // rows of post
  static constexpr std::string_view payloads = "payloads";            // posts stored as X sent them
  static constexpr std::string_view tombstones = "tombstones";
  static constexpr std::string_view unparsed = "unparsed";  // rows of unparsed but those dropped
  static std::string above(std::int64_t sink) { return "sink." + std::to_string(sink) + ".above"; }  // the position
  static std::string held(std::int64_t sink) { return "sink." + std::to_string(sink) + ".held"; }
  static std::string dead(std::int64_t sink) { return "sink." + std::to_string(sink) + ".dead"; }
  static std::string dropped(std::int64_t sink) { return "sink." + std::to_string(sink) + ".dropped"; }

 private:
  struct Value {
    std::int64_t value = 0;
    bool changed = false;
  };
  Connection& connection_;
  std::map<std::string, Value, std::less<>> values_;
  Statement save_{connection_, "INSERT INTO counter VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2"};
};

}  // namespace mentiond::ledger
