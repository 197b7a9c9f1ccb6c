// What a person may do to a ledger besides running it: look through the dead letters, try them again or drop them,
// forget tweets, send a stretch of time once more. Each call is one transaction, fsynced before it returns; a caller
// with much to do calls often, so that collect and deliver come in between. Fails as Ledger does.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/row.h"

namespace mentiond::ledger {

// Something that waits for a person: a row that the sink opened last refused for good, or a post that could not be
// read.
struct DeadLetter {
  std::string id;                // names it in retry_dead and drop_dead: a root id, or "post-17"
  std::optional<TweetId> tweet;  // nothing for a post without a readable id
  std::string index;             // empty for a post
  int status = 0;
  std::string type;    // the sink's word, or "unparsed" for a post
  std::string reason;  // may quote the tweet: for people, not for logs
  Time since;

  static constexpr std::string_view unparsed = "unparsed";
};

// Which of them, in the order of dead_letters(): rows by root id, then posts in the order in which they came.
struct DeadLetterPage {
  std::string type;   // empty: of any type
  std::string after;  // the id of the last one seen; empty: from the beginning
  std::size_t max = 500;
};

class Operations {
 public:
  virtual ~Operations() = default;
  Operations(const Operations&) = delete;
  Operations& operator=(const Operations&) = delete;

  virtual Outcome<std::vector<DeadLetter>> dead_letters(const DeadLetterPage& page) = 0;

  // What becomes of ids that are no dead letters: the whole call changes nothing, or they are passed over.
  enum class Unknown : std::uint8_t { refuse, skip };
  struct Handled {
    std::int64_t letters = 0;          // retried or dropped
    std::vector<std::string> unknown;  // no dead letters, in the order given
    std::vector<std::string> stuck;    // retry: posts that still cannot be read, rows of which too little is left
  };
  // Each goes out again under a new revision; a post is read again, and becomes a row if that works now.
  virtual Outcome<Handled> retry_dead(std::span<const std::string> ids, Unknown unknown) = 0;
  // A person's word that it need not be delivered. It is known for good, and not taken up again when X serves it again;
  // a newer version or another cloud makes a new document, which is delivered.
  virtual Outcome<Handled> drop_dead(std::span<const std::string> ids, Unknown unknown) = 0;

  struct Forgotten {
    std::int64_t known = 0;       // rows erased
    std::int64_t in_advance = 0;  // ids never seen: what X may yet serve under them will not be stored
    std::int64_t again = 0;       // forgotten before: the delete is sent once more
    std::int64_t posts = 0;       // posts erased that could not be read
  };
  // Erases what is stored of these tweets (root ids, or ids of their newest version) and leaves tombstones, which are
  // sent as deletes. Nothing that X serves later is stored under them. What the write-ahead log still holds of them
  // goes at once, or as soon as no reader needs it (Ledger::truncate_wal).
  virtual Outcome<Forgotten> forget(std::span<const TweetId> ids, Time now) = 0;

  // Has the rows of the tweets made in [from, to) sent once more to the sink opened last, after all that waits;
  // survives a restart. Returns how many rows that are now; 0 where no sink was ever opened.
  virtual Outcome<std::int64_t> redeliver(TweetId from, TweetId to) = 0;

 protected:
  Operations() = default;
};

}  // namespace mentiond::ledger
