#include "fakes/xsim.h"

#include <algorithm>
#include <cmath>

#include "base/json_writer.h"
#include "mention/tweet_id.h"

namespace mentiond::fakes {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view search_path = "/2/tweets/search/recent";
constexpr std::size_t log_lines = 10'000;
constexpr std::size_t max_queries = 64;  // a post remembers in one word which of them were served it

// Bursts: one event in fifty drags a dozen more posts after it, 200 ms apart; the pace between events makes up for
// them.
constexpr unsigned burst_percent = 2;
constexpr int burst_posts = 12;
constexpr Millis burst_pace{200};

bool is_whole(const Answer& answer) {
  using Kind = Delivery::Kind;
  const Kind kind = answer.delivery.kind;
  return kind == Kind::whole || kind == Kind::slow || kind == Kind::close;
}

}  // namespace

XSim::XSim(const XOptions& options, Time now)
    : options_(options),
      store_({.seed = options.seed, .noise = options.noise, .lazy = options.lazy}),
      random_(options.seed ^ 0x51A7EULL),
      next_live_(now + options.clock_offset) {
  store_.fill(options_.tweets, options_.span, now + options_.clock_offset);
}

Answer XSim::handle(const Request& request, Time real_now) {
  const Time now = real_now + options_.clock_offset;
  advance(now);
  const std::string path = request.path();
  if (path.starts_with("/_sim/")) return admin(request, real_now);
  if (path == search_path && request.method == "GET") return search(request, now);
  Answer answer;
  answer.status = 404;  // seen with an empty body (xdevplatform/docs #395)
  return answer;
}

// New posts that are due; after a jump of the clock no more than a day's worth of them.
void XSim::advance(Time now) {
  if (options_.live <= 0) {
    next_live_ = now;
    return;
  }
  next_live_ = std::max(next_live_, now - std::chrono::days{1});
  const double events_per_ms = options_.live / 1000.0 / (1.0 + burst_posts * burst_percent / 100.0);
  while (next_live_ <= now) {
    add_live(next_live_);
    if (burst_left_ > 0) {
      --burst_left_;
      next_live_ += burst_pace;
      continue;
    }
    if (random_.percent(burst_percent)) burst_left_ = burst_posts;
    next_live_ += Millis{1 + static_cast<std::int64_t>(-std::log(random_.unit()) / events_per_ms)};
  }
}

void XSim::add_live(Time time) {
  const Millis late = random_.percent(options_.late) ? options_.late_by : 0ms;
  store_.add_invented(time, time + options_.index_delay + late);
}

Answer XSim::search(const Request& request, Time now) {
  ++requests_;
  if (now >= rate_.reset) rate_ = {.reset = now + options_.rate_window, .used = 0};
  ++rate_.used;
  const std::string query = find(request.query(), "query").value_or("");
  const Occasion occasion{.number = requests_, .query = query, .path = {}, .item = {}, .ids = {}, .indices = {}};
  const Fault* fault = faults_.pick(occasion, [](const Fault&) { return true; });
  if (fault != nullptr) ++faulted_;
  Answer answer = answer_search(request, fault, now);
  ++statuses_[answer.status];
  log(answer.status, fault, request.target);
  const bool wants_gzip = request.headers.find("Accept-Encoding").value_or("").find("gzip") != std::string_view::npos;
  if (wants_gzip && answer.status == 200 && answer.body.size() > 1'000) {
    answer.body = gzip(answer.body);
    answer.headers.add("Content-Encoding", "gzip");
  }
  return answer;
}

