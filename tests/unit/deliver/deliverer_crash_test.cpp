// The promise under fire: the process ends at any one place where it waits for the ledger or for the sink.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <gtest/gtest.h>

#include "deliver_rig.h"

namespace mentiond::deliver {
namespace {

using namespace testing;

struct Crashed {};

// Counts the places at which a process may end, and ends it at the n-th.
class Fate {
 public:
  explicit Fate(int nth) : left_(nth) {}
  [[nodiscard]] bool strikes() { return --left_ == 0; }
  [[nodiscard]] bool struck() const { return left_ <= 0; }

 private:
  int left_;
};

// The ledger as delivery sees it: the process may end right before a call and right after it.
class MortalLedger final : public ledger::Ledger {
 public:
  template <class T>
  using Outcome = ledger::Outcome<T>;
  using Sink = ledger::Sink;
  using Rows = Outcome<std::vector<ledger::Row>>;

  MortalLedger(std::unique_ptr<ledger::Ledger> real, Fate& fate) : real_(std::move(real)), fate_(fate) {}

  Outcome<Sink> open_sink(const std::optional<std::string>& uuid, std::string_view pattern) override {
    return live([&] { return real_->open_sink(uuid, pattern); });
  }
  Rows pending(const Sink& sink, std::uint64_t after, std::size_t max_rows, std::size_t max_bytes) override {
    return live([&] { return real_->pending(sink, after, max_rows, max_bytes); });
  }
  Rows rows(std::span<const TweetId> roots) override {
    return live([&] { return real_->rows(roots); });
  }
  Rows held(const Sink& sink, const ledger::HeldGroup& group, std::size_t max_rows, std::size_t max_bytes) override {
    return live([&] { return real_->held(sink, group, max_rows, max_bytes); });
  }
  Outcome<std::vector<ledger::HeldGroup>> held_groups(const Sink& sink) override {
    return live([&] { return real_->held_groups(sink); });
  }
  Outcome<std::optional<ledger::Row>> canary(const Sink& sink) override {
    return live([&] { return real_->canary(sink); });
  }
  Outcome<void> settle(const Sink& sink, const ledger::Settlement& settlement) override {
    return live([&] { return real_->settle(sink, settlement); });
  }
  Rows redelivery(const Sink& sink, std::size_t max_rows, std::size_t max_bytes) override {
    return live([&] { return real_->redelivery(sink, max_rows, max_bytes); });
  }
  Outcome<ledger::SinkCounts> counts(const Sink& sink) override {
    return live([&] { return real_->counts(sink); });
  }

  Outcome<Loaded> load_queries(std::span<const xapi::Query> queries) override { return real_->load_queries(queries); }
  Outcome<ledger::AppendCounts> append(const ledger::PageCommit& page) override { return real_->append(page); }
  Outcome<void> set_parked(const xapi::Query& query, std::optional<Time> since) override {
    return real_->set_parked(query, since);
  }
  Outcome<ledger::Meter> metered_since(Day first) override { return real_->metered_since(first); }
  Outcome<void> remember(std::string_view key, std::string_view value) override { return real_->remember(key, value); }
  Outcome<std::optional<std::string>> recall(std::string_view key) override { return real_->recall(key); }
  Outcome<std::int64_t> draw_anew(const Sink& sink, std::uint64_t version) override {
    return real_->draw_anew(sink, version);
  }
  [[nodiscard]] Totals totals() const override { return real_->totals(); }
  [[nodiscard]] std::uint64_t last_revision() const override { return real_->last_revision(); }
  Outcome<std::int64_t> prune(const Sink& sink, Time before, std::size_t max_rows) override {
    return real_->prune(sink, before, max_rows);
  }
  Outcome<Space> space() override { return real_->space(); }
  Outcome<bool> truncate_wal() override { return real_->truncate_wal(); }
  Outcome<std::vector<ledger::DeadLetter>> dead_letters(const ledger::DeadLetterPage& page) override {
    return real_->dead_letters(page);
  }
  Outcome<Handled> retry_dead(std::span<const std::string> ids, Unknown unknown) override {
    return real_->retry_dead(ids, unknown);
  }
  Outcome<Handled> drop_dead(std::span<const std::string> ids, Unknown unknown) override {
    return real_->drop_dead(ids, unknown);
  }
  Outcome<ledger::Operations::Forgotten> forget(std::span<const TweetId> ids, Time now) override {
    return real_->forget(ids, now);
  }
  Outcome<std::int64_t> redeliver(TweetId from, TweetId to) override { return real_->redeliver(from, to); }

 private:
  template <class Call>
  std::invoke_result_t<Call&> live(Call call) {
    if (fate_.strikes()) throw Crashed{};
    auto result = call();
    if (fate_.strikes()) throw Crashed{};
    return result;
  }

  std::unique_ptr<ledger::Ledger> real_;
  Fate& fate_;
};

// The way to the sink: the process may end before the request is out, and before its answer is back.
class MortalTransport final : public Transport {
 public:
  MortalTransport(Transport& real, Clock& clock, Fate& fate) : real_(real), clock_(clock), fate_(fate) {}

