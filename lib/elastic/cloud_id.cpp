#include "elastic/cloud_id.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/ascii.h"
#include "base/base64.h"

namespace mentiond::elastic {
namespace {

constexpr std::string_view forbidden_in_host = "#@?/\\%&<>[]\"'^`{|}";  // would end the host, or begin another

struct Part {
  std::string_view name;
  std::optional<std::uint16_t> port;
};

bool safe(std::string_view part) {
  return std::ranges::all_of(
      part, [](char c) { return c > 0x20 && c < 0x7F && forbidden_in_host.find(c) == std::string_view::npos; });
}

Result<Part> read_part(std::string_view text) {
  if (!safe(text)) return fail("the Cloud ID holds a character that no host name has; copy it again from the console");
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return Part{text, std::nullopt};
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || port == 0) {
    return fail("the Cloud ID holds the port '", digits, "'; expected 1 to 65535");
  }
  const std::string_view name = text.substr(0, colon);
  if (name.find(':') != std::string_view::npos) return fail("the Cloud ID holds a part with two ports");
  return Part{name, port};
}

// The text up to the next '$', taken off the front of `rest`.
std::string_view take_part(std::string_view& rest) {
  const auto dollar = rest.find('$');
  const std::string_view part = rest.substr(0, dollar);
  rest.remove_prefix(dollar == std::string_view::npos ? rest.size() : dollar + 1);
  return part;
}

}  // namespace

Result<std::string> decode_cloud_id(std::string_view cloud_id) {
  std::string_view text = trim(cloud_id);
  if (const auto colon = text.rfind(':'); colon != std::string_view::npos) text = trim(text.substr(colon + 1));
  if (text.empty()) return fail("the Cloud ID is empty; expected label:base64 as the Elastic Cloud console shows it");
  const auto decoded = base64_decode(text);
  if (!decoded) {
    return fail("the Cloud ID is not base64 behind its last colon (was it cut short?); copy it again from the console");
  }
  std::string_view rest = *decoded;
  const auto host = read_part(take_part(rest));
  if (!host) return host.error();
  const auto cluster = read_part(take_part(rest));
  if (!cluster) return cluster.error();
  if (host->name.empty()) return fail("the Cloud ID names no host");
  if (cluster->name.empty()) return fail("the Cloud ID names no Elasticsearch cluster");
  // Kibana and whatever follows is not used, but a Cloud ID that hides something there is not one.
  while (!rest.empty()) {
    if (const auto other = read_part(take_part(rest)); !other) return other.error();
  }
  const std::uint16_t port = cluster->port.value_or(host->port.value_or(default_cloud_port));
  std::string address = "https://";
  address.append(cluster->name).append(".").append(host->name).append(":").append(std::to_string(port));
  return Result<std::string>{boost::system::in_place_value, std::move(address)};
}

}  // namespace mentiond::elastic
