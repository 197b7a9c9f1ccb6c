// Holds knows which indices (and which kinds of fault) wait for an operator, and when to try one document of each. The
// rows themselves stand in the ledger, set aside as held. Pure; one thread.
//
// A group is waiting (its rows are set aside unsent, probes go out), then releasing (its rows are fetched from the
// ledger and sent like any other), then gone.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/backoff.h"
#include "elastic/bulk_sender_step.h"

namespace mentiond::elastic {

// Probes of one document: the first after 5 s, then ever rarer, up to 5 min; at least half of that, so that they stay
// rare.
constexpr Millis first_probe = std::chrono::seconds{5};
constexpr Millis rarest_probe = std::chrono::minutes{5};
// Of a sink that does not answer: a look, or one document, costs it little, and it is found soon after it is back.
constexpr Millis rarest_look = std::chrono::seconds{30};
inline Backoff probe_backoff(Millis rarest = rarest_probe) {
  return Backoff{first_probe, rarest, Backoff::Jitter::equal};
}

class Holds {
 public:
  enum class State : std::uint8_t { waiting, releasing };
  // Whose probes count: all that wait, or those alone that are owed one.
  enum class Probing : std::uint8_t { all, owed, none };
  struct Group {
    HoldKey key;
    Fault fault;
    Time since;
    State state = State::waiting;
    Backoff backoff = probe_backoff();
    SteadyTime next{};                         // the next probe; while releasing, not to be asked before
    std::size_t probes = 0;                    // sent so far
    bool owed = false;                         // while waiting: to be probed once before draining ends
    std::optional<SteadyTime> retrying_since;  // while releasing: the sink puts its rows off
  };

  // True if the group was not waiting already: the moment for an alarm.
  bool hold(const HoldKey& key, const Fault& fault, const Now& now, double random);
  // A group that the ledger has held since an earlier run: its cause may be gone by now, so its probe is due at once.
  void restore(const HoldKey& key, const Fault& fault, Time since, const Now& now);
  // The waiting group to which a row of this index belongs, whatever the row holds.
  [[nodiscard]] const Group* waiting_index(std::string_view index) const;
  [[nodiscard]] const Group* waiting_type(std::string_view fault_type) const;
  [[nodiscard]] Group* find(const HoldKey& key);
  // The group whose probe is due, then one that is being released; nullptr if none is.
  [[nodiscard]] Group* due_probe(const Now& now, Probing which);
  [[nodiscard]] Group* releasing(const Now& now);
  [[nodiscard]] bool any_releasing() const;
  [[nodiscard]] bool any_owed() const;
  [[nodiscard]] std::vector<HoldKey> waiting() const;
  // The probe did not get through.
  void probe_failed(Group& group, const Now& now, double random);
  static void release(Group& group, const Now& now);
  void drop(const HoldKey& key);
  void clear() { groups_.clear(); }
  // Every waiting group is probed at once: an operator says that something has changed.
  void probe_now(const Now& now);
  // The same, and each of them is owed that probe: this run ends soon.
  void owe_probes(const Now& now);
  // When the next probe of that kind is due, and when the next group that is being released may be asked for.
  [[nodiscard]] std::optional<SteadyTime> next_probe(Probing which) const;
  [[nodiscard]] std::optional<SteadyTime> next_release() const;

 private:
  static bool probes(const Group& group, Probing which);
  template <class Which>
  [[nodiscard]] std::optional<SteadyTime> earliest(Which which) const;

  std::vector<Group> groups_;  // few: searched one after the other
};

}  // namespace mentiond::elastic
