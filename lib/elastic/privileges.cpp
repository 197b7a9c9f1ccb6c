#include "elastic/privileges.h"

#include "base/json_writer.h"
#include "elastic/reply_json.h"

namespace mentiond::elastic {

HttpRequest privileges_request(const IndexPattern& pattern, bool installs_template,
                               const Authorization& authorization) {
  HttpRequest request;
  request.method = "POST";
  request.target = "/_security/user/_has_privileges";
  request.headers.add("Accept", "application/json");
  request.headers.add("Content-Type", "application/json");
  JsonWriter json{request.body};
  json.begin_object();
  json.key("cluster").begin_array().text("monitor");
  if (installs_template) json.text("manage_index_templates");
  json.end_array();
  json.key("index").begin_array().begin_object().key("names").begin_array().text(pattern.wildcard()).end_array();
  json.key("privileges").begin_array().text("create_index").text("index").text("delete").end_array();
  json.end_object().end_array().end_object();
  authorize(request, authorization);
  return request;
}

std::string privileges_needed(const IndexPattern& pattern, bool installs_template) {
  return "create_index, index and delete on " + pattern.wildcard() + ", monitor" +
         (installs_template ? " and manage_index_templates" : "") + " on the cluster";
}

Privileges judge_privileges(const HttpReply& reply) {
  if (reply.status == 401 || reply.status == 403) return Privileges::refused;
  if (reply.status != 200) return Privileges::unknown;
  return says_true(reply.body, "has_all_requested") ? Privileges::all : Privileges::missing;
}

}  // namespace mentiond::elastic
