#include "xapi/reply.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "xapi/problem.h"
#include "xapi/reply_reader.h"

namespace mentiond::xapi {
namespace {

// The last second of the year 9999: beyond it no header means a time.
constexpr std::int64_t last_second = 253'402'300'799;

// Names of ours that X's words can mention where it fills in no `parameter`.
constexpr std::array<std::string_view, 9> known_parameters{"since_id",         "until_id",     "next_token",
                                                           "pagination_token", "tweet.fields", "post.fields",
                                                           "user.fields",      "expansions",   "query"};

bool is_json_like(std::string_view body) {
  const auto begin = body.find_first_not_of(" \t\r\n");
  return begin != std::string_view::npos && body[begin] == '{';
}

std::string describe(const HttpReply& reply, const std::optional<Problem>& problem) {
  if (problem) return problem->summary();
  if (reply.body.empty()) return "an empty body";
  const auto type = reply.headers.find("content-type");
  return "a body that is not X's (" + (type ? fit_for_log(*type) : std::string{"of no type"}) + ")";
}

// What X names first in its words; the rest of such a text often lists every parameter there is.
std::string_view first_parameter(std::string_view words) {
  std::string_view first;
  std::size_t least = std::string_view::npos;
  for (const std::string_view name : known_parameters) {
    const auto at = words.find(name);
    if (at >= least) continue;
    const bool alone = (at == 0 || std::string_view{"'`\"[("}.find(words[at - 1]) != std::string_view::npos);
    if (!alone) continue;
    least = at;
    first = name;
  }
  return first;
}

bool is_staleness(std::string_view words) {
  for (const std::string_view sign : {"created after", "larger than", "greater than", "more recent than"}) {
    if (words.find(sign) != std::string_view::npos) return true;
  }
  return false;
}

// The id behind "larger than": where X's window begins.
std::optional<TweetId> bound_in(std::string_view words) {
  for (const std::string_view sign : {"larger than", "greater than"}) {
    const auto at = words.find(sign);
    if (at == std::string_view::npos) continue;
    std::string_view rest = words.substr(at + sign.size());
    rest.remove_prefix(static_cast<std::size_t>(std::find_if(rest.begin(), rest.end(), is_digit) - rest.begin()));
    const auto digits = std::find_if_not(rest.begin(), rest.end(), is_digit) - rest.begin();
    return TweetId::parse(rest.substr(0, static_cast<std::size_t>(digits)));
  }
  return std::nullopt;
}

// The verdict on one complaint; nothing if it is about something else in the query.
std::optional<Answer> read_complaint(const Complaint& complaint) {
  const std::string_view name = complaint.parameter.empty() ? first_parameter(complaint.message) : complaint.parameter;
  if (name == "since_id" && is_staleness(complaint.message)) return StaleSinceId{.bound = bound_in(complaint.message)};
  if (name == "next_token" || name == "pagination_token") return BadNextToken{};
  if (name == "until_id") return StaleUntilId{};
  if (name.ends_with(".fields") || name == "expansions") return WrongVocabulary{.parameter = fit_for_log(name)};
  return std::nullopt;
}

// A 400. Several complaints: the one that stands higher in the list of answers, so that the order in which X puts them
// does not matter.
Answer read_bad_request(const HttpReply& reply, const std::optional<Problem>& problem) {
  // X objects in JSON: what is none comes from something between us and X, and says nothing about the query.
  if (!problem && !reply.body.empty()) return Retry{.why = "400 with " + describe(reply, problem)};
  std::optional<Answer> verdict;
  if (problem) {
    for (const Complaint& complaint : problem->complaints) {
      auto next = read_complaint(complaint);
      if (next && (!verdict || next->index() < verdict->index())) verdict = std::move(next);
    }
  }
  if (verdict) return *std::move(verdict);
  return BadQuery{.detail = describe(reply, problem)};
}

Answer read_too_many(const std::optional<Problem>& problem, const std::optional<std::int64_t>& remaining) {
  if (problem && (problem->is("usage-capped") || problem->is("UsageCapExceeded"))) {
    return Capped{.by = Capped::By::cap, .until = problem->reset_date};
  }
  if (remaining == 0) return RateLimited{};
  return TooManyRequests{};
}

Answer read_refusal(const HttpReply& reply, const std::optional<Problem>& problem) {
  if (reply.status == 403 && problem && (problem->is("SpendCapReached") || problem->is("spend-cap-reached"))) {
    return Capped{.by = Capped::By::spend_cap, .until = problem->reset_date};
  }
  return AuthFailed{.status = reply.status, .detail = describe(reply, problem)};
}

Answer read_page(std::string_view body, PageParser& parser, Page& page) {
  const auto parsed = parser.parse_page(body, page);
  if (!parsed) return Retry{.why = is_json_like(body) ? parsed.error().message : "a 200 that is no JSON"};
  GotPage got;
  got.posts = page.items();
  got.next_token = page.next_token;
  got.bears_asked_field = page.bears_asked_field;
  got.ids.reserve(page.items());
  for (const Tweet& tweet : page.tweets) got.ids.push_back(tweet.id);
  for (const BadPost& bad : page.bad) {
    if (bad.id) got.ids.push_back(*bad.id);
  }
  return got;
}

Answer read_answer(const HttpReply& reply, const std::optional<Problem>& problem,
                   const std::optional<std::int64_t>& remaining) {
  if (reply.status == 408 || (reply.status >= 500 && reply.status <= 599)) {
    return Retry{.why = std::to_string(reply.status) + " with " + describe(reply, problem)};
  }
  if (reply.status == 400) return read_bad_request(reply, problem);
  if (reply.status == 402) {
    return Capped{.by = Capped::By::credits, .until = problem ? problem->reset_date : std::nullopt};
  }
  if (reply.status == 429) return read_too_many(problem, remaining);
  return read_refusal(reply, problem);
}

}  // namespace

Reply read_reply(const Result<HttpReply, HttpFailure>& reply, PageParser& parser, Page& page) {
  Reply read;
  if (!reply || reply->status != 200) page = Page{};
  if (!reply) {
    const HttpFailure& failure = reply.error();
    read.answer = Retry{.why = std::string{to_text(failure.kind)} + ": " + failure.message};
    return read;
  }
  read.remaining = reply->headers.find_number("x-rate-limit-remaining");
  if (read.remaining && *read.remaining < 0) read.remaining.reset();
  const auto reset = reply->headers.find_number("x-rate-limit-reset");
  if (reset && *reset >= 0 && *reset <= last_second) read.reset = Time{std::chrono::seconds{*reset}};
  std::optional<Problem> problem;
  if (reply->status == 200) {
    read.answer = read_page(reply->body, parser, page);
  } else {
    problem = read_problem(reply->body);
    read.answer = read_answer(*reply, problem, read.remaining);
  }
  const bool surely_x = problem || std::holds_alternative<GotPage>(read.answer);
  const auto date = reply->headers.find("date");
  if (surely_x && date) read.date = parse_http_date(*date);
  return read;
}

std::string_view outcome_name(const Answer& answer) {
  struct Name {
    std::string_view operator()(const GotPage&) const { return "page"; }
    std::string_view operator()(const Retry&) const { return "retry"; }
    std::string_view operator()(const RateLimited&) const { return "rate_limited"; }
    std::string_view operator()(const Capped&) const { return "capped"; }
    std::string_view operator()(const TooManyRequests&) const { return "too_many_requests"; }
    std::string_view operator()(const StaleSinceId&) const { return "stale_since_id"; }
    std::string_view operator()(const StaleUntilId&) const { return "stale_until_id"; }
    std::string_view operator()(const BadNextToken&) const { return "bad_next_token"; }
    std::string_view operator()(const WrongVocabulary&) const { return "wrong_vocabulary"; }
    std::string_view operator()(const BadQuery&) const { return "bad_query"; }
    std::string_view operator()(const AuthFailed&) const { return "auth_failed"; }
  };
  return std::visit(Name{}, answer);
}

}  // namespace mentiond::xapi
