#include "admin/socket_place.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/un.h>
#include <unistd.h>

namespace mentiond::admin {
namespace {

constexpr std::size_t longest = sizeof(sockaddr_un::sun_path) - 1;

}  // namespace

Result<SocketPlace> SocketPlace::of(const std::string& path) {
  SocketPlace place;
  std::string name = path;
  if (name.size() > longest) {
    const auto slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    place.folder_ = ::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (place.folder_ < 0) return fail("cannot open the folder ", folder, ": ", std::strerror(errno));
    name = "/proc/self/fd/" + std::to_string(place.folder_) + '/' + path.substr(slash + 1);
  }
  if (name.size() > longest) {
    return fail("the name of ", path, " is too long for a socket; give ledger.path a shorter file name");
  }
  place.endpoint_.path(name);
  return place;
}

SocketPlace::~SocketPlace() {
  if (folder_ >= 0) ::close(folder_);
}

}  // namespace mentiond::admin
