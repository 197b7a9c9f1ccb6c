#include "elastic/api_key.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "base/base64.h"

namespace mentiond::elastic {
namespace {

constexpr std::string_view cloud_prefix = "essu_";
constexpr std::string_view forms = "id:key, the base64 of id:key, or a Cloud key that begins with essu_";

bool printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

// One colon with something on both sides.
bool is_pair(std::string_view text) {
  const auto colon = text.find(':');
  return printable(text) && colon != std::string_view::npos && colon > 0 && colon + 1 < text.size() &&
         text.find(':', colon + 1) == std::string_view::npos;
}

Authorization header(std::string_view value) { return Authorization{"ApiKey " + std::string{value}}; }

}  // namespace

Result<Authorization> api_key_authorization(const Secret& key) {
  const std::string_view text = trim(key.reveal());
  if (text.empty()) return fail("the API key is empty; expected ", forms);
  if (!printable(text)) {
    return fail(
        "the API key holds white space, a control or a non-ASCII character (was the word ApiKey copied with it?); "
        "expected ",
        forms);
  }
  if (text.starts_with(cloud_prefix)) {
    if (text.size() == cloud_prefix.size()) return fail("nothing follows essu_ in the API key");
    return header(text);
  }
  if (text.find(':') != std::string_view::npos) {
    if (is_pair(text)) return header(base64_encode(text));
    return fail("the API key has a colon but is not id:key; expected ", forms);
  }
  const auto decoded = base64_decode(text);
  if (!decoded || base64_encode(*decoded) != text) {
    return fail("the API key is neither id:key nor valid, padded base64 (was it cut short?); expected ", forms);
  }
  if (!is_pair(*decoded)) return fail("the API key is base64, but not of id:key; expected ", forms);
  return header(text);
}

}  // namespace mentiond::elastic
