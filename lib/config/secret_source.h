// SecretSource: where a secret comes from: the configuration itself, or a file that is read anew each time, so that a
// rotated secret needs no restart. Immutable; any thread.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "config/environment.h"

namespace mentiond::config {

class SecretSource {
 public:
  // A token goes into a header as it is: visible ASCII without blanks (RFC 6750). A text may hold anything but
  // controls.
  enum class Kind : std::uint8_t { token, text };
  // Who sees to it that nobody else reads the file: its owner, by its mode, or the platform that put it there.
  enum class Keeper : std::uint8_t { owner, platform };

  SecretSource() = default;  // no secret at all
  static SecretSource inline_value(Secret value, Kind kind);
  static SecretSource file(std::string path, Kind kind, Keeper keeper);

  [[nodiscard]] bool configured() const { return origin_ != Origin::nowhere; }
  // The secret as it is now. Line ends at the end of a file are cut off. Fails for what is empty, unreadable, beyond
  // 64 KiB, of the wrong characters or open to others; the error names the file and never the value.
  [[nodiscard]] Result<Secret> read() const;
  // The file's path; empty for a value of the configuration.
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  enum class Origin : std::uint8_t { nowhere, configuration, file };
  Origin origin_ = Origin::nowhere;
  Kind kind_ = Kind::text;
  Keeper keeper_ = Keeper::owner;
  Secret value_;
  std::string path_;
};

// `written` where it holds a slash; else the systemd credential of that name, a file in $CREDENTIALS_DIRECTORY.
// https://systemd.io/CREDENTIALS/
Result<std::string> secret_path(const std::string& written, const Environment& environment);

// The platform's are files below $CREDENTIALS_DIRECTORY (systemd), /run/secrets and /var/run/secrets (Docker, Podman,
// Kubernetes): folders that hold nothing but what was put there for this service, in modes that are not ours to choose.
SecretSource::Keeper keeper_of(const std::string& path, const Environment& environment);

struct FileFacts {
  unsigned mode = 0;  // the permission bits
  unsigned owner = 0;
};
// Why a secret's file is not kept well enough for a process of user `self`; empty: it is. Nobody but the owner may read
// or write it; where root is the owner and we are not, our group may read it: that is how root hands a file to a
// service. Pure.
std::string exposure(const FileFacts& facts, unsigned self);

}  // namespace mentiond::config