  Task<Result<HttpReply, HttpFailure>> send(HttpRequest request) override {
    if (fate_.strikes()) co_await for_ever();
    auto answer = co_await real_.send(std::move(request));
    if (fate_.strikes()) co_await for_ever();
    co_return answer;
  }

 private:
  // Not an exception: Deliverer waits for two things at once here, and both are to be cut off.
  Task<void> for_ever() {
    Wakeup never;
    for (;;) co_await clock_.sleep_until(clock_.now().steady + std::chrono::days{365}, never);
  }

  Transport& real_;
  Clock& clock_;
  Fate& fate_;
};

class Story {
 public:
  Story() {
    open();
    rig.store(1, 10);
    rig.start();
    rig.run(10s);
    rig.deliverer->stop();
    rig.run(1s);
    rig.end.reset();
    // What is under way when the process ends: new rows, newer versions, a delete, rows held, and some sent again.
    rig.store(11, 5);
    rig.store({id(1), id(2)}, "Azure");
    const std::vector gone{id(3)};
    static_cast<void>(*rig.ledger->forget(gone, rig.clock.now().wall));
    rig.store({old_id(1), old_id(2)});
    static_cast<void>(*rig.ledger->redeliver(id(4), id(7)));
    const Time released = rig.clock.now().wall + 2min;
    rig.elastic.item_error = [this, released](const FakeElastic::Line& line) -> std::string {
      const auto known = rig.elastic.documents.find(line.index + "/" + line.id);
      if (known != rig.elastic.documents.end() && known->second.version > line.version) ++went_down;
      ++sent[line.id];
      if (!line.index.ends_with("20260809") || rig.clock.now().wall >= released) return {};
      return R"("status":403,"error":{"type":"cluster_block_exception","reason":)"
             R"("index [x] blocked by: [FORBIDDEN/8/index write (api)];"})";
    };
  }

  // Delivers until the process ends at the n-th place; false: there are fewer.
  bool live_until(int nth) {
    Fate fate{nth};
    MortalTransport way{rig.elastic, rig.clock, fate};
    open([&fate](auto real) { return std::make_unique<MortalLedger>(std::move(real), fate); });
    rig.deliverer = *Deliverer::create(rig.options, rig.context(way));
    boost::asio::cancellation_signal kill;
    bool over = false;
    boost::asio::co_spawn(rig.loop, rig.deliverer->run(),
                          boost::asio::bind_cancellation_slot(
                              kill.slot(), [&over](const std::exception_ptr&, DeliverEnd) { over = true; }));
    rig.run(10min);
    const bool struck = fate.struck();
    kill.emit(boost::asio::cancellation_type::terminal);
    rig.run(0s);
    EXPECT_TRUE(over);
    rig.deliverer.reset();
    return struck;
  }

  void go_on() {
    open();
    rig.start();
    rig.run(30min);
  }

  void check_promise() {
    std::vector<TweetId> roots{old_id(1), old_id(2)};
    for (std::uint64_t n = 1; n <= 15; ++n) roots.push_back(id(n));
    const auto rows = rig.ledger->rows(roots);
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->size(), roots.size());
    EXPECT_EQ(rig.elastic.documents.size(), roots.size());
    for (const ledger::Row& row : *rows) {
      const std::string day = row.root < id(0) ? "20260809/" : "20260810/";
      const auto& line = rig.elastic.documents["cloud_marketplace_data_" + day + row.root.to_string()];
      EXPECT_EQ(line.version, row.revision) << row.root.to_string();
      EXPECT_EQ(line.erase, row.root == id(3)) << row.root.to_string();
    }
    for (std::uint64_t n = 4; n < 7; ++n) EXPECT_GE(sent[id(n).to_string()], 1) << "was to be sent again";
    EXPECT_EQ(went_down, 0);
    const auto sink = rig.ledger->open_sink("cluster-one", Options{}.index);
    const auto counts = rig.ledger->counts(*sink);
    EXPECT_FALSE(sink->is_new);
    EXPECT_EQ(counts->pending, 0);
    EXPECT_EQ(counts->held, 0);
    EXPECT_EQ(counts->dead, 0);
    EXPECT_EQ(counts->redeliveries, 0);
  }

  // What a process has written outlives it without an fsync; only a power cut would tell.
  void open(const Rig::Wrap& wrap = nullptr) {
    rig.open(wrap);
    rig.connection().execute("PRAGMA synchronous=OFF");
  }

  Rig rig;
  std::map<std::string, int> sent;
  int went_down = 0;
};

TEST(Deliverer, ACrashBetweenAnyTwoStepsLosesNothingAndTakesNothingBack) {
  int places = 1;
  for (bool struck = true; struck; ++places) {
    Story story;
    struck = story.live_until(places);
    story.go_on();
    story.check_promise();
    ASSERT_FALSE(::testing::Test::HasFailure()) << "ended at place " << places;
  }
  EXPECT_GT(places, 80);
}

}  // namespace
}  // namespace mentiond::deliver
