#include "http/unix_socket.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace mentiond::http {
namespace {

class Descriptor {
 public:
  Descriptor() : number_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

// `act` is bind() or connect(); 0 or errno.
int with_address(const std::string& path, int descriptor, int (*act)(int, const sockaddr*, socklen_t)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return ENAMETOOLONG;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return act(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 ? 0 : errno;
}

// What stands in the way of a socket at `path`; empty: nothing that matters.
std::string obstacle(const std::string& path) {
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0) return {};
  if (!S_ISSOCK(found.st_mode)) return "there is something else that is no socket; choose another path";
  const Descriptor probe;
  if (with_address(path, probe.get(), &::connect) != 0) return {};
  return "another program listens there; stop it, or choose another path";
}

}  // namespace

Result<int> listen_unix(const std::string& path) {
  const auto wrong = [&](const std::string& why) { return fail("cannot listen on unix:", path, ": ", why); };
  if (path.size() > max_socket_path) return wrong("the path is longer than 103 bytes");
  if (const auto why = obstacle(path); !why.empty()) return wrong(why);
  const std::string fresh = path + ".new";
  ::unlink(fresh.c_str());
  Descriptor made;
  int error = made.get() < 0 ? errno : with_address(fresh, made.get(), &::bind);
  if (error != 0) return wrong(std::string{std::strerror(error)} + "; its folder must be there and writable");
  // It takes its place only when its mode is right and it listens: no client ever meets another state.
  const bool placed = ::chmod(fresh.c_str(), S_IRUSR | S_IWUSR) == 0 && ::listen(made.get(), SOMAXCONN) == 0 &&
                      std::rename(fresh.c_str(), path.c_str()) == 0;
  if (placed) return made.release();
  error = errno;
  ::unlink(fresh.c_str());
  return wrong(std::strerror(error));
}

Result<int> connect_unix(const std::string& path) {
  Descriptor made;
  const int error = made.get() < 0 ? errno : with_address(path, made.get(), &::connect);
  if (error != 0) return fail(std::strerror(error));
  return made.release();
}

}  // namespace mentiond::http
