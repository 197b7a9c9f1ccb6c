#include "elastic/auth.h"

#include <algorithm>
#include <string>

#include "base/base64.h"

namespace mentiond::elastic {
namespace {

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

}  // namespace

Result<Authorization> basic_authorization(std::string_view user, const Secret& password) {
  if (user.empty()) return fail("the user name for Elasticsearch is empty");
  if (user.find(':') != std::string_view::npos) return fail("a user name for Elasticsearch cannot hold a colon");
  if (has_control(user)) return fail("the user name for Elasticsearch holds a control character or line break");
  if (has_control(password.reveal())) {
    return fail("the password for Elasticsearch holds a control character or line break");
  }
  std::string pair{user};
  pair += ':';
  pair += password.reveal();
  return Authorization{"Basic " + base64_encode(pair)};
}

void authorize(HttpRequest& request, const Authorization& authorization) {
  if (!authorization.empty()) request.headers.add("Authorization", authorization.reveal());
}

}  // namespace mentiond::elastic
