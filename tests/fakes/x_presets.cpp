#include "fakes/x_presets.h"

#include "base/json_writer.h"

namespace mentiond::fakes {
namespace {

struct Preset {
  std::string_view name;
  int status;
  std::string_view body;  // {DAY} becomes the next day
  std::string_view header = "";
  std::string_view value = "";
};

constexpr std::string_view html =
    "<!DOCTYPE html>\n<html><head><title>Over capacity</title></head><body><h1>Something is technically "
    "wrong.</h1></body></html>\n";

constexpr Preset
    presets
        [] =
            {
                {"unauthorized", 401,
                 R"({"title":"Unauthorized","type":"about:blank","status":401,"detail":"Unauthorized"})"},
                {"client_forbidden", 403,
                 R"({"client_id":"27000001","detail":"When authenticating requests to the Twitter API v2 endpoints, you must use keys and tokens from a developer App that is attached to a Project.","registration_url":"https://developer.twitter.com/en/docs/projects/overview","title":"Client Forbidden","required_enrollment":"Appropriate Level of API Access","reason":"client-not-enrolled","type":"https://api.twitter.com/2/problems/client-forbidden"})"},
                {"unsupported_authentication", 403,
                 R"({"title":"Unsupported Authentication","detail":"Authenticating with Unknown is forbidden for this endpoint.","type":"https://api.twitter.com/2/problems/unsupported-authentication","status":403})"},
                {"forbidden", 403, R"({"title":"Forbidden","detail":"Forbidden","type":"about:blank","status":403})"},
                {"usage_capped", 429,
                 R"({"account_id":1900000000000000123,"product_name":"standard-basic","title":"UsageCapExceeded","period":"Monthly","scope":"Product","detail":"Usage cap exceeded: Monthly product cap","type":"https://api.twitter.com/2/problems/usage-capped"})",
                 "x-rate-limit-remaining", "39999"},
                {"credits_old", 402,
                 R"({"account_id":1900000000000000123,"title":"CreditsDepleted","detail":"Your enrolled account [1900000000000000123] does not have any credits to fulfill this request.","type":"https://api.twitter.com/2/problems/credits"})"},
                {"credits_new", 402,
                 R"({"title":"Payment Required","detail":"credits depleted","status":402,"type":"https://api.x.com/2/problems/credits-depleted"})"},
                {"spend_cap", 403,
                 R"({"title":"SpendCapReached","detail":"Your enrolled account [1900000000000000123] has reached its billing cycle spend cap. API requests will be blocked until the next cycle begins on {DAY}.","reset_date":"{DAY}"})"},
                {"rate_limited", 429,
                 R"({"title":"Too Many Requests","detail":"Too Many Requests","type":"about:blank","status":429})",
                 "x-rate-limit-remaining", "0"},
                {"rate_limited_code88", 429, R"({"errors":[{"code":88,"message":"Rate limit exceeded"}]})",
                 "x-rate-limit-remaining", "0"},
                {"rate_limited_type", 429,
                 R"({"title":"Rate Limit Exceeded","detail":"Rate limit exceeded","status":429,"type":"https://api.x.com/2/problems/rate-limit-exceeded"})",
                 "x-rate-limit-remaining", "0"},
                {"rate_limited_bare", 429, ""},
                {"too_many_with_remaining", 429,
                 R"({"title":"Too Many Requests","detail":"Too Many Requests","type":"about:blank","status":429})",
                 "x-rate-limit-remaining", "39999"},
                {"invalid_query_nested", 400,
                 R"~({"errors":[{"parameters":{"query":["("]},"message":"There were errors processing your request: missing ')' (at position 2)"}],"title":"Invalid Request","detail":"One or more parameters to your request was invalid.","type":"https://api.twitter.com/2/problems/invalid-request"})~"},
                {"invalid_query_flat", 400,
                 R"({"type":"https://api.x.com/2/problems/invalid-request","title":"Invalid Request","detail":"One or more parameters to your request was invalid.","status":400,"parameter":"query","value":"("})"},
                {"invalid_next_token", 400,
                 R"({"errors":[{"parameters":{"next_token":["b26v89c19zqg8o3f"]},"message":"The 'next_token' [b26v89c19zqg8o3f] is not valid"}],"title":"Invalid Request","detail":"One or more parameters to your request was invalid.","type":"https://api.twitter.com/2/problems/invalid-request"})"},
                {"stale_since_id", 400, R"({"errors":[{"parameters":{"since_id":["2075200933194039668"]},"message":"'since_id' must be a tweet id created after 2026-07-31T11:45Z. Please use a 'since_id' that is larger than 2083157183716917248"}],"title":"Invalid Request","detail":"One or more parameters to your request was invalid.","type":"https://api.twitter.com/2/problems/invalid-request"})"},
                {"bad_fields", 400,
                 R"({"errors":[{"parameters":{"tweet.fields":["author_id"]},"message":"The query parameter [tweet.fields] is not one of [query,max_results,next_token,post.fields]"}],"title":"Invalid Request","detail":"One or more parameters to your request was invalid.","type":"https://api.x.com/2/problems/invalid-request"})"},
                {"html_503", 503, html},
                {"html_429", 429, html},
                {"internal_500", 500,
                 R"({"title":"Internal Server Error","detail":"Something is broken.","type":"about:blank","status":500})"},
                {"bad_gateway_502", 502, "<html><body><h1>502 Bad Gateway</h1></body></html>"},
                {"gateway_timeout_504", 504, ""},
                {"timeout_408", 408, ""},
                {"empty_404", 404, ""},
                {"gone_410", 410, ""},
                {"redirect_302", 302, "", "Location", "https://login.example.com/"},
                {"ok_html", 200, "<html><body>Please sign in to use this network.</body></html>"},
                {"ok_empty", 200, ""},
                {"ok_empty_object", 200, "{}"},
                {"ok_array", 200, "[]"},
                {"ok_broken_json", 200, R"({"data":[{"id":"1900000000000000001","text":"cut in the mid)"},
                {"ok_no_meta", 200,
                 R"({"data":[{"id":"1900000000000000001","text":"AWS Marketplace","edit_history_tweet_ids":["1900000000000000001"]}]})"},
};

std::string dated(std::string_view body, Time now) {
  std::string out{body};
  const std::string day = to_text(day_of(now) + std::chrono::days{1});
  for (auto at = out.find("{DAY}"); at != std::string::npos; at = out.find("{DAY}")) out.replace(at, 5, day);
  return out;
}

}  // namespace

std::vector<std::string_view> x_presets() {
  std::vector<std::string_view> names;
  for (const auto& preset : presets) names.push_back(preset.name);
  return names;
}

Answer x_preset(std::string_view name, Time now) {
  Answer answer;
  for (const auto& preset : presets) {
    if (preset.name != name) continue;
    answer.status = preset.status;
    answer.body = dated(preset.body, now);
    const bool json = !answer.body.empty() && answer.body.front() != '<';
    answer.headers.add("Content-Type", json ? "application/json; charset=utf-8" : "text/html; charset=utf-8");
    if (!preset.header.empty()) answer.headers.add(std::string{preset.header}, std::string{preset.value});
  }
  return answer;
}

Answer invalid_request(ErrorShape shape, std::string_view parameter, std::string_view value, std::string_view message) {
  std::string body;
  JsonWriter json{body};
  json.begin_object();
  if (shape == ErrorShape::nested) {
    json.key("errors")
        .begin_array()
        .begin_object()
        .key("parameters")
        .begin_object()
        .key(parameter)
        .begin_array()
        .text(value)
        .end_array();
    json.end_object().key("message").text(message).end_object().end_array();
    json.key("title").text("Invalid Request").key("detail").text("One or more parameters to your request was invalid.");
    json.key("type").text("https://api.twitter.com/2/problems/invalid-request");
  } else {
    json.key("type")
        .text("https://api.x.com/2/problems/invalid-request")
        .key("title")
        .text("Invalid Request")
        .key("detail")
        .text(message);
    json.key("status").number(400).key("parameter").text(parameter).key("value").text(value);
  }
  json.end_object();
  return json_answer(400, std::move(body));
}

}  // namespace mentiond::fakes
