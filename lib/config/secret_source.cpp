#include "config/secret_source.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

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

}  // namespace

SecretSource SecretSource::inline_value(Secret value, Kind kind) {
  SecretSource source;
  source.origin_ = Origin::configuration;
  source.kind_ = kind;
  source.value_ = std::move(value);
  return source;
}

SecretSource SecretSource::file(std::string path, Kind kind) {
  SecretSource source;
  source.origin_ = Origin::file;
  source.kind_ = kind;
  source.path_ = std::move(path);
  return source;
}

Result<Secret> SecretSource::read() const {
  if (origin_ == Origin::nowhere) return fail("no secret is configured");
  if (origin_ == Origin::configuration) return checked(value_.reveal(), kind_);
  std::ifstream in{path_, std::ios::binary};
  std::string value(max_secret_bytes + 1, '\0');
  in.read(value.data(), static_cast<std::streamsize>(value.size()));
  // A folder opens and then fails to be read.
  if (in.bad() || (in.fail() && !in.eof())) {
    return fail(path_, " cannot be read; expected a file that mentiond's user may read");
  }
  value.resize(static_cast<std::size_t>(in.gcount()));
  if (value.size() > max_secret_bytes) return fail(path_, " holds more than 64 KiB; expected a secret alone");
  value.erase(value.find_last_not_of("\r\n") + 1);
  auto secret = checked(std::move(value), kind_);
  if (!secret) return fail(path_, " ", secret.error().message);
  return secret;
}

std::string SecretSource::warning() const {
  if (origin_ != Origin::file) return {};
  std::error_code error;
  const auto permissions = std::filesystem::status(path_, error).permissions();
  if (error || (permissions & std::filesystem::perms::others_read) == std::filesystem::perms::none) return {};
  return path_ + " can be read by everybody on this machine; chmod 600 it";
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

}  // namespace mentiond::config
