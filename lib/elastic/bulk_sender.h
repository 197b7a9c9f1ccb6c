// BulkSender decides what delivery does next: which rows go into which bulk request, what follows from each answer,
// what is set aside, when the sink or an index rests, and when it is tried again. It promises that the ledger's
// position passes a row only when that row was delivered or set aside, and that what an operator can fix never becomes
// a dead letter.
//
// Pure: time and randomness are arguments. One thread. The shell asks next(), performs that one step, reports its
// outcome with the on_...() that the step names, and asks again:
//
//   Check -> on_checked    Load, Reload, LoadHeld, LoadCanary, LoadRedelivery -> on_rows
//   Send -> on_reply       Settle -> on_settled
//   Wait -> wake() if something new may be in the ledger    Finish -> nothing: done
//   any step on the ledger that failed because the disk is full -> on_ledger_full
//
// Rules: docs/delivery.md. The meaning of answers: bulk_reply.h.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/backoff.h"
#include "elastic/bulk_sender_limits.h"
#include "elastic/bulk_sender_step.h"
#include "elastic/bulk_sender_window.h"
#include "elastic/drift.h"
#include "elastic/hold.h"

namespace mentiond::elastic {

class BulkSender {
 public:
  struct Limits {
    std::size_t batch_bytes = 5'000'000;
    std::size_t batch_docs = 1'000;
    Millis flush_every{2'000};
  };
  // How long draining may take: from its beginning, or from the last row that got through. Only the latter waits for a
  // paused sink.
  enum class Grace : std::uint8_t { in_all, while_progressing };

  explicit BulkSender(Limits limits) : config_(limits), limits_(limits.batch_docs, limits.batch_bytes) {}

  SendStep next(const Now& now);

  void on_checked(CheckOutcome outcome, const Now& now, double random);
  // What the last step of them that loads found, in the ledger's order (Reload: in the order asked,
  // unknown ones left out).
  void on_rows(std::vector<PendingRow> rows, const Now& now);
  // Which of them are to be sent, in the order of loading. The others are done with: they need not be kept.
  [[nodiscard]] std::vector<RowKey> in_hand() const;
  // `last_revision`: the greatest that the ledger ever drew. A version beyond it was written by somebody else.
  void on_reply(const BulkVerdict& verdict, std::uint64_t last_revision, const Now& now, double random);
  void on_settled();
  void on_ledger_full(const Now& now, double random);

  // Collect has stored something, or nobody knows whether it has.
  void wake() { more_ = true; }
  // The ledger has a redelivery to be done, after all that waits.
  void redeliver() { redelivery_.more = true; }
  // An operator says that something has changed: everything that waits is tried at once.
  void probe_now(const Now& now);
  void drain(Grace kind, Millis grace, const Now& now);

  // What an operator should hear of since the last call.
  std::vector<Notice> take_notices() { return std::exchange(notices_, {}); }
  [[nodiscard]] std::optional<PauseReason> paused() const;
  // While paused for other_writer: the greatest version that was named.
  [[nodiscard]] std::optional<std::uint64_t> foreign_version() const;
  // When draining has to end. Nothing: not draining.
  [[nodiscard]] std::optional<SteadyTime> deadline() const;

  // An item retry that has lasted so long holds its index: no overload, but a shard that is gone.
  static constexpr Millis longest_item_retry = std::chrono::minutes{5};
  // So long after a look at the sink a bulk may open a connection of its own: it is still the one that was looked at.
  static constexpr Millis fresh_check = std::chrono::seconds{5};
  // So many whole requests in a row without any answer pause the sink.
  static constexpr int tries_before_pause = 4;
  // Rows that may wait in memory (some 100 bytes each) for an older one to be settled.
  static constexpr std::size_t window_rows = 10'000;

 private:
  enum class Origin : std::uint8_t { feed, held, canary, redelivery };
  struct InHand {
    PendingRow row;
    Origin origin = Origin::feed;
    std::uint64_t revision = 0;  // feed: its entry in the window; the row itself may be newer by now
    HoldKey group;               // held: where it waits
  };
  enum class Purpose : std::uint8_t { batch, hold_probe, pause_probe, canary };
  struct Flight {
    Purpose purpose = Purpose::batch;
    std::vector<InHand> rows;
    std::size_t bytes = 0;
  };
  // Which rows were asked for last.
  struct Asked {
    enum class What : std::uint8_t { feed, again, held, canary, redelivery } what = What::feed;
    std::vector<InHand> again;  // the rows, as far as known before they are built anew
    HoldKey group;
    bool probe = false;  // held: only the last row found is wanted
  };
  struct Pause {
    PauseReason why = PauseReason::refused;
    std::optional<InHand> offender;  // the row that brought it about: the one to probe with
    Backoff backoff = probe_backoff();
    SteadyTime next{};
    std::size_t refusals = 0;  // of pending rows as canaries: bad ones may stand together, so each probe takes another
    std::uint64_t foreign_version = 0;  // of other_writer
  };
  // The batch of a redelivery that is under way: its rows in order of their root ids. The position passes a row only
  // when it and all before it are done; what is not done is loaded again from there.
  struct Redelivery {
    struct Entry {
      TweetId root;
      bool done = false;
    };
    std::deque<Entry> batch;
    bool more = false;  // the ledger has more of it, or nobody knows
    SteadyTime not_before{};
    std::optional<SteadyTime> retrying_since;  // the row that the position waits for
  };
  // Where to look for a document that the sink should accept.
  enum class Canary : std::uint8_t {
    settled_row,    // the ledger's newest
    delivered_row,  // the last one that got through, while its position still waits for an older row
    pending_row,
    none,
  };
  static Canary after(Canary kind);
  // A single document that failed with 400 or 413: its fault or the request's?
  struct Suspect {
    InHand item;
    Fault fault;
    std::optional<SteadyTime> retrying_since;  // since then the sink puts canaries off
    bool put_off = false;                      // in this round through the canaries
  };
  struct Drain {
    Grace kind = Grace::in_all;
    Millis grace{};
    SteadyTime deadline{};
  };

