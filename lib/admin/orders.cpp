#include "admin/orders.h"

#include <algorithm>
#include <span>

namespace mentiond::admin {
namespace {

using ledger::Ledger;
using ledger::Operations;
using Handled = Operations::Handled;
using Ids = std::vector<std::string>;

Answer bad(std::string text) { return {Answer::Outcome::bad_data, std::move(text) + '\n'}; }

Answer failed(const ledger::Failure& failure, const std::string& so_far) {
  return {Answer::Outcome::ledger, failure.message + " (" + so_far + ")\n"};
}

std::string counted(std::int64_t count, const char* one, const char* many) {
  return std::to_string(count) + ' ' + (count == 1 ? one : many);
}

std::string listed(const Ids& ids) {
  constexpr std::size_t most = 20;
  std::string text;
  for (std::size_t i = 0; i < std::min(ids.size(), most); ++i) text += (i == 0 ? "" : " ") + ids[i];
  return ids.size() > most ? text + " ..." : text;
}

// retry and drop.
class DeadLetterOrder {
 public:
  DeadLetterOrder(Order order, ledger::LedgerThread& ledger)
      : order_(std::move(order)), ledger_(ledger), retries_(order_[0] == "retry") {}

  Task<Answer> perform() {
    if (order_.size() > 2 && order_[1] == "ids") co_return co_await named();
    if (order_.size() == 2 && order_[1] == "all") co_return co_await every(std::string{});
    if (order_.size() == 3 && order_[1] == "type") co_return co_await every(order_[2]);
    co_return bad("no such order");
  }

 private:
  Task<ledger::Outcome<Handled>> handle(Ids ids, Operations::Unknown unknown) {
    co_return co_await ledger_.run(
        [&](Ledger& ledger) { return retries_ ? ledger.retry_dead(ids, unknown) : ledger.drop_dead(ids, unknown); });
  }

  Task<Answer> named() {
    Ids ids{order_.begin() + 2, order_.end()};
    auto handled = co_await handle(std::move(ids), Operations::Unknown::refuse);
    if (!handled) co_return failed(handled.error(), "nothing was changed");
    if (!handled->unknown.empty()) {
      co_return bad("no dead letters: " + listed(handled->unknown) + "; nothing was changed");
    }
    sum_ = std::move(*handled);
    co_return told();
  }

  // Page by page; what is gone by the time its page is handled was delivered meanwhile.
  Task<Answer> every(std::string type) {
    ledger::DeadLetterPage page{std::move(type), {}, order_chunk};
    for (;;) {
      const auto letters = co_await ledger_.run([&](Ledger& ledger) { return ledger.dead_letters(page); });
      if (!letters) co_return failed(letters.error(), told().text);
      if (letters->empty()) co_return told();
      Ids ids;
      for (const auto& letter : *letters) ids.push_back(letter.id);
      page.after = ids.back();
      const auto handled = co_await handle(std::move(ids), Operations::Unknown::skip);
      if (!handled) co_return failed(handled.error(), told().text);
      sum_.letters += handled->letters;
      sum_.stuck.insert(sum_.stuck.end(), handled->stuck.begin(), handled->stuck.end());
    }
  }

  [[nodiscard]] Answer told() const {
    Answer answer;
    answer.text = counted(sum_.letters, "dead letter", "dead letters") + (retries_ ? " sent again\n" : " dropped\n");
    if (!sum_.stuck.empty()) {
      answer.text += counted(static_cast<std::int64_t>(sum_.stuck.size()), "remains", "remain") +
                     ", which still cannot be read: " + listed(sum_.stuck) + '\n';
    }
    return answer;
  }

  Order order_;
  ledger::LedgerThread& ledger_;
  bool retries_;
  Handled sum_;
};

Task<Answer> forget(Order order, ledger::LedgerThread& ledger, const Clock& clock) {
  std::vector<TweetId> ids;
  Ids wrong;
  for (auto word = order.begin() + 1; word != order.end(); ++word) {
    const auto id = TweetId::parse(*word);
    if (id && *id != TweetId{})
      ids.push_back(*id);
    else
      wrong.push_back(*word);
  }
  if (!wrong.empty()) co_return bad("no tweet ids: " + listed(wrong) + "; nothing was changed");
  Operations::Forgotten sum;
  const auto told = [&sum] {
    return counted(sum.known, "tweet", "tweets") + " forgotten, " + std::to_string(sum.in_advance) + " in advance, " +
           std::to_string(sum.again) + " again; " + counted(sum.posts, "unreadable post", "unreadable posts") +
           " erased";
  };
  for (std::span rest{ids}; !rest.empty();) {
    const auto chunk = rest.first(std::min(rest.size(), order_chunk));
    const Time now = clock.now().wall;
    const auto done = co_await ledger.run([&](Ledger& open) { return open.forget(chunk, now); });
    if (!done) co_return failed(done.error(), told());
    sum.known += done->known;
    sum.in_advance += done->in_advance;
    sum.again += done->again;
    sum.posts += done->posts;
    rest = rest.subspan(chunk.size());
  }
  co_return Answer{Answer::Outcome::done, told() + '\n'};
}

Task<Answer> redeliver(Order order, ledger::LedgerThread& ledger) {
  if (order.size() != 3) co_return bad("no such order");
  const auto from = order[1] == "-" ? Time{} : parse_iso8601(order[1]).value_or(Time::max());
  const auto to = order[2] == "-" ? Time{} : parse_iso8601(order[2]).value_or(Time::max());
  if (from == Time::max() || to == Time::max()) co_return bad("no time: " + order[1] + " or " + order[2]);
  const auto first = TweetId::at(from);
  const auto end = order[2] == "-" ? TweetId{TweetId::max_value} : TweetId::at(to);
  if (end <= first) co_return bad("nothing lies between " + order[1] + " and " + order[2]);
  const auto rows = co_await ledger.run([&](Ledger& open) { return open.redeliver(first, end); });
  if (!rows) co_return failed(rows.error(), "nothing was changed");
  co_return Answer{Answer::Outcome::done, counted(*rows, "tweet", "tweets") + " to be sent once more\n"};
}

}  // namespace

Task<Answer> perform(Order order, ledger::LedgerThread& ledger, const Clock& clock) {
  const std::string verb = order.empty() ? "" : order[0];
  if (verb == "forget" && order.size() > 1) co_return co_await forget(std::move(order), ledger, clock);
  if (verb == "redeliver") co_return co_await redeliver(std::move(order), ledger);
  if (verb != "retry" && verb != "drop") co_return bad("no such order");
  DeadLetterOrder letters{std::move(order), ledger};
  co_return co_await letters.perform();
}

}  // namespace mentiond::admin
