// XSim: plays GET /2/tweets/search/recent, its limits, its bill and its failures, and keeps exact counts of what it
// served: the oracle for "nothing that X served is lost". Pure: the real time is an argument, X's own clock is that
// plus an offset. One thread. The outside is in README.md.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fakes/fault_script.h"
#include "fakes/message.h"
#include "fakes/x_options.h"
#include "fakes/x_search.h"
#include "fakes/x_store.h"

namespace mentiond::fakes {

class XSim {
 public:
  XSim(const XOptions& options, Time now);

  // Any request: a search, or the admin side under /_sim/.
  Answer handle(const Request& request, Time now);

  // What tests inside the process ask without JSON.
  struct Bill {
    std::int64_t posts = 0;  // unique (UTC day, id)
    std::int64_t users = 0;
  };
  [[nodiscard]] Bill bill() const;
  [[nodiscard]] std::int64_t requests() const { return requests_; }
  // Distinct ids in 200s that went out whole.
  [[nodiscard]] std::int64_t served() const { return served_ids_; }
  [[nodiscard]] std::string state_json(Time now);
  [[nodiscard]] std::string served_text() const;

 private:
  struct Page {
    std::vector<Slot> slots;
    std::string next_token;
  };
  struct RateWindow {
    Time reset{};
    std::int64_t used = 0;
  };

  Answer search(const Request& request, Time now);
  Answer answer_search(const Request& request, const Fault* fault, Time now);
  std::optional<Answer> refuse(const Request& request);
  Page page_of(QueryIndex& index, const Search& search, const Fault* fault, Time now);
  std::string body_of(const Page& page, const Search& search, const Fault* fault, Time now);
  void write_meta(std::string& out, const Page& page, const Fault* fault) const;
  void charge(const Page& page, bool users, Time now);
  void mark_served(const Page& page, QueryIndex& index);
  void add_headers(Answer& answer, const Fault* fault, Time now);
  QueryIndex* index_of(const std::string& query, std::string& error);
  void advance(Time now);
  void add_live(Time time);
  void log(int status, const Fault* fault, const std::string& target);

  Answer admin(const Request& request, Time now);
  Answer admin_add(const JsonValue& json, Time now);
  Answer admin_config(const Request& request, Time real_now);
  Answer admin_faults(const Request& request);

  XOptions options_;
  PostStore store_;
  FaultScript faults_;
  std::vector<std::unique_ptr<QueryIndex>> queries_;
  RateWindow rate_;
  Random random_;
  Time next_live_{};
  int burst_left_ = 0;
  std::map<Day, Bill> days_;
  std::set<std::pair<Day, std::uint32_t>> billed_users_;
  std::map<int, std::int64_t> statuses_;
  std::deque<std::string> log_;
  std::int64_t requests_ = 0;
  std::int64_t pages_ = 0;
  std::int64_t faulted_ = 0;
  std::int64_t served_ids_ = 0;
};

}  // namespace mentiond::fakes