  // next(), by situation (bulk_sender.cpp)
  std::optional<SendStep> finish_step(const Now& now);
  SendStep paused_step(const Now& now);
  SendStep canary_step(const Now& now);
  std::optional<SendStep> held_step(const Now& now);
  SendStep feed_step(const Now& now);
  [[nodiscard]] bool redelivers() const;
  SendStep load_redelivery();
  SendStep wait(std::optional<SteadyTime> until, std::string_view why) const;
  SendStep load(std::size_t max_rows, std::size_t max_bytes);
  SendStep load_canary();
  SendStep reload(std::vector<InHand> rows);
  static InHand to_build(const SendWindow::Entry& entry);
  SendStep send(Purpose purpose, const Now& now);
  [[nodiscard]] Holds::Probing probing() const;
  [[nodiscard]] bool hand_full() const;

  // on_rows() (bulk_sender_rows.cpp)
  void on_again(std::vector<PendingRow>& rows, const Now& now);
  void take(InHand item, const Now& now);
  void let_go();
  void set_aside(const InHand& item, std::optional<HoldKey> group, const Fault& fault, const Now& now);
  void resolve(const InHand& item);
  void pass_position();

  // on_reply() (bulk_sender_reply.cpp)
  struct Reply;
  void on_items(Reply& reply, const std::vector<ItemVerdict>& verdicts);
  bool probe_goes_on(Reply& reply, const ItemVerdict& verdict);
  bool judge_pause_probe(Reply& reply, const ItemVerdict& verdict);
  void judge_hold_probe(Reply& reply, const ItemVerdict& verdict);
  bool judge_canary(Reply& reply, const ItemVerdict& verdict);
  void on_item(Reply& reply, const InHand& item, const ItemVerdict& verdict);
  void on_delivered(Reply& reply, const InHand& item, const Delivered& how);
  void on_retry(Reply& reply, const InHand& item, const Fault& fault);
  void on_cannot_index(Reply& reply, const InHand& item, const Fault& fault);
  void on_refused(Reply& reply, const Fault& fault, bool too_large);
  void on_failed(const std::string& why, const Now& now, double random);
  void put_back(const Flight& flight, SteadyTime not_before);
  void hold(const HoldKey& key, const Fault& fault, const Now& now, double random);
  void pause(PauseReason why, const Fault& fault, std::optional<InHand> offender, const Now& now, double random);
  void acquit(TweetId root);
  void resume();
  void begin_sink(checked::Ready& ready, const Now& now);

  Limits config_;
  BatchLimits limits_;

  std::optional<std::int64_t> sink_;
  std::optional<SteadyTime> looked_at_;  // nothing was sent since
  bool checked_ = false;                 // the sink and its template were looked at since the last trouble
  bool reread_secret_ = false;
  std::uint64_t loaded_ = 0;  // the feed's last revision in the window
  bool more_ = true;          // the feed may go on beyond it

  SendWindow window_;
  Redelivery redelivery_;
  Holds holds_;
  DriftWatch drift_;
  std::vector<InHand> hand_;
  std::size_t hand_bytes_ = 0;
  SteadyTime flush_at_{};  // while there is something in hand
  Flight flight_;
  Asked asked_;
  std::optional<HoldKey> probing_;

  std::optional<Pause> pause_;
  std::optional<Suspect> suspect_;
  Canary canary_ = Canary::settled_row;
  std::optional<RowKey> last_delivered_;
  std::optional<Drain> drain_;

  Receipt receipt_;
  bool receipt_urgent_ = false;
  std::vector<Notice> notices_;

  int failures_ = 0;  // whole requests without an answer, in a row
  SteadyTime blocked_until_{};
  SteadyTime ledger_until_{};
  Backoff request_backoff_{std::chrono::seconds{1}, std::chrono::minutes{1}};
  Backoff item_backoff_{std::chrono::milliseconds{500}, std::chrono::seconds{30}};
  Backoff ledger_backoff_{std::chrono::seconds{1}, std::chrono::minutes{1}};
};

}  // namespace mentiond::elastic
