// The composable index template that gives every new index its mapping, its shards and the alias for reading; and what
// an answer about the one that is installed means. A template touches new indices only, so it must stand before the
// first write. Works on Elasticsearch 8 and 9, OpenSearch 2 and 3. Pure; any thread.
// https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-indices-put-index-template
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/http_message.h"
#include "elastic/auth.h"
#include "elastic/index_name.h"
#include "elastic/verdict.h"

namespace mentiond::elastic {

// Raised whenever template_json() changes. A cluster that holds a greater one belongs to a newer mentiond: left alone.
constexpr int template_version = 1;
// Above the built-in templates (100) and what people usually give to theirs.
constexpr int template_priority = 500;

// The body of the PUT, and what an operator installs by hand. Named like the alias: pattern.alias().
std::string template_json(const IndexPattern& pattern);

enum class TemplateState : std::uint8_t {
  absent,   // install it
  same,     // ours, as we would write it
  older,    // ours, of an earlier version or for another pattern: install over it
  newer,    // ours, of a later version: leave it
  foreign,  // somebody else's under our name: never overwritten, a person must decide
  denied,   // 401 or 403: we may not look (and so hardly write)
  unknown,  // anything else: ask again
};
std::string_view to_text(TemplateState state);

HttpRequest get_template_request(const IndexPattern& pattern, const Authorization& authorization);
TemplateState judge_template(const HttpReply& reply, const IndexPattern& pattern);

// What is to be done about it before the first write. `installs`: it is ours to put there; else somebody looks after it
// himself, and whatever stands there will do.
enum class TemplateAction : std::uint8_t { none, install, wait_for_person, ask_again };
TemplateAction template_action(TemplateState state, bool installs);

HttpRequest put_template_request(const IndexPattern& pattern, const Authorization& authorization);
// What installing would meet, told without doing it: a 400 means that another template of the same priority claims the
// same names. Other answers (an older server, a lesser right) tell nothing.
HttpRequest simulate_template_request(const IndexPattern& pattern, const Authorization& authorization);
// Nothing if the template now stands; else the server's words. A 401 or 403 in `status` means we lack the right, a 400
// that another template of the same priority claims the same names; a 5xx or 429 passes by itself.
std::optional<Fault> template_refusal(const HttpReply& reply);

}  // namespace mentiond::elastic
