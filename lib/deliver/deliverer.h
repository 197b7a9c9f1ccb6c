// Deliverer carries rows from the ledger to Elasticsearch or OpenSearch. It performs what elastic::BulkSender decides,
// one step at a time, and tells telemetry what came of it; it decides nothing itself. One bulk is in flight, and one
// batch of rows in memory. On the event loop's thread.
//
//   auto deliverer = Deliverer::create(options, context);      // fails on a bad index pattern only
//   co_spawn(loop, (*deliverer)->run(), ...);                  // context.wakeup.notify() after each page stored
//   (*deliverer)->drain(8s);                                   // run() ends when all is sent, or the grace is over
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "deliver/ndjson.h"
#include "deliver/options.h"
#include "deliver/sink_check.h"
#include "deliver/upkeep.h"
#include "elastic/bulk_sender.h"
#include "elastic/document.h"
#include "ledger/ledger_thread.h"
#include "loop/clock.h"
#include "loop/random.h"
#include "loop/transport.h"
#include "telemetry/telemetry.h"

namespace mentiond::deliver {

// How run() came to its end; the daemon turns it into an exit code.
enum class DeliverEnd : std::uint8_t {
  drained,       // everything that can be delivered is; held rows and dead letters stay in the ledger
  left_over,     // the grace is over, or stop() was called
  sink_down,     // the grace is over, and the sink is paused or does not answer
  ledger_full,   // the grace is over, and the disk has no room for what was delivered: a run that ends leaves with 74
  ledger_fatal,  // the ledger cannot go on: leave the process with 74
};

class Deliverer {
 public:
  // All of it outlives the deliverer.
  struct Context {
    Transport& sink;
    // The value of the Authorization header, empty for none. Asked at start, and again whenever the sink refuses it.
    std::function<Result<Secret>()> authorization;
    ledger::LedgerThread& ledger;
    Clock& clock;
    Random& random;
    telemetry::Telemetry& telemetry;
    Wakeup& wakeup;  // notified when the ledger has got something
    std::vector<elastic::QueryText> queries;
  };

  static Result<std::unique_ptr<Deliverer>> create(const Options& options, Context context);

  // Once. Returns only after drain() or stop(), or when the ledger cannot go on.
  Task<DeliverEnd> run();

  // Delivers what is pending and ends. `in_all`: at most `grace` from now, and not waiting for a paused sink (SIGTERM).
  // `while_progressing`: as long as some document gets through every `grace` (--once).
  using Grace = elastic::BulkSender::Grace;
  void drain(Millis grace, Grace kind = Grace::in_all);
  // Ends at once, also a request under way; what it did is unknown, and harmless to repeat.
  void stop();
  // Ends once the step under way is done: another deliverer goes on from the ledger.
  void leave();
  // An operator says that something has changed: the secret is read again, and all that waits is tried at once.
  void probe_now();

  // While the sink is paused because somebody else writes to it: for whoever has an operator's word that this is over.
  struct OtherWriter {
    ledger::Sink sink;
    std::uint64_t version = 0;  // the greatest that was met
  };
  [[nodiscard]] std::optional<OtherWriter> other_writer() const;

  // A disk that was not full for so long is told of anew.
  static constexpr std::chrono::minutes quiet_after{10};
  // While it is busy, one line in the log for so much time.
  static constexpr std::chrono::seconds summary_every{10};

 private:
  Deliverer(const Options& options, Context context, elastic::IndexPattern pattern);

  // deliverer_steps.cpp
  Task<void> perform(elastic::SendStep step);
  Task<void> check(bool reread_secret);
  Task<bool> open_sink(const elastic::ClusterInfo& info);
  Task<void> tell_pruned();
  Task<void> take_rows(ledger::Outcome<std::vector<ledger::Row>> rows,
                       elastic::VersionType version_type = elastic::VersionType::external);
  Task<void> send_bulk(const elastic::step::Send& send);
  Task<void> settle(const elastic::Receipt& receipt);
  Task<void> wait(const elastic::step::Wait& wait);
  Task<void> refresh_counts();
  struct Counted {
    ledger::Outcome<ledger::SinkCounts> counts;
    std::uint64_t last_revision = 0;
  };
  static Counted count(ledger::Ledger& ledger, const ledger::Sink& sink);  // on the ledger's thread
  void tell_counts(const Counted& counted, std::optional<Time> delivered_at);
  Task<Result<HttpReply, HttpFailure>> send(HttpRequest request);
  Task<void> give_up();

  // deliverer.cpp
  Task<void> keep_up();
  bool ledger_failed(const ledger::Failure& failure);
  void tell_notices();
  void tell(const elastic::Notice& notice);
  void tell_death(const elastic::notice::Died& died);
  void tell_bulk(const elastic::BulkVerdict& verdict, const std::vector<std::optional<Time>>& created,
                 std::size_t bytes, Now began);
  void summarise();
  [[nodiscard]] DeliverEnd end_of_draining(bool left_over) const;

  Options options_;
  Context context_;
  elastic::BulkSender sender_;
  Ndjson ndjson_;
  Upkeep upkeep_;

  std::optional<elastic::Authorization> authorization_;  // nothing: to be read
  std::optional<ledger::Sink> sink_;
  std::optional<std::int64_t> told_sink_;  // the one that answered last
  std::vector<Ndjson::Built> hand_;        // rows built and not sent, in the order of loading
  std::optional<DeliverEnd> end_;
  bool ledger_full_ = false;  // since it last could write
  std::int64_t refusals_ = 0;
  SteadyTime refused_at_{};
  // Dead letters by type; types beyond so many are counted as one.
  static constexpr std::size_t told_types = 64;
  std::map<std::string, std::int64_t, std::less<>> deaths_;
  Wakeup abort_;  // ends the wait for a reply

  struct Progress {
    std::int64_t docs = 0;
    std::int64_t bulks = 0;
    SteadyTime since{};
  } progress_;
};

}  // namespace mentiond::deliver
