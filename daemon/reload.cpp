#include "daemon/reload.h"

namespace mentiond {

std::vector<std::string> needs_restart(const config::Config& now, const config::Config& fresh) {
  std::vector<std::string> keys;
  const auto compare = [&](const char* key, bool same) {
    if (!same) keys.push_back(std::string{key} + " cannot change while mentiond runs: restart it, or put it back");
  };
  compare("ledger.path", now.ledger.path == fresh.ledger.path);
  compare("admin.listen", now.admin.host == fresh.admin.host && now.admin.port == fresh.admin.port &&
                              now.admin.socket == fresh.admin.socket);
  compare("log.format", now.log.format == fresh.log.format);
  return keys;
}

}  // namespace mentiond