Answer XSim::answer_search(const Request& request, const Fault* fault, Time now) {
  if (fault != nullptr && (fault->act == "preset" || fault->act == "status" || fault->act == "body")) {
    Answer answer = fault->act == "preset" ? x_preset(fault->preset, now) : json_answer(200, fault->body.value_or(""));
    if (fault->status != 0) answer.status = fault->status;
    if (fault->body) answer.body = *fault->body;
    for (const auto& [name, value] : fault->headers) answer.headers.add(name, value);
    answer.delivery.delay = fault->delay;
    add_headers(answer, fault, now);
    return answer;
  }
  Answer answer;
  if (fault != nullptr) deliver_badly(*fault, answer);
  const Delivery delivery = answer.delivery;
  if (delivery.kind == Delivery::Kind::hang_up) return answer;
  if (auto refusal = refuse(request)) {
    answer = std::move(*refusal);
  } else {
    auto read = read_search(request.query(), options_, now);
    std::string error;
    auto* const asked = std::get_if<Search>(&read);
    QueryIndex* const index = asked == nullptr ? nullptr : index_of(asked->query, error);
    if (asked == nullptr) {
      answer = std::move(std::get<Answer>(read));
    } else if (index == nullptr) {
      answer = invalid_request(options_.error_shape, "query", asked->query,
                               "There were errors processing your request: " + error);
    } else {
      if (fault != nullptr && fault->act == "no_fields") asked->fields = FieldSet::basic();
      const Page page = page_of(*index, *asked, fault, now);
      answer = json_answer(200, body_of(page, *asked, fault, now));
      answer.delivery = delivery;
      ++pages_;
      charge(page, asked->users, now);
      if (is_whole(answer)) mark_served(page, *index);
    }
  }
  answer.delivery = delivery;
  add_headers(answer, fault, now);
  return answer;
}

// What X says before it reads the search.
std::optional<Answer> XSim::refuse(const Request& request) {
  constexpr std::string_view scheme = "Bearer ";
  const auto authorization = request.headers.find("Authorization").value_or("");
  const bool bearer = authorization.starts_with(scheme) && authorization.size() > scheme.size();
  if (!bearer || (!options_.token.empty() && authorization.substr(scheme.size()) != options_.token))
    return x_preset("unauthorized", {});
  if (options_.rate_limit > 0 && rate_.used > options_.rate_limit) {
    Answer answer = json_answer(429, x_preset("rate_limited", {}).body);
    return answer;
  }
  return std::nullopt;
}

QueryIndex* XSim::index_of(const std::string& query, std::string& error) {
  for (const auto& known : queries_) {
    if (known->text() == query) return known.get();
  }
  auto parsed = SearchQuery::parse(query);
  if (!parsed || queries_.size() == max_queries) {
    error = parsed ? "xsim knows no more than 64 different queries" : parsed.error().message;
    return nullptr;
  }
  return queries_.emplace_back(std::make_unique<QueryIndex>(query, std::move(*parsed))).get();
}

XSim::Page XSim::page_of(QueryIndex& index, const Search& search, const Fault* fault, Time now) {
  index.catch_up(store_);
  ++index.requests;
  std::size_t size = search.max_results;
  if (random_.percent(options_.short_pages)) size = static_cast<std::size_t>(random_.below(size));
  if (fault != nullptr && fault->act == "short_page") size = std::min(size, fault->keep);
  Page page;
  bool more = false;
  index.walk(store_, search.low, search.high, now, [&](Slot slot) {
    more = page.slots.size() == size;
    if (!more) page.slots.push_back(slot);
    return !more;
  });
  if (!more && (fault == nullptr || fault->act != "short_page")) return page;
  const std::uint64_t last = page.slots.empty() ? search.high : store_.at(page.slots.back()).id;
  page.next_token = make_page_token(last, now, search.hash);
  return page;
}

void XSim::charge(const Page& page, bool users, Time now) {
  const Day day = day_of(now);
  Bill& bill = days_[day];
  const auto number = static_cast<std::int32_t>(day.time_since_epoch().count());
  for (const Slot slot : page.slots) {
    Post& post = store_.at(slot);
    if (std::exchange(post.billed_day, number) != number) ++bill.posts;
    if (users && billed_users_.emplace(day, post.author).second) ++bill.users;
  }
}

