// Throttle: how long to leave X alone. One for all queries, since they share the endpoint's limits. It also tells the
// time as X has it: its Date header is what resets, caps and budget days go by. Pure: clocks and random numbers are
// arguments. https://docs.x.com/x-api/fundamentals/rate-limits
#pragma once

#include <chrono>
#include <optional>

#include "base/backoff.h"
#include "base/time.h"
#include "xapi/reply.h"

namespace mentiond::xapi {

class Throttle {
 public:
  // Why the endpoint is left alone for a while. Long pauses are the poller's.
  enum class Why : std::uint8_t { none, retry, rate_limit, too_many_requests, auth };

  static constexpr Millis first_retry{1'000};
  static constexpr Millis longest_retry{std::chrono::minutes{5}};
  static constexpr Millis least_reset_wait{1'000};
  static constexpr Millis longest_wait{std::chrono::minutes{16}};        // X's windows are 15 min
  static constexpr Millis unnamed_reset_wait{std::chrono::minutes{15}};  // limited, but no reset given
  static constexpr Millis first_busy_wait{std::chrono::seconds{60}};     // 429 that is no rate limit
  static constexpr Millis longest_busy_wait{std::chrono::hours{1}};
  static constexpr Millis busy_is_a_cap_after{std::chrono::hours{6}};
  static constexpr Millis auth_wait{std::chrono::minutes{5}};
  static constexpr Millis day_jitter{std::chrono::minutes{1}};  // so that not everybody comes back at midnight sharp

  Throttle() : retry_(first_retry, longest_retry) {}

  // Clocks further apart than this are not both X's; what the second of two such answers in a row repeats is believed.
  static constexpr Millis longest_doubt{std::chrono::hours{24}};
  static constexpr Millis same_clock{std::chrono::minutes{5}};

  // Every reply: what time X says it is. A time far from what X said before (from our own clock, if it is X's first
  // word) counts only if the next one agrees.
  void note_date(const std::optional<Time>& date, const Now& now);
  // X's clock now; ours until X has said. Days and waits go by it even while its first word is doubted;
  // knows_x_time() tells whether anything may be given up, or passed over, on its account.
  [[nodiscard]] Time x_time(const Now& now) const;
  [[nodiscard]] bool knows_x_time() const { return anchor_.has_value(); }
  // For waits of days: while nothing but one doubtful date is known, the later of that and our own clock, so that a
  // wait may be too short and is never too long.
  [[nodiscard]] Time x_time_for_days(const Now& now) const;
  // The later of what X's last two dates say, once it knows X's time: for what a date that is behind would pass over.
  [[nodiscard]] std::optional<Time> latest_x_time(const Now& now) const;

  // Each returns the wait that begins now.
  Millis on_retry(const Now& now, double random);
  Millis on_rate_limit(const Reply& reply, const Now& now, double random);
  // Nothing once this has gone on for busy_is_a_cap_after: then it counts as a cap.
  std::optional<Millis> on_too_many_requests(const Now& now, double random);
  Millis on_auth_failed(const Now& now);
  // A page: whatever the trouble was, it is over.
  void on_page();

  // How long a cap lasts: to the day given if that is ahead, else to the next UTC day; by X's clock, with jitter.
  [[nodiscard]] Millis cap_wait(const std::optional<Day>& until, const Now& now, double random) const;

  [[nodiscard]] SteadyTime not_before() const { return not_before_; }
  [[nodiscard]] Why why() const { return why_; }
  [[nodiscard]] int retries() const { return retry_.tries(); }
  // Since when there has been nothing but retries and 429s, without a page.
  [[nodiscard]] std::optional<SteadyTime> trouble_since() const { return trouble_since_; }

 private:
  Millis hold(Millis wait, Why why, const Now& now);
  void end_busy();

  struct Anchor {
    Time date;
    SteadyTime at;
  };
  static Time told_by(const Anchor& anchor, const Now& now);

  std::optional<Anchor> anchor_;
  std::optional<Anchor> before_;  // the anchor until the last date
  std::optional<Anchor> doubted_;
  Backoff retry_;
  int busy_tries_ = 0;
  int past_resets_ = 0;                   // rate limits in a row whose reset had gone by
  std::optional<SteadyTime> busy_since_;  // nothing but such 429s since then
  std::optional<SteadyTime> trouble_since_;
  SteadyTime not_before_ = SteadyTime::min();
  Why why_ = Why::none;
};

}  // namespace mentiond::xapi
