#include "elastic/bulk_body.h"

#include <utility>

#include "base/json_writer.h"

namespace mentiond::elastic {

std::string_view action_name(Op::Kind kind) { return kind == Op::Kind::erase ? "delete" : "index"; }

void append_action(std::string& body, const Op& op) {
  JsonWriter json{body};
  json.begin_object().key(action_name(op.kind)).begin_object();
  json.key("_index").text(op.index);
  json.key("_id").text(op.root.to_string());
  json.key("version").number(op.revision);
  json.key("version_type").text(op.version_type == VersionType::external ? "external" : "external_gte");
  json.end_object().end_object();
  body += '\n';
}

HttpRequest bulk_request(std::string body, bool gzip, const Authorization& authorization) {
  HttpRequest request;
  request.method = "POST";
  request.target = bulk_target;
  request.headers.add("Content-Type", "application/x-ndjson");
  request.headers.add("Accept", "application/json");
  authorize(request, authorization);
  request.body = std::move(body);
  request.gzip_body = gzip;
  request.timeout = bulk_timeout;
  return request;
}

}  // namespace mentiond::elastic