void XSim::mark_served(const Page& page, QueryIndex& index) {
  std::size_t number = 0;
  while (queries_[number].get() != &index) ++number;
  index.sent += static_cast<std::int64_t>(page.slots.size());
  for (const Slot slot : page.slots) {
    Post& post = store_.at(slot);
    if (post.served == 0) ++served_ids_;
    if ((post.served >> number & 1U) == 0) ++index.served;
    post.served |= std::uint64_t{1} << number;
  }
}

std::string XSim::body_of(const Page& page, const Search& search, const Fault* fault, Time now) {
  std::string out;
  out.reserve(page.slots.size() * 1'500 + 500);
  out += '{';
  if (!page.slots.empty()) {
    out += R"("data":[)";
    for (std::size_t i = 0; i < page.slots.size(); ++i) {
      if (i > 0) out += ',';
      if (fault != nullptr && fault->act == "broken_post" && fault->item == i) {
        out += fault->body.value_or(R"({"text":"a post without an id"})");
      } else {
        store_.write(page.slots[i], out, search.fields, search.vocabulary);
      }
    }
    out += "],";
  }
  if (search.users && !page.slots.empty()) {
    std::set<std::uint32_t> authors;
    for (const Slot slot : page.slots) authors.insert(store_.at(slot).author);
    out += R"("includes":{"users":[)";
    for (const auto author : authors) {
      if (author != *authors.begin()) out += ',';
      write_user(out, author, search.user_fields, search.vocabulary);
    }
    out += "]},";
  }
  if (fault != nullptr && fault->act == "partial_errors") {
    const std::string host = search.vocabulary == Vocabulary::tweet ? "api.twitter.com" : "api.x.com";
    const std::string id = TweetId::at(now - 24h).to_string();
    out +=
        R"("errors":[{"resource_id":")" + id +
        R"(","parameter":"referenced_tweets.id","resource_type":"tweet","value":")" + id +
        R"(","title":"Not Found Error","detail":"Could not find tweet with referenced_tweets.id: []","type":"https://)" +
        host + R"(/2/problems/resource-not-found"}],)";
  }
  write_meta(out, page, fault);
  out += '}';
  return out;
}

void XSim::write_meta(std::string& out, const Page& page, const Fault* fault) const {
  out += R"("meta":)";
  JsonWriter json{out};
  json.begin_object();
  if (!page.slots.empty()) {
    json.key("newest_id").text(std::to_string(store_.at(page.slots.front()).id));
    json.key("oldest_id").text(std::to_string(store_.at(page.slots.back()).id));
  }
  const bool wrong = fault != nullptr && fault->act == "wrong_count";
  json.key("result_count").number(page.slots.size() + (wrong ? 3 : 0));
  const bool hidden = fault != nullptr && fault->act == "no_token";
  if (!page.next_token.empty() && !hidden) json.key("next_token").text(page.next_token);
  json.end_object();
}

void XSim::add_headers(Answer& answer, const Fault* fault, Time now) {
  // Cloudflare and its like know no limits.
  const bool edge = fault != nullptr && (answer.body.starts_with('<') || fault->preset == "rate_limited_bare");
  const bool own = answer.headers.find("x-rate-limit-remaining").has_value();
  if (!edge && options_.rate_limit > 0 && (fault == nullptr || fault->act != "no_rate_headers")) {
    answer.headers.add("x-rate-limit-limit", std::to_string(own ? 40'000 : options_.rate_limit));
    if (!own)
      answer.headers.add("x-rate-limit-remaining",
                         std::to_string(std::max<std::int64_t>(0, options_.rate_limit - rate_.used)));
    const auto reset = std::chrono::ceil<std::chrono::seconds>(rate_.reset.time_since_epoch());
    answer.headers.add("x-rate-limit-reset", std::to_string(reset.count()));
  }
  if (fault == nullptr || fault->act != "no_date") answer.headers.add("Date", to_http_date(now));
}

void XSim::log(int status, const Fault* fault, const std::string& target) {
  if (log_.size() == log_lines) log_.pop_front();
  log_.push_back(std::to_string(requests_) + '\t' + std::to_string(status) + '\t' +
                 (fault == nullptr ? "-" : fault->name()) + '\t' + target);
}

}  // namespace mentiond::fakes
