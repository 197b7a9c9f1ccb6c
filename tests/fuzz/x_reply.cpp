// Any answer of X: each status gives only the verdicts that the table allows it, a page comes with GotPage alone, and
// no text of a verdict brings control characters or something like a token into a log. Input: status, headers, body.
#include <algorithm>
#include <array>
#include <string>
#include <variant>

#include "fuzz/oracle.h"
#include "fuzz/promise.h"
#include "xapi/reply_reader.h"

namespace mentiond::fuzz {
namespace {

using namespace xapi;

template <class... Allowed>
bool is_one_of(const Answer& answer) {
  return (std::holds_alternative<Allowed>(answer) || ...);
}

bool allowed(int status, const Answer& answer) {
  if (status == 200) return is_one_of<GotPage, Retry>(answer);
  if (status == 408 || (status >= 500 && status <= 599)) return is_one_of<Retry>(answer);
  if (status == 400) {
    return is_one_of<Retry, StaleSinceId, StaleUntilId, BadNextToken, WrongVocabulary, BadQuery>(answer);
  }
  if (status == 402) return is_one_of<Capped>(answer);
  if (status == 403) return is_one_of<Capped, AuthFailed>(answer);
  if (status == 429) return is_one_of<Capped, RateLimited, TooManyRequests>(answer);
  return is_one_of<AuthFailed>(answer);
}

bool in_token(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view{"-_%+=~"}.find(c) != std::string_view::npos;
}

bool is_object(std::string_view body) {
  const auto root = read_json(body);
  return root && root->is(Json::Kind::object);
}

// What the status alone leaves open.
void check_ground(const Reply& read, const HttpReply& reply) {
  if (std::holds_alternative<RateLimited>(read.answer)) {
    require(read.remaining == 0, "a window is used up only if X says that nothing remains");
  } else if (std::holds_alternative<TooManyRequests>(read.answer)) {
    require(read.remaining != 0, "where nothing remains, the window is used up");
  } else if (std::holds_alternative<BadQuery>(read.answer)) {
    require(reply.body.empty() || is_object(reply.body), "only X's own words park a query");
  } else if (const auto* failed = std::get_if<AuthFailed>(&read.answer)) {
    require(failed->status == reply.status, "a refusal bears its status");
  } else if (const auto* capped = std::get_if<Capped>(&read.answer)) {
    const auto by = reply.status == 402   ? Capped::By::credits
                    : reply.status == 403 ? Capped::By::spend_cap
                                          : Capped::By::cap;
    require(capped->by == by, "a cap is the one that its status names");
    require(by == Capped::By::credits || is_object(reply.body), "only X's own words are a cap");
  }
}

void check_words(std::string_view words) {
  std::size_t run = 0;
  for (const char c : words) {
    const auto byte = static_cast<unsigned char>(c);
    require(byte >= 0x20 && byte != 0x7F, "a verdict's words hold no control character");
    run = in_token(c) ? run + 1 : 0;
    require(run < 40, "a verdict's words hold nothing like a token");
  }
  require(words.size() < 500, "a verdict's words are short");
}

struct WordsOf {
  std::string_view operator()(const Retry& retry) const { return retry.why; }
  std::string_view operator()(const WrongVocabulary& wrong) const { return wrong.parameter; }
  std::string_view operator()(const BadQuery& bad) const { return bad.detail; }
  std::string_view operator()(const AuthFailed& failed) const { return failed.detail; }
  std::string_view operator()(const auto&) const { return {}; }
};

void check_reply(const Reply& read, const Page& page, const HttpReply& reply) {
  require(allowed(reply.status, read.answer), "a status gives only the verdicts that the table allows it");
  check_ground(read, reply);
  check_words(std::visit(WordsOf{}, read.answer));
  require(!read.remaining || *read.remaining >= 0, "what remains is no negative number");
  if (const auto* got = std::get_if<GotPage>(&read.answer)) {
    require(got->posts == page.items() && got->ids.size() <= got->posts, "the walk knows the page's items");
    require(got->next_token == page.next_token, "the walk knows the page's token");
  } else {
    require(page.items() == 0 && page.users.empty() && page.next_token.empty(), "no page but with GotPage");
    require(!read.date || is_object(reply.body), "the time is taken from X's own answers alone");
  }
  if (const auto* stale = std::get_if<StaleSinceId>(&read.answer); stale && stale->bound) {
    require(is_object(reply.body), "a bound comes from a JSON answer");
  }
}

}  // namespace
}  // namespace mentiond::fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  using namespace mentiond;
  const HttpReply reply = fuzz::read_typed_reply(fuzz::text_of(bytes, size)).reply;
  static xapi::PageParser parser;
  static xapi::Page page;
  const auto read = xapi::read_reply(Result<HttpReply, HttpFailure>{reply}, parser, page);
  fuzz::check_reply(read, page, reply);
  return 0;
}
