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

  SecretSource() = default;  // no secret at all
  static SecretSource inline_value(Secret value, Kind kind);
  static SecretSource file(std::string path, Kind kind);

  [[nodiscard]] bool configured() const { return origin_ != Origin::nowhere; }
  // The secret as it is now. Line ends at the end of a file are cut off. Fails for what is empty, unreadable, beyond
  // 64 KiB or of the wrong characters; the error names the file and never the value.
  [[nodiscard]] Result<Secret> read() const;
  // What an operator should know though it works, such as a file that everybody can read; empty: nothing.
  [[nodiscard]] std::string warning() const;
  // The file's path; empty for a value of the configuration.
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  enum class Origin : std::uint8_t { nowhere, configuration, file };
  Origin origin_ = Origin::nowhere;
  Kind kind_ = Kind::text;
  Secret value_;
  std::string path_;
};

// `written` where it holds a slash; else the systemd credential of that name, a file in $CREDENTIALS_DIRECTORY.
// https://systemd.io/CREDENTIALS/
Result<std::string> secret_path(const std::string& written, const Environment& environment);

}  // namespace mentiond::config
