#include "config/secret_source.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ascii.h"

namespace mentiond::config {

namespace {

constexpr std::size_t max_secret_bytes = 64 * 1024;

Result<Secret> checked(std::string value, SecretSource::Kind kind) {
  if (value.empty()) return fail("is empty");
  if (value.find_first_of("\r\n") != std::string::npos) return fail("holds a line break; expected one line");
  if (std::any_of(value.begin(), value.end(), is_control)) return fail("holds a control character");
  const auto visible = [](char c) { return c > ' ' && c <= '~'; };
  if (kind == SecretSource::Kind::token && !std::all_of(value.begin(), value.end(), visible)) {
    return fail("holds a blank or a character outside ASCII; expected the token alone");
  }
  return Secret{std::move(value)};
}

class File {
 public:
  explicit File(const std::string& path) : number_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~File() {
    if (number_ >= 0) ::close(number_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] int get() const { return number_; }

 private:
  int number_;
};

Result<std::string> read_file(const std::string& path, SecretSource::Keeper keeper) {
  const auto unreadable = [&] { return fail(path, " cannot be read; expected a file that mentiond's user may read"); };
  const File file{path};
  struct stat facts{};
  // The mode of what was opened, not of what stands at the path a moment later.
  if (file.get() < 0 || ::fstat(file.get(), &facts) != 0) return unreadable();
  if (S_ISREG(facts.st_mode) && keeper == SecretSource::Keeper::owner) {
    const auto why = exposure({facts.st_mode & 07777U, facts.st_uid}, ::geteuid());
    if (!why.empty()) return fail(path, " ", why);
  }
  std::string value(max_secret_bytes + 1, '\0');
  std::size_t size = 0;
  for (::ssize_t count = 1; count > 0 && size < value.size(); size += static_cast<std::size_t>(count)) {
    count = ::read(file.get(), value.data() + size, value.size() - size);
    if (count < 0) return unreadable();  // a folder opens and then fails to be read
  }
  if (size > max_secret_bytes) return fail(path, " holds more than 64 KiB; expected a secret alone");
  value.resize(size);
  return Result<std::string>{boost::system::in_place_value, std::move(value)};
}

}  // namespace

SecretSource SecretSource::inline_value(Secret value, Kind kind) {
  SecretSource source;
  source.origin_ = Origin::configuration;
  source.kind_ = kind;
  source.value_ = std::move(value);
  return source;
}

SecretSource SecretSource::file(std::string path, Kind kind, Keeper keeper) {
  SecretSource source;
  source.origin_ = Origin::file;
  source.kind_ = kind;
  source.keeper_ = keeper;
  source.path_ = std::move(path);
  return source;
}

Result<Secret> SecretSource::read() const {
  if (origin_ == Origin::nowhere) return fail("no secret is configured");
  if (origin_ == Origin::configuration) return checked(value_.reveal(), kind_);
  auto read = read_file(path_, keeper_);
  if (!read) return read.error();
  std::string& value = *read;
  value.erase(value.find_last_not_of("\r\n") + 1);
  auto secret = checked(std::move(value), kind_);
  if (!secret) return fail(path_, " ", secret.error().message);
  return secret;
}

Result<std::string> secret_path(const std::string& written, const Environment& environment) {
  if (written.find('/') != std::string::npos) return Result<std::string>{boost::system::in_place_value, written};
  const auto directory = environment("CREDENTIALS_DIRECTORY");
  if (!directory || directory->empty()) {
    return fail('"' + written,
                "\" names a systemd credential, but $CREDENTIALS_DIRECTORY is not set; expected a path with "
                "a slash (./",
                written, " for a file beside), or LoadCredential= in the unit");
  }
  return Result<std::string>{boost::system::in_place_value, *directory + '/' + written};
}

SecretSource::Keeper keeper_of(const std::string& path, const Environment& environment) {
  const auto below = [&](const std::string& folder) { return !folder.empty() && path.starts_with(folder + '/'); };
  const bool climbs = path.find("/../") != std::string::npos;
  const std::string credentials = environment("CREDENTIALS_DIRECTORY").value_or("");
  const bool platform = !climbs && (below(credentials) || below("/run/secrets") || below("/var/run/secrets"));
  return platform ? SecretSource::Keeper::platform : SecretSource::Keeper::owner;
}

std::string exposure(const FileFacts& facts, unsigned self) {
  constexpr unsigned group_read = S_IRGRP;
  const bool handed_over = facts.owner == 0 && self != 0;
  const unsigned foreign = facts.mode & (S_IRWXG | S_IRWXO) & ~(handed_over ? group_read : 0U);
  if (foreign == 0) return {};
  std::array<char, 12> mode{};  // the widest unsigned in octal
  std::snprintf(mode.data(), mode.size(), "%04o", facts.mode);
  return std::string{"has mode "} + mode.data() + ", which lets others than its owner at the secret; chmod 600 it";
}

}  // namespace mentiond::config
